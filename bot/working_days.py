"""Say on which days people are at work: public holidays of countries, and an alliance's own dates.

The dates come from the library `holidays` (https://holidays.readthedocs.io). It is loaded when a country is first asked
about, and never for an alliance that names none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.model.alliance import Alliance, Side

SATURDAY_AND_SUNDAY = frozenset({5, 6})
OWN_DATE = "own date"
"""Names a holiday that the alliance itself declares."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar of people in some countries; without any, a week ends on Saturday and Sunday."""

    countries: tuple[str, ...] = ()
    """ISO 3166 codes: `DE`, or with a subdivision `DE-HE`."""
    own: frozenset[date] = frozenset()

    def find_holiday(self, day: date) -> str | None:
        """Return the name of a holiday in any of the countries, or None."""
        if day in self.own:
            return OWN_DATE
        found = (_list_holidays(country, day.year).get(day) for country in self.countries)
        return next(filter(None, found), None)

    def is_weekend(self, day: date) -> bool:
        weekends = [_find_weekend(country) for country in self.countries] or [SATURDAY_AND_SUNDAY]
        return any(day.weekday() in weekend for weekend in weekends)

    def is_working_day(self, day: date) -> bool:
        return not self.is_weekend(day) and self.find_holiday(day) is None


def find_working_days(alliance: Alliance, sides: Iterable[Side] = tuple(Side)) -> WorkingDays:
    """Return the common calendar of these sides; the alliance's own dates count for both."""
    countries = {country: None for side in sides for country in alliance.organisation(side).country}
    return WorkingDays(tuple(countries), alliance.holidays)


def check_country(code: str) -> str:
    """Return the code. Raises ValueError for a country or subdivision whose holidays are not known."""
    import holidays

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValueError(f"{code!r} is no country whose holidays are known; write for example DE or DE-HE")
    if "-" in code and part not in known[country]:
        raise ValueError(f"{code!r}: {country} has {', '.join(known[country]) or 'no parts of its own'}")
    return code


def find_library_version() -> str:
    """Return the version of the library that the dates come from."""
    from importlib.metadata import version

    return version("holidays")


@lru_cache(maxsize=256)
def _list_holidays(country: str, year: int) -> Mapping[date, str]:
    import holidays

    code, _, part = country.partition("-")
    return dict(holidays.country_holidays(code, subdiv=part or None, years=year, expand=False))


@lru_cache(maxsize=64)
def _find_weekend(country: str) -> frozenset[int]:
    import holidays

    code, _, part = country.partition("-")
    return frozenset(holidays.country_holidays(code, subdiv=part or None).weekend)

"""The privacy gate, second half: a number as people may see it. Only what was released can become one."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date
from math import floor, sqrt
from typing import Final, Literal

from bot.model.cards import Point
from bot.model.closing import Direction, Release
from bot.scoring.scores import DIMENSION_SD, PRIOR_DF, SIDE_SD, AllianceScore, Estimate, clipped
from bot.scoring.t_quantile import quantile

HELD_ROUNDS = 8
"""Rounds for which the last released number stays on show."""
LOWEST, HIGHEST = 10, 90
"""Values beyond are only said to be there: a near-unanimous group is not shown to be one."""
NOT_ENOUGH = "not enough answers"
NOT_ENOUGH_BOTH = "not enough answers on both sides"
NOT_SHARED = "not shared under the charter"
POOLED = "both sides are pooled in this alliance"


class _Seal:
    """Only this module has one."""


_SEAL: Final = _Seal()


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that passed the gate, or the reason why there is none. Cannot be made anywhere else."""

    state: Literal["fresh", "held", "hidden"]
    """Released by the newest closing, by an earlier one, or not to be seen."""
    text: str
    """`74`, `≤10`, `≥90`, a gap with its sign; `–` where hidden."""
    interval: str = ""
    """95 % interval, `62–86`."""
    band: str = ""
    """How many people, as a band: `5–9`."""
    reason: str = ""
    """Why it is hidden, or held."""
    as_of: date | None = None
    """Local date of the round that released it."""
    point: Point | None = None
    """The value where a chart draws it: whole, within 10 … 90 (gaps −80 … 80)."""
    seal: InitVar[_Seal] = field(kw_only=True)

    def __post_init__(self, seal: _Seal) -> None:
        if seal is not _SEAL:
            raise TypeError("a number is shown by the privacy gate only: take it from a Board")


def hidden(reason: str) -> Shown:
    return Shown("hidden", "–", reason=reason, seal=_SEAL)


def cell(release: Release | None, round: int, reason: str = NOT_ENOUGH) -> Shown:
    """One side's dimension as last released, if that is not more than 8 rounds ago."""
    if release is None:
        return hidden(reason)
    one = released(release)
    return _value(one.mean, one.half(), (release,), round, band_text(release.band))


def side_score(
    releases: Sequence[Release], round: int, weights: Mapping[str, float], reason: str = NOT_ENOUGH
) -> Shown:
    """A side's score: the weighted mean of its dimensions on show."""
    if not releases:
        return hidden(reason)
    one = side_estimate(releases, weights)
    return _value(one.mean, one.half(), releases, round, band_text(one.n))


def combined(value: float, half: float | None, releases: Sequence[Release], round: int) -> Shown:
    """Something of both sides, from the releases it rests on; hidden from everyone without any."""
    return _value(value, half, releases, round, "") if releases else hidden(NOT_ENOUGH_BOTH)


def gap(sponsor: Estimate, cro: Estimate, releases: Sequence[Release], round: int) -> Shown:
    """Sponsor minus CRO in points; where a side is beyond 10 … 90, about how much, from the limits."""
    bounded = _within(sponsor.mean) - _within(cro.mean)
    about = bounded != sponsor.mean - cro.mean
    half = quantile(0.975, min(sponsor.df, cro.df)) * sqrt(sponsor.se**2 + cro.se**2)
    point = half_up(bounded)
    return Shown(
        *_age(releases, round),
        text=("about " if about else "") + signed(point),
        interval=f"{signed(half_up(bounded - half))} to {signed(half_up(bounded + half))}",
        as_of=max(one.slot for one in releases),
        point=Point(point),
        reason=_held_reason(releases, round),
        seal=_SEAL,
    )


def favourable(release: Release | None) -> str:
    """Percent favourable of the own side, `70 % (40–89)`; empty where it is not to be seen."""
    if release is None or release.favourable is None:
        return ""
    share, low, high = release.favourable
    return f"{bounded_text(share)} % ({low}–{high})"


def word(whole: AllianceScore) -> str:
    """strong ≥ 75, sound ≥ 60, strained ≥ 45, else poor; with "about" where the half-width is above 12."""
    value = half_up(whole.alignment)
    name = "strong" if value >= 75 else "sound" if value >= 60 else "strained" if value >= 45 else "poor"
    return name if whole.half() <= 12 else f"about {name}"


def direction(change: float, se: float, df: int) -> Direction:
    """Where a change goes if its 90 % interval leaves out 0."""
    half = quantile(0.95, df) * se
    return "down" if change + half < 0 else "up" if change - half > 0 else "no clear change"


def released(release: Release) -> Estimate:
    """A cell with the spread that is shown: s = s₀ and the lower bound of the band as n."""
    return prior_estimate(release.value, release.band, DIMENSION_SD)


def side_estimate(releases: Sequence[Release], weights: Mapping[str, float]) -> Estimate:
    """A side over its released dimensions, with their weights.

    n is the highest of their bands: certainly no more people than have answered any of them.
    """
    total = sum(weights[one.cell.dimension] for one in releases)
    mean = sum(weights[one.cell.dimension] * one.value for one in releases) / total
    return prior_estimate(mean, max(one.band for one in releases), SIDE_SD)


def prior_estimate(mean: float, people: int, sd: float) -> Estimate:
    return Estimate(people, mean, sd / sqrt(people), PRIOR_DF + people - 1)


def band_text(people: int) -> str:
    """`5–9`, `10–19` or `20+`; `under 5` where that is all that may be said."""
    return "20+" if people >= 20 else "10–19" if people >= 10 else "5–9" if people >= 5 else "under 5"


def turnout(people: int) -> Literal[0, 1, 5, 10, 20]:
    """How many answered, as may be said to everybody: the lower bound of nobody, 1–4, 5–9, 10–19, 20 and more."""
    return 20 if people >= 20 else 10 if people >= 10 else 5 if people >= 5 else 1 if people else 0


def response_rate(answered: int, invited: int) -> str:
    """Share who answered, as `tenths`; empty for fewer than 5 invited."""
    return tenths(answered / invited) if invited >= 5 else ""


def tenths(share: float) -> str:
    """A share to the nearest 10 %: `about 60 %`; never that it was everybody, or nobody."""
    tenth = half_up(10 * share)
    return "10 % or less" if tenth <= 1 else "90 % or more" if tenth >= 9 else f"about {10 * tenth} %"


def half_up(value: float) -> int:
    """The nearest whole number, halves upwards."""
    return floor(value + 0.5)


def signed(value: int) -> str:
    """`+7`, `0`, `−7`."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def bounded_text(value: int) -> str:
    """`≤10` and `≥90` at and beyond the limits."""
    return f"≤{LOWEST}" if value <= LOWEST else f"≥{HIGHEST}" if value >= HIGHEST else str(value)


def _value(value: float, half: float | None, releases: Sequence[Release], round: int, band: str) -> Shown:
    return Shown(
        *_age(releases, round),
        text=bounded_text(half_up(value)),
        interval="" if half is None else _interval(value, half),
        band=band,
        reason=_held_reason(releases, round),
        as_of=max(one.slot for one in releases),
        point=Point(half_up(_within(value))),
        seal=_SEAL,
    )


def _interval(value: float, half: float) -> str:
    """Laid around the value as shown, so that its ends do not betray one beyond 10 … 90."""
    low, high = clipped(_within(value), half)
    return f"{half_up(low)}–{half_up(high)}"


def _age(releases: Sequence[Release], round: int) -> tuple[Literal["fresh", "held"]]:
    return ("fresh",) if any(one.round == round for one in releases) else ("held",)


def _held_reason(releases: Sequence[Release], round: int) -> str:
    return "" if _age(releases, round) == ("fresh",) else "no new number since"


def _within(value: float) -> float:
    return min(float(HIGHEST), max(float(LOWEST), value))

"""Put what people may see into rows and figures for programs."""

from datetime import date

from bot.model.alliance import Alliance
from bot.privacy.published import Shown
from bot.privacy.views import Headline, LeadView

EXPORT_COLUMNS = ("alliance", "date", "side", "dimension", "state", "value", "range", "people", "reason")
"""The keys of a row of `to_rows`, in the order of an export."""


def to_figures(headline: Headline) -> dict[str, object]:
    """Return the member's view for programs: numbers as shown, reasons if withheld."""
    numbers = {"alignment": headline.alignment, "level": headline.level, "agreement": headline.agreement}
    return {
        **{name: _to_figure(number) for name, number in numbers.items()},
        "word": headline.word,
        "arrow": headline.arrow,
        "quarter": headline.quarter,
    }


def to_rows(alliance: Alliance, when: date, view: LeadView) -> tuple[dict[str, object], ...]:
    """Return what both sides' leads may see of one closing, as rows of a table."""
    headline = view.headline
    both = [("alignment", headline.alignment), ("level", headline.level), ("agreement", headline.agreement)]
    cells = [("both", name, item) for name, item in both]
    for comparison in (*view.comparisons, *view.mirrors):
        if comparison.gap.state != "hidden":
            cells += [
                ("sponsor", comparison.dimension, comparison.sponsor),
                ("cro", comparison.dimension, comparison.cro),
            ]
    return tuple(
        {
            "alliance": alliance.key,
            "date": when.isoformat(),
            "side": side,
            "dimension": name,
            "state": shown.state,
            "value": shown.text if shown.state != "hidden" else "",
            "range": shown.interval,
            "people": shown.band,
            "reason": shown.reason,
        }
        for side, name, shown in cells
    )


def _to_figure(shown: Shown) -> dict[str, object]:
    return {
        "state": shown.state,
        "value": shown.text if shown.state != "hidden" else None,
        "interval": shown.interval,
        "people": shown.band,
        "reason": shown.reason,
        "as_of": shown.as_of.isoformat() if shown.as_of else None,
    }

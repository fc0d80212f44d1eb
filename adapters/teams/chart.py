"""A trend as Teams' own line chart, and as text bars where there is none.

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from collections.abc import Sequence

from adapters.teams.actor import Json
from adapters.teams.words import cut
from bot.cards import Series, Trend, bars

_LINES, _POINTS, _NAME, _TEXT = 8, 120, 80, 4000


def chart(trend: Trend) -> Json:
    """The newest points of each line; text where nothing is shown or it cannot be drawn."""
    lines = [_line(one, trend.labels) for one in trend.series[:_LINES]]
    drawn = [one for one in lines if one["values"]]
    if not drawn:
        return _text(trend)
    return {
        "type": "Chart.Line",
        "title": cut(trend.title, _NAME),
        "yAxisTitle": "0 to 100",
        "data": drawn,
        "fallback": _text(trend),
    }


def _line(line: Series, labels: Sequence[str]) -> Json:
    shown = [
        {"x": cut(label, _NAME) or "…", "y": round(value, 1)}
        for label, value in zip(labels, line.values, strict=False)
        if value is not None
    ]
    return {"legend": cut(line.name, _NAME), "values": shown[-_POINTS:]}


def _text(trend: Trend) -> Json:
    span = f" ({trend.labels[0]} – {trend.labels[-1]})" if trend.labels else ""
    width = max((len(line.name) for line in trend.series), default=0)
    lines = [f"{line.name:<{width}} {bars(line)} {_newest(line.values)}" for line in trend.series[:_LINES]]
    words = cut("\n".join([trend.title + span, *lines]), _TEXT) or "…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, "fontType": "Monospace"}]}


def _newest(values: Sequence[float | None]) -> str:
    return next((f"{value:.0f}" for value in reversed(values) if value is not None), "")

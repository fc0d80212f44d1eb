"""A trend as Teams' own line chart, and as text bars where there is none.

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from collections.abc import Sequence

from adapters.teams.escape import cut
from adapters.teams.identity import Json
from bot.model.cards import Series, Trend, drawn

_LINES, _POINTS, _NAME, _TEXT = 8, 120, 80, 4000


def chart(trend: Trend) -> Json:
    """The newest points of each line; text where nothing is shown or it cannot be drawn."""
    lines = [_line(one, trend.labels) for one in trend.series[:_LINES]]
    shown = [one for one in lines if one["values"]]
    if not shown:
        return _text(trend)
    return {
        "type": "Chart.Line",
        "title": cut(trend.title, _NAME),
        "yAxisTitle": "0 to 100",
        "data": shown,
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
    words = cut(drawn(trend), _TEXT) or "…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, "fontType": "Monospace"}]}

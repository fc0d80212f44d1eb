"""Render a trend as Teams' own line chart, with text bars as its fallback.

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from collections.abc import Sequence

from adapters.teams.escape import escape_and_cut
from adapters.teams.identity import Json
from bot.model.cards import Series, Trend, draw_trend

_LINES, _POINTS, _NAME, _TEXT = 8, 120, 80, 4000
_CROWDED = 12
"""Points from which on Teams draws labels over each other. An axis of time names as many days as fit:
https://adaptivecards.microsoft.com/?topic=LineChartValue"""


def render_line_chart(trend: Trend) -> Json:
    """Return a chart of the newest points of each line, or text where no line has a point.

    Older clients show the fallback text.
    """
    places = trend.days if len(trend.labels) >= _CROWDED and trend.days else trend.labels
    lines = [_render_line(series, places) for series in trend.series[:_LINES]]
    shown = [line for line in lines if line["values"]]
    if not shown:
        return _render_fallback(trend)
    return {
        "type": "Chart.Line",
        "title": escape_and_cut(trend.title, _NAME) or "…",
        "showTitle": True,
        "yAxisTitle": "0 to 100",
        "yMin": 0,
        "yMax": 100,
        "data": shown,
        "fallback": _render_fallback(trend),
    }


def _render_line(line: Series, places: Sequence[str]) -> Json:
    shown = [
        {"x": escape_and_cut(place, _NAME) or "…", "y": round(value, 1)}
        for place, value in zip(places, line.values, strict=False)
        if value is not None
    ]
    return {"legend": escape_and_cut(line.name, _NAME), "values": shown[-_POINTS:]}


def _render_fallback(trend: Trend) -> Json:
    words = escape_and_cut(draw_trend(trend), _TEXT) or "…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, "fontType": "Monospace"}]}

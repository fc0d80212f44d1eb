"""Render a trend as Teams' own line chart, with text bars as its fallback.

https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from collections.abc import Sequence

from adapters.teams.escape import escape_and_cut
from adapters.teams.identity import Json
from bot.model.cards import Series, Trend, draw_trend

_LINES, _POINTS, _NAME, _TEXT = 8, 120, 80, 4000


def render_line_chart(trend: Trend) -> Json:
    """Return a chart of the newest points of each line, or text where no line has a point.

    Older clients show the fallback text.
    """
    lines = [_render_line(series, trend.labels) for series in trend.series[:_LINES]]
    shown = [line for line in lines if line["values"]]
    if not shown:
        return _render_fallback(trend)
    return {
        "type": "Chart.Line",
        "title": escape_and_cut(trend.title, _NAME),
        "yAxisTitle": "0 to 100",
        "data": shown,
        "fallback": _render_fallback(trend),
    }


def _render_line(line: Series, labels: Sequence[str]) -> Json:
    shown = [
        {"x": escape_and_cut(label, _NAME) or "…", "y": round(value, 1)}
        for label, value in zip(labels, line.values, strict=False)
        if value is not None
    ]
    return {"legend": escape_and_cut(line.name, _NAME), "values": shown[-_POINTS:]}


def _render_fallback(trend: Trend) -> Json:
    words = escape_and_cut(draw_trend(trend), _TEXT) or "…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, "fontType": "Monospace"}]}

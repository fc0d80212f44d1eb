"""Draw a trend as Slack's own line chart, where its rules allow.

https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block: one to six lines, at most twenty points,
and a number at every point of every line. slack_sdk does not know the block.
"""

from typing import Any, TypeAlias

from adapters.shared.text import shorten_text
from bot.model.cards import Series, Trend

Json: TypeAlias = dict[str, Any]

MAX_CHARTS = 2
"""Charts in one message."""
_LINES, _POINTS, _NAME, _TITLE = 6, 20, 20, 50


def build_line_chart(trend: Trend) -> Json | None:
    """Build a chart of the newest points at which every line has a number.

    Returns None where fewer than two such points are left, or where shortened names are no longer unique.
    """
    known = [
        place for place in range(len(trend.labels)) if all(_has_value(line, place) for line in trend.series)
    ]
    known = known[-_POINTS:]
    labels = [shorten_text(trend.labels[place], _NAME) for place in known]
    names = [shorten_text(line.name, _NAME) for line in trend.series]
    if len(known) < 2 or not 1 <= len(names) <= _LINES or not _is_distinct(labels) or not _is_distinct(names):
        return None
    lines = zip(names, trend.series, strict=True)
    return {
        "type": "data_visualization",
        "title": shorten_text(trend.title, _TITLE) or "Trend",
        "chart": {
            "type": "line",
            "series": [{"name": name, "data": _build_points(line, known, labels)} for name, line in lines],
            "axis_config": {"categories": labels},
        },
    }


def _has_value(line: Series, place: int) -> bool:
    return place < len(line.values) and line.values[place] is not None


def _build_points(line: Series, known: list[int], labels: list[str]) -> list[Json]:
    values = [line.values[place] for place in known]
    return [
        {"label": label, "value": round(value, 1)}
        for label, value in zip(labels, values, strict=True)
        if value is not None
    ]


def _is_distinct(names: list[str]) -> bool:
    return all(names) and len(set(names)) == len(names)

"""Lay out a trend as lines in a fixed frame, and describe it in words. Pure geometry."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.model.cards import Series, Trend

WIDTH, HEIGHT = 560, 180
"""Size of the drawing in SVG user units."""
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 10, 24
"""Margins around the plot; the left one has room for “100” in the large type of a small screen."""


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Hold one series: unbroken stretches as SVG point lists, every shown point, and a summary in words."""

    name: str
    stretches: tuple[str, ...]
    points: tuple[Point, ...]
    words: str


@dataclass(frozen=True, slots=True)
class ChartLayout:
    title: str
    curves: tuple[Curve, ...]
    grid: tuple[tuple[int, float], ...]
    """(value, y) of the horizontal lines from 0 to 100."""
    ticks: tuple[tuple[str, float], ...]
    """(label, x): at most six, including the first and the last."""


def lay_out_chart(trend: Trend) -> ChartLayout:
    """Return the positions of all points, grid lines and labels of a trend."""
    count = len(trend.labels)
    step = max(1, -(-(count - 1) // 5)) if count > 1 else 1
    marked = [at for at in range(count) if at % step == 0 and count - 1 - at >= step] + [count - 1]
    return ChartLayout(
        trend.title,
        tuple(_lay_out_curve(series, count) for series in trend.series),
        tuple((value, _scale_y(value)) for value in (0, 25, 50, 75, 100)),
        tuple((trend.labels[at], _scale_x(at, count)) for at in marked if at >= 0),
    )


def describe_series(series: Series) -> str:
    """Return a summary such as “Sponsor: from 72 to 64, lowest 60, highest 75; 2 not shown”."""
    known = [value for value in series.values if value is not None]
    if not known:
        return f"{series.name}: nothing shown"
    hidden = len(series.values) - len(known)
    tail = f"; {hidden} not shown" if hidden else ""
    return (
        f"{series.name}: from {known[0]:.0f} to {known[-1]:.0f}, "
        f"lowest {min(known):.0f}, highest {max(known):.0f}{tail}"
    )


def _lay_out_curve(series: Series, count: int) -> Curve:
    stretches = tuple(_split_at_gaps(series, count))
    drawn = tuple(" ".join(f"{at.x},{at.y}" for at in stretch) for stretch in stretches)
    return Curve(
        series.name, drawn, tuple(at for stretch in stretches for at in stretch), describe_series(series)
    )


def _split_at_gaps(series: Series, count: int) -> Iterator[tuple[Point, ...]]:
    numbered = enumerate(series.values[:count])
    for shown, stretch in groupby(numbered, key=lambda pair: pair[1] is not None):
        if shown:
            yield tuple(
                Point(_scale_x(at, count), _scale_y(value)) for at, value in stretch if value is not None
            )


def _scale_x(at: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return round(LEFT + (room / 2 if count < 2 else room * at / (count - 1)), 1)


def _scale_y(value: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(TOP + room * (1 - min(100.0, max(0.0, value)) / 100), 1)

"""A trend as lines in a fixed frame: where each point stands, and the same in words. Pure geometry."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.model.cards import Series, Trend

WIDTH, HEIGHT = 560, 180
"""Of the drawing, in SVG user units."""
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 10, 24
"""Margins around the plotted area; at the left there is room for “100” in the large type of a small screen."""


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: unbroken stretches as SVG point lists, and every shown point."""

    name: str
    stretches: tuple[str, ...]
    points: tuple[Point, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    curves: tuple[Curve, ...]
    grid: tuple[tuple[int, float], ...]
    """(value, y) of the horizontal lines: the whole scale, 0 … 100."""
    ticks: tuple[tuple[str, float], ...]
    """(label, x): at most six, first and last among them."""


def chart(trend: Trend) -> Chart:
    count = len(trend.labels)
    step = max(1, -(-(count - 1) // 5)) if count > 1 else 1
    marked = [at for at in range(count) if at % step == 0 and count - 1 - at >= step] + [count - 1]
    return Chart(
        trend.title,
        tuple(_curve(series, count) for series in trend.series),
        tuple((value, _y(value)) for value in (0, 25, 50, 75, 100)),
        tuple((trend.labels[at], _x(at, count)) for at in marked if at >= 0),
    )


def words(series: Series) -> str:
    """Sponsor: from 72 to 64, lowest 60, highest 75; 2 not shown."""
    known = [value for value in series.values if value is not None]
    if not known:
        return f"{series.name}: nothing shown"
    hidden = len(series.values) - len(known)
    tail = f"; {hidden} not shown" if hidden else ""
    return (
        f"{series.name}: from {known[0]:.0f} to {known[-1]:.0f}, "
        f"lowest {min(known):.0f}, highest {max(known):.0f}{tail}"
    )


def _curve(series: Series, count: int) -> Curve:
    stretches = tuple(_stretches(series, count))
    drawn = tuple(" ".join(f"{at.x},{at.y}" for at in stretch) for stretch in stretches)
    return Curve(series.name, drawn, tuple(at for stretch in stretches for at in stretch), words(series))


def _stretches(series: Series, count: int) -> Iterator[tuple[Point, ...]]:
    numbered = enumerate(series.values[:count])
    for shown, stretch in groupby(numbered, key=lambda pair: pair[1] is not None):
        if shown:
            yield tuple(Point(_x(at, count), _y(value)) for at, value in stretch if value is not None)


def _x(at: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return round(LEFT + (room / 2 if count < 2 else room * at / (count - 1)), 1)


def _y(value: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(TOP + room * (1 - min(100.0, max(0.0, value)) / 100), 1)

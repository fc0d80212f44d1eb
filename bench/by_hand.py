"""The numbers of the story worked out by hand: from clicks to what may be shown, straight from docs/scoring.md.

Shares no code with the bot: what the two agree on was computed twice. Only core questions count here, no answer is
reverse-keyed, and a dimension is named like its one question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, floor, lgamma, log, log1p, pi, sqrt

CORE = ("vision", "practice", "communication", "collaboration", "trust", "value", "roles", "change")
SIDES = ("sponsor", "cro")
MINIMUM = 5
"""People besides leads that a released number rests on."""
MEMORY = 8
"""Rounds after which an answer expires unshown, and a number is no longer held."""


@dataclass(frozen=True, slots=True)
class Number:
    """A released mean."""

    round: int
    mean: float
    band: int


@dataclass(slots=True)
class Ledger:
    """Hold the clicks, and the numbers that the closings made of them."""

    leads: frozenset[str]
    waiting: dict[tuple[str, str], dict[tuple[str, int], int]] = field(default_factory=dict)
    """(side, dimension) → (person, round) → 1 … 5, not yet counted in a number."""
    numbers: dict[tuple[str, str], list[Number]] = field(default_factory=dict)

    def click(self, side: str, person: str, round_index: int, dimension: str, value: int | None) -> None:
        """The last click counts; "can't judge" takes an answer back."""
        cell = self.waiting.setdefault((side, dimension), {})
        if value is None:
            cell.pop((person, round_index), None)
        else:
            cell[person, round_index] = value

    def close(self, round_index: int) -> None:
        """Release what enough people stand behind."""
        for cell, answers in self.waiting.items():
            recent = {key: value for key, value in answers.items() if key[1] > round_index - MEMORY}
            newest = {
                person: value for (person, _), value in sorted(recent.items(), key=lambda one: one[0][1])
            }
            people = len(newest.keys() - self.leads)
            if people >= MINIMUM:
                mean = sum(25 * (value - 1) for value in newest.values()) / len(newest)
                self.numbers.setdefault(cell, []).append(Number(round_index, mean, band(people)))
                for key in recent:
                    del answers[key]

    def shown(self, round_index: int) -> dict[tuple[str, str], Number]:
        """The newest number of each cell, unless it is too old."""
        return {
            cell: newest[-1]
            for cell, all_of_them in self.numbers.items()
            if (newest := [item for item in all_of_them if round_index - MEMORY <= item.round <= round_index])
        }

    def headline(self, round_index: int) -> dict[str, str]:
        """Return the figures of `pulse score --json`: value and interval of each number, and the arrow."""
        cells = self.shown(round_index)
        both = {
            d: (cells["sponsor", d], cells["cro", d]) for d in CORE if all((s, d) in cells for s in SIDES)
        }
        alignment, half, level, agreement = whole(both)
        return {
            "alignment": bounded(alignment),
            "interval": interval(alignment, half),
            "level": bounded(level),
            "agreement": bounded(agreement),
            "arrow": self._arrow(both),
        }

    def _arrow(self, both: Mapping[str, tuple[Number, Number]]) -> str:
        """Against what was released four rounds earlier or more, where all of it can be compared."""
        then = {
            d: tuple(self._before(side, d, now) for side, now in zip(SIDES, pair, strict=True))
            for d, pair in both.items()
        }
        old = {d: (s, c) for d, (s, c) in then.items() if s and c}
        now = {d: both[d] for d in old}
        if not old:
            return "nothing to compare"
        ns = [min(max(item[d][i].band for d in old) for item in (now, old)) for i in (0, 1)]
        se = [18 / sqrt(n) for n in ns]
        omega = mean_of(
            [1.0 if s.mean < c.mean else 0.5 if s.mean == c.mean else 0.0 for s, c in now.values()]
        )
        spread = sqrt((omega * se[0]) ** 2 + ((1 - omega) * se[1]) ** 2) * t(0.95, 3 + min(ns))
        change = whole(now)[0] - whole(old)[0]
        return "down" if change < -spread else "up" if change > spread else "no clear change"

    def _before(self, side: str, dimension: str, now: Number) -> Number | None:
        old = [number for number in self.numbers[side, dimension] if number.round <= now.round - 4]
        return old[-1] if old else None


def whole(both: Mapping[str, tuple[Number, Number]]) -> tuple[float, float, float, float]:
    """Alignment, half its interval, level and agreement, with the prior spread and the bands as numbers of people."""
    gaps = [s.mean - c.mean for s, c in both.values()]
    noise = mean_of([24**2 / s.band + 24**2 / c.band for s, c in both.values()])
    squared = mean_of([gap**2 for gap in gaps])
    credible = sqrt(max(0.0, 1 - noise / squared)) if squared else 0.0
    level = mean_of([(s.mean + c.mean) / 2 for s, c in both.values()])
    gap = mean_of([abs(gap_) for gap_ in gaps])
    people = [max(pair[i].band for pair in both.values()) for i in (0, 1)]
    omega = mean_of([1.0 if gap_ < 0 else 0.5 if gap_ == 0 else 0.0 for gap_ in gaps])
    sides = (omega * 18 / sqrt(people[0])) ** 2 + ((1 - omega) * 18 / sqrt(people[1])) ** 2
    se = sqrt(sides + credible * (1 - credible) * gap**2 / 8)
    half = t(0.975, 3 + min(people)) * se
    return level - credible * gap / 2, half, level, 100 - credible * gap


def mean_of(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def band(people: int) -> int:
    return 20 if people >= 20 else 10 if people >= 10 else 5


def half_up(value: float) -> int:
    return floor(value + 0.5)


def bounded(value: float) -> str:
    whole_number = half_up(value)
    return "≤10" if whole_number <= 10 else "≥90" if whole_number >= 90 else str(whole_number)


def interval(value: float, half: float) -> str:
    centre = min(90.0, max(10.0, value))
    return f"{half_up(max(0.0, centre - half))}–{half_up(min(100.0, centre + half))}"


def t(p: float, df: int) -> float:
    """The quantile of Student's t, by bisection on the integral of its density."""
    low, high = 0.0, 50.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 + _integral(middle, df) < p else (low, middle)
    return low


def _integral(to: float, df: int, steps: int = 400) -> float:
    """Of the density from 0 (Simpson's rule)."""
    width = to / steps
    ordinates = [_density(place * width, df) for place in range(steps + 1)]
    return (
        width / 3 * (ordinates[0] + ordinates[-1] + 4 * sum(ordinates[1:-1:2]) + 2 * sum(ordinates[2:-1:2]))
    )


def _density(x: float, df: int) -> float:
    scale = lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * pi) / 2
    return exp(scale - (df + 1) / 2 * log1p(x * x / df))

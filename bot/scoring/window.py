"""Score the window of the last rounds: from answers to person values, and from those to scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.model.alliance import Side
from bot.model.closing import Direction
from bot.scoring import scores
from bot.scoring.answer_matrix import Columns, Floats, History, find_current, scale_answers
from bot.scoring.scores import AllianceScore, Estimate

WINDOW = 4
"""Posted rounds that a score looks back on, holidays included."""
NOT_ENOUGH = "no dimension with enough people on both sides"


@dataclass(frozen=True, slots=True)
class WindowScore:
    """Scores of a window of answers, never to be shown to anyone but who holds the answers."""

    sides: Mapping[Side, Estimate | None]
    dimensions: Mapping[Side, Mapping[str, Estimate]]
    alliance: AllianceScore | None
    """None: see NOT_ENOUGH."""


@dataclass(frozen=True, slots=True)
class PairedChange:
    """The same people's change between two windows, −100 … 100, with its 90 % interval."""

    estimate: Estimate
    composition: float
    """What is left of the side's raw change: people who came, went or fell silent."""

    @property
    def interval(self) -> tuple[float, float]:
        half = self.estimate.half_width(0.90)
        return self.estimate.mean - half, self.estimate.mean + half

    @property
    def verdict(self) -> Direction:
        low, high = self.interval
        return "down" if high < 0 else "up" if low > 0 else "no clear change"


def side_values(history: History, rounds: int = WINDOW) -> Mapping[Side, Floats]:
    """Return both sides' person values over the core dimensions."""
    dimensions = core_dimensions(history)
    return {side: person_values(history, side, dimensions, rounds) for side in Side}


def score_values(
    sponsor: Floats,
    cro: Floats,
    dimensions: Sequence[str],
    minimum: int,
    weights: Mapping[str, float] | None = None,
) -> WindowScore:
    """Score person values, people × dimensions, 0 … 100, NaN where not answered."""
    values = {Side.SPONSOR: sponsor, Side.CRO: cro}
    weight = {d: (weights or {}).get(d, 1.0) for d in dimensions}
    cells = {side: scores.estimate_cells(values[side], dimensions, minimum) for side in Side}
    shared = cells[Side.SPONSOR].keys() & cells[Side.CRO].keys()
    sides = {side: _score_side(values[side], dimensions, set(cells[side]), weight) for side in Side}
    over = {
        side: sides[side]
        if set(cells[side]) == shared
        else _score_side(values[side], dimensions, shared, weight)
        for side in Side
    }
    both = {side: estimate for side, estimate in over.items() if estimate}
    whole = len(both) == 2 and scores.score_alliance(cells[Side.SPONSOR], cells[Side.CRO], both, weight)
    return WindowScore(sides, cells, whole or None)


def core_dimensions(history: History) -> tuple[str, ...]:
    """Return the dimensions of the core items, in alphabetical order."""
    return tuple(sorted({item.dimension for item in history.items if item.kind == "core"}))


def person_values(history: History, side: Side, dimensions: Sequence[str], rounds: int = WINDOW) -> Floats:
    """Return people × dimensions: the mean over a person's items of that dimension, each with its latest answer."""
    recent = history.list_recent(rounds)
    columns = history.sides[side]
    rows = columns.find_rows(recent[0].index, recent[-1].index)
    places = [
        i for i in sorted(find_current(recent, history.items)) if history.items[i].dimension in dimensions
    ]
    core = [i for i in places if history.items[i].kind == "core"]
    latest = _find_latest(columns, rows, len(history.items))[:, core]
    member = np.array([[history.items[i].dimension == d for d in dimensions] for i in core], dtype=float)
    there = ~np.isnan(latest)
    counts = there @ member.reshape(len(core), len(dimensions))
    sums = np.where(there, scale_answers(latest), 0.0) @ member.reshape(len(core), len(dimensions))
    values: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return values


def measure_change(then: Floats, now: Floats) -> PairedChange | None:
    """Return the paired change of people with values in both windows (same rows, same columns); None without any.

    Per person the mean, over the dimensions answered in both, of now − then.
    """
    both = ~np.isnan(then) & ~np.isnan(now)
    pairs = both.sum(axis=1)
    if not pairs.any():
        return None
    differences = np.where(both, now - then, 0.0).sum(axis=1)[pairs > 0] / pairs[pairs > 0]
    mean = float(differences.mean())
    paired = scores.estimate_mean(
        len(differences), mean, float(((differences - mean) ** 2).sum()), scores.SIDE_SD
    )
    return PairedChange(paired, _average_raw(now) - _average_raw(then) - mean)


def _find_latest(columns: Columns, rows: slice, items: int) -> Floats:
    table = np.full((len(columns.names), items), np.nan)
    # Rows are ordered by round, and of repeated places NumPy keeps the last value assigned.
    table[columns.people[rows], columns.items[rows]] = columns.values[rows]
    return table


def _average_raw(values: Floats) -> float:
    _, means, _ = scores.find_moments(values)
    there = ~np.isnan(values).all(axis=0)
    return float(means[there].mean())


def _score_side(
    values: Floats, dimensions: Sequence[str], used: set[str], weight: Mapping[str, float]
) -> Estimate | None:
    if not used:
        return None
    return scores.estimate_side_score(values, np.array([weight[d] if d in used else 0.0 for d in dimensions]))

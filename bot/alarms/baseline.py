"""Measure how far a side is from what the same people usually say to the same questions, on the 1–5 scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.scoring.answer_matrix import Bools, Columns, Floats, Ints
from bot.scoring.variances import ERROR_VAR, KAPPA, OCCASION_VAR, PERSON_VAR, ROUND_VAR

LEARNING = 8
"""Rounds before the first deviation."""
GUARD = 2
"""Rounds between the reference and the judged round, so that a beginning drop does not hide itself."""
LONGEST = 26
"""Rounds of the moving reference, holidays included."""
BIWEIGHT, STEPS = 4.685, 5
"""How many standard deviations from the centre a person stops to count; steps towards it."""
ENOUGH_PEOPLE = 3
ENOUGH_ANSWERS = 5
"""Reference answers that an item needs."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The usual answers of one side: x ≈ item effect b_k + person effect a_i."""

    item_effects: Floats
    item_counts: Ints
    person_effects: Floats
    person_counts: Ints
    rounds: int
    """R, reference rounds with answers."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation d with its variance v, both untuned, and the number of people it rests on."""

    d: float
    v: float
    people: int


def reference_rounds(index: int) -> tuple[int, int]:
    """Return the first and last round of the reference of round `index`: max(0, t − 28) … t − 3."""
    return max(0, index - GUARD - LONGEST), index - GUARD - 1


def fit_reference(columns: Columns, core: Bools, index: int) -> Reference:
    """Fit item and person effects in three sweeps over the reference of round `index`, from a_i = 0.

    b_k = mean(x − a_i); a_i = Σ(x − b_k)/(c_i + κ), κ = σ²_e/σ²_a: shrunken effects of the two-way model
    x = b_k + a_i + e (Robinson 1991, https://doi.org/10.1214/ss/1177011926). `core` says which items count.
    """
    rows = columns.find_rows(*reference_rounds(index))
    items, people, x = columns.items[rows], columns.people[rows], columns.values[rows]
    rounds = columns.rounds[rows]
    if not core[items].all():
        kept = core[items]
        items, people, x, rounds = items[kept], people[kept], x[kept], rounds[kept]
    item_counts = np.bincount(items, minlength=len(core))
    person_counts = np.bincount(people, minlength=len(columns.names))
    a, b = np.zeros(len(columns.names)), np.zeros(len(core))
    for _ in range(3):
        b = np.bincount(items, x - a[people], len(core)) / np.maximum(item_counts, 1)
        a = np.bincount(people, x - b[items], len(columns.names)) / (person_counts + KAPPA)
    # Rows are ordered by round.
    distinct = int(np.count_nonzero(np.diff(rounds))) + 1 if rounds.size else 0
    return Reference(b, item_counts, a, person_counts, distinct)


def measure_deviation(usual: Reference, items: Ints, people: Ints, values: Floats) -> Deviation | None:
    """Return d = biweight mean of the r_i of the people answering now, v = (τ² + 1/Σ(1/q_i))·(1 + 1/R).

    r_i = mean(x − b_k) − a_i; q_i = σ²_m + σ²_e/c + σ²_a·κ/(c_i + κ), c the person's answers now.
    Items with fewer than 5 reference answers do not count. None if nobody is left.
    """
    pooled = _pool_people(usual, items, people, values)
    if pooled is None:
        return None
    d, noise, n = pooled
    return Deviation(d, (ROUND_VAR + noise) * (1 + 1 / usual.rounds), n)


def measure_item_deviation(usual: Reference, item: int, people: Ints, values: Floats) -> Deviation | None:
    """Return the deviation of one item; v = τ² + 1/Σ(1/q) + (σ²_m + σ²_e + σ²_a)/N_k + τ²·(8/3)/R.

    N_k is the item's number of reference answers; an item is asked in 3 of 8 rounds.
    """
    pooled = _pool_people(usual, np.full(len(people), item), people, values)
    if pooled is None:
        return None
    d, noise, n = pooled
    baseline = (OCCASION_VAR + ERROR_VAR + PERSON_VAR) / float(usual.item_counts[item])
    return Deviation(d, ROUND_VAR + noise + baseline + ROUND_VAR * (8 / 3) / usual.rounds, n)


def find_tuning(squares: Sequence[float]) -> float:
    """Return f = max(1, (12 + Σ min(z², 9))/(12 + m)), 1 … 9: a side noisier than the model gets wider limits.

    No side gets narrower ones: a quiet half-year is mostly luck, and counting on it makes a third more false alarms.
    """
    return max(1.0, (12 + sum(min(z, 9.0) for z in squares)) / (12 + len(squares)))


def _pool_people(
    usual: Reference, items: Ints, people: Ints, values: Floats
) -> tuple[float, float, int] | None:
    """Return d, 1/Σ(1/q) and the number of people; None if nobody is left."""
    known = usual.item_counts[items] >= ENOUGH_ANSWERS
    items, people, values = items[known], people[known], values[known]
    if not people.size:
        return None
    counts = np.bincount(people, minlength=len(usual.person_effects))
    here = np.flatnonzero(counts)
    answers = counts[here]
    sums = np.bincount(people, values - usual.item_effects[items], len(counts))[here]
    residuals = sums / answers - usual.person_effects[here]
    shrunk = PERSON_VAR * KAPPA / (usual.person_counts[here] + KAPPA)
    variances = OCCASION_VAR + ERROR_VAR / answers + shrunk
    return find_centre(residuals, variances), 1 / float((1 / variances).sum()), len(here)


def find_centre(residuals: Floats, variances: Floats) -> float:
    """Return where most people are: Tukey's biweight mean, from the median on in five steps.

    w_i = (1 − u_i²)²/q_i for |u_i| < 1, else 0, with u_i = (r_i − d)/(4.685·√q_i). At 4.685 it is 95 % as precise as
    a mean where everything is normal, and one person who turns weighs nothing. Beaton & Tukey (1974), Technometrics
    16(2), https://doi.org/10.1080/00401706.1974.10489171
    """
    centre = float(np.median(residuals))
    for _ in range(STEPS):
        u = (residuals - centre) / (BIWEIGHT * np.sqrt(variances))
        weights = np.where(np.abs(u) < 1, (1 - u**2) ** 2, 0.0) / variances
        total = float(weights.sum())
        if total == 0:
            break
        centre = float(weights @ residuals) / total
    return centre

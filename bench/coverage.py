"""Does the interval of alignment hold the value that all people of both sides together would give?"""

from math import erf, sqrt

import numpy as np

from bot.scoring.answer_matrix import Floats
from bot.scoring.window import score_values

DIMENSIONS = tuple(f"d{i}" for i in range(8))
PERSON_SD, ERROR_SD, ANSWERED = 0.55, 0.63, 0.75


def coverage(people: int, gap: float, draws: int) -> tuple[float, float]:
    """Share of intervals that hold the true alignment, and mean error in points, with a true gap (1–5 scale).

    Every person answers three quarters of eight dimensions; the sides are `people` drawn at random.
    """
    chance = np.random.default_rng([people, int(gap * 100)])
    held, errors = 0, []
    for _ in range(draws):
        effects = 3.6 + 0.25 * chance.standard_normal(len(DIMENSIONS))
        levels = effects + gap / 2, effects - gap / 2
        means = [np.array([_expected(level) for level in side]) for side in levels]
        truth = float(np.minimum(*means).mean())
        found = score_values(*(_answers(side, people, chance) for side in levels), DIMENSIONS, 1).alliance
        assert found is not None
        low, high = found.interval
        held += low <= truth <= high
        errors.append(found.alignment - truth)
    return held / draws, float(np.mean(errors))


def _answers(level: Floats, people: int, chance: np.random.Generator) -> Floats:
    persons = PERSON_SD * chance.standard_normal((people, 1))
    noise = ERROR_SD * chance.standard_normal((people, len(level)))
    options = np.clip(np.floor(level + persons + noise + 0.5), 1, 5)
    there = chance.random(options.shape) < ANSWERED
    there[np.arange(people), chance.integers(len(level), size=people)] = True
    return np.where(there, 25 * (options - 1), np.nan)


def _expected(level: float) -> float:
    """What the option people choose comes to on average, 0 … 100."""
    sd = sqrt(PERSON_SD**2 + ERROR_SD**2)
    above = [0.5 * (1 - erf((cut - level) / sd / sqrt(2))) for cut in (1.5, 2.5, 3.5, 4.5)]
    return 25 * sum(above)

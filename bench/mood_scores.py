"""How readings agree with labels. Labels are 0 negative, 1 neutral, 2 positive."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]


def macro_f1(given: Labels, read: Labels) -> float:
    """Mean of the three labels' F1, 0 ... 1."""
    shares = []
    for label in range(3):
        right = ((given == label) & (read == label)).sum()
        shares.append(2 * right / max((given == label).sum() + (read == label).sum(), 1))
    return float(np.mean(shares))


def recall_at_precision(wanted: NDArray[np.bool_], score: Floats, precision: float = 0.8) -> float:
    """The largest share of `wanted` found at any threshold whose hits are right at least that often, 0 ... 1."""
    order = np.argsort(-score, kind="stable")
    last_of_ties = np.append(np.diff(score[order]) != 0, True)
    right = np.cumsum(wanted[order])
    good = last_of_ties & (right / np.arange(1, len(order) + 1) >= precision)
    return float(right[good].max() / wanted.sum()) if good.any() else 0.0


def calibration_error(given: Labels, shares: Floats, bins: int = 10) -> float:
    """Expected calibration error: |accuracy - confidence| over equal bins of confidence, weighted by their texts."""
    confidence = shares.max(axis=1)
    right = shares.argmax(axis=1) == given
    of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[of == at].mean() - confidence[of == at].mean()) * (of == at).mean() for at in set(of)]
    return float(sum(gaps))


def kappa(first: list[str], second: list[str]) -> float:
    """Cohen's kappa of two labellings of the same texts, -1 ... 1."""
    labels = set(first) | set(second)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    by_chance = sum(first.count(label) * second.count(label) for label in labels) / len(first) ** 2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)

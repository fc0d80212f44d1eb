"""Measure how far people of one side agree with each other: r_wg and percent favourable."""

from collections.abc import Sequence
from math import sqrt

FAVOURABLE = 62.5
"""Person values from here on (0 … 100) count as favourable."""
Z = 1.959964
"""97.5 % quantile of the normal distribution."""


def measure_agreement(values: Sequence[float]) -> float | None:
    """Return r_wg = max(0, 1 − s²/2) of person values 0 … 100, s² their sample variance on the 1–5 metric; 0 … 1.

    2 is the variance of the uniform null over five options. None for fewer than two people.
    James, Demaree & Wolf (1984), Journal of Applied Psychology 69(1), https://doi.org/10.1037/0021-9010.69.1.85
    """
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1) / 25.0**2
    return max(0.0, 1.0 - variance / 2.0)


def measure_favourable(values: Sequence[float], people: int) -> tuple[int, int, int]:
    """Return the percentage of person values ≥ 62.5 and its 95 % Wilson bounds at `people`, in whole percent.

    The gate hands in the lower bound of the band as `people`, so that the width does not betray the number.
    """
    share = sum(value >= FAVOURABLE for value in values) / len(values)
    low, high = find_wilson_interval(share, people)
    return round(100 * share), round(100 * low), round(100 * high)


def find_wilson_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share 0 … 1 seen in n ≥ 1 cases.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n); Wilson (1927),
    https://doi.org/10.1080/01621459.1927.10502953
    """
    centre = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + Z * Z / n)), min(1.0, (centre + half) / (1 + Z * Z / n))

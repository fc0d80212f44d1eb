"""Find a quantile of Student's t distribution: all that is needed of a statistics library."""

from functools import lru_cache
from math import cos, pi, sin, sqrt, tan


@lru_cache(maxsize=4096)
def find_quantile(p: float, df: int) -> float:
    """Return t with P(T ≤ t) = p for 0 < p < 1 and a whole number of degrees of freedom ≥ 1.

    Bisection on θ = arctan(t/√ν) of the finite series 26.7.3 and 26.7.4 of Abramowitz & Stegun,
    Handbook of Mathematical Functions, https://personal.math.ubc.ca/~cbm/aands/page_948.htm. Raises ValueError.
    """
    if not 0 < p < 1 or df < 1:
        raise ValueError("a t quantile needs 0 < p < 1 and at least one degree of freedom")
    if p < 0.5:
        return -find_quantile(1 - p, df)
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _find_central(middle, df) < 2 * p - 1 else (low, middle)
    return sqrt(df) * tan(low)


def _find_central(theta: float, df: int) -> float:
    """Return A(t|ν) = P(−t ≤ T ≤ t) at θ = arctan(t/√ν)."""
    cosine = cos(theta)
    odd = df % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(odd + 1, df, 2):
        total += term
        term *= cosine * cosine * k / (k + 1)
    if not odd:
        return sin(theta) * total
    return 2 / pi * (theta + sin(theta) * total)

"""The rule before: people weighed by a mean, and a side's variance tuned both ways."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from bot.scoring.answer_matrix import Floats


@contextmanager
def rule_before() -> Iterator[None]:
    """Judge as before while this is open."""
    with (
        patch("bot.alarms.baseline.find_centre", average),
        patch("bot.alarms.control_charts.find_tuning", tune_both_ways),
    ):
        yield


def average(residuals: Floats, variances: Floats) -> float:
    """Σ(r/q)/Σ(1/q)."""
    return float((residuals / variances).sum() / (1 / variances).sum())


def tune_both_ways(squares: Sequence[float]) -> float:
    """(12 + Σ min(z², 9))/(12 + m), 0.5 … 9."""
    return (12 + sum(min(z, 9.0) for z in squares)) / (12 + len(squares))

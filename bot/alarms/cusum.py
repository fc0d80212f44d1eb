"""Sum the evidence for a change in a control chart: a log-likelihood CUSUM."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """S ≥ 0, the log of the odds "moved by δ" to "as usual", and what it has summed since it left 0."""

    s: float = 0.0
    start: int | None = None
    """Round in which the sum probably began: the one after the last zero."""
    weight: float = 0.0
    """Σ 1/v since then."""
    total: float = 0.0
    """Σ d/v since then."""

    @property
    def size(self) -> float:
        """Inverse-variance mean of d since the start."""
        return self.total / self.weight if self.weight else 0.0

    def find_start(self, round_index: int) -> int:
        """Return the round in which the sum began; the present one where S never left 0."""
        return round_index if self.start is None else self.start

    def clear_sum(self) -> "Chart":
        """Set S to 0 after an alarm, but keep when it began until S comes to 0 by itself."""
        return Chart(0.0, self.start, self.weight, self.total)


def advance_chart(chart: Chart, round_index: int, d: float, v: float, delta: float, cap: float) -> Chart:
    """Set S ← max(0, S + min((δ·d − δ²/2)/v, cap)); δ < 0 looks for a drop, δ > 0 for a rise.

    The increment is log N(d; δ, v)/N(d; 0, v), capped so that one round alone cannot raise an alarm.
    Page (1954), https://doi.org/10.1093/biomet/41.1-2.100; Hawkins & Olwell (1998), Cumulative Sum Charts.
    """
    s = max(0.0, chart.s + min((delta * d - delta * delta / 2) / v, cap))
    if s == 0:
        return Chart()
    return Chart(s, chart.find_start(round_index), chart.weight + 1 / v, chart.total + d / v)

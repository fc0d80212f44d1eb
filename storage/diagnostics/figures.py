"""Define the figures that the database alone knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

LATELY = timedelta(days=8)
"""Longer than a week: a lead who cannot be reached shows from one digest to the next."""


@dataclass(frozen=True, slots=True)
class Figures:
    deliveries: Mapping[str, int]
    """By state; those sent are not counted one by one."""
    made: int
    """Deliveries ever made."""
    unknown_seconds: float
    """Since when the oldest one is unknown; 0 where none is."""
    missed: int
    """Slots that passed unasked."""
    unreached: int = 0
    """Alerts and digests that did not reach a lead in the last `LATELY`."""

"""Sampling of what is due, so that workers rarely collide and a failing row cannot block the queue."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WINDOW = 2_000
"""Rows that are considered, the oldest first."""
SAMPLE = 400
"""Rows that one tick takes on."""


def sample_due(due: Sequence[T], most: int = SAMPLE) -> list[T]:
    """Return at most `most` of them in random order: workers that begin with the same row collide again and again."""
    return random.sample(due, min(most, len(due)))

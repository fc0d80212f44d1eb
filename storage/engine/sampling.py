"""What one tick takes on of what is due: any of the oldest, so that workers share it and none bars the way."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WINDOW = 2_000
"""The oldest rows that are looked at."""
SHARE = 400
"""How many of them one tick takes on."""
VISITS = 40
"""How many where a platform is asked for each: what another worker did meanwhile costs a call too."""


def share(due: Sequence[T], most: int = SHARE) -> list[T]:
    """At most so many, in any order: workers that begin with the same would go on getting into each other's way."""
    return random.sample(due, min(most, len(due)))

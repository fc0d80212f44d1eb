"""What one tick takes on of what is due: any of the oldest, so that workers share it and none bars the way."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

WINDOW = 2_000
"""The oldest rows that are looked at."""
SHARE = 400
"""How many of them one tick takes on."""


def share(due: Sequence[T]) -> list[T]:
    """At most `SHARE`, in the order they had."""
    taken = random.sample(range(len(due)), min(SHARE, len(due)))
    return [due[place] for place in sorted(taken)]

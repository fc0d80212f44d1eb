"""How much of each test: a form that fits in twenty minutes on two cores, or the full figures (`PULSE_FAULTS=full`)."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("PULSE_FAULTS") == "full"


def scaled(short: T, full: T) -> T:
    return full if FULL else short

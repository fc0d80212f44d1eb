"""How much of each test: a form that fits in twenty minutes on two cores, or the full figures (`PULSE_FAULTS=full`)."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("PULSE_FAULTS") == "full"

READY = 2.0
"""Seconds a start may take; on a machine of one's own it takes 1.2. Where it takes longer the machine has other things
to do, and everything else may take as much longer."""


def scaled(short: T, full: T) -> T:
    return full if FULL else short

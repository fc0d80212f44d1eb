"""Time code on a shared machine: others can only make it slower, so the least of several runs is its cost."""

import time
from collections.abc import Callable


def measure_cpu(act: Callable[[], object], *, enough: float, tries: int = 25) -> float:
    """Return the least CPU time of this thread in seconds; stop at the first run that takes less than `enough`."""
    least = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        act()
        least = min(least, time.thread_time() - began)
        if least < enough:
            break
    return least

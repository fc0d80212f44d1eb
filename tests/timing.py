"""Time code on a shared machine: others can only make it slower, so the least of several runs is its cost."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence


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


def measure_child_cpu(words: Sequence[str], *, enough: float, tries: int = 10, **environment: str) -> float:
    """Return the least CPU time in seconds of a process of these words, which must end with code 0.

    Stop at the first run that takes less than `enough`.
    """
    least = float("inf")
    for _ in range(tries):
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, words
        least = min(least, used.ru_utime + used.ru_stime)
        if least < enough:
            break
    return least

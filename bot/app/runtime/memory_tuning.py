"""Memory: when Python looks for rubbish that refers to itself, https://docs.python.org/3/library/gc.html, and how the
C library shares it out.

A click leaves none behind, but what a burst of them has in hand is more than Python lets grow before it looks; it would
look again and again, for a third of the processor time. SQL statements that are built anew leave some: the ticks build
them, and clear it away.
"""

import ctypes
import gc

YOUNG = 50_000
"""Objects made and still there before the collector looks by itself."""

ARENA_MAX = -8
"""glibc's number of the parameter, from its malloc.h."""


def share_arena() -> None:
    """To be called before there are threads: each would get memory of its own, and keep what a burst left there.

    Python's threads take turns, so that one arena serves all of them; a C library without arenas is left alone.
    https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(ARENA_MAX, 1)


def tune_collector() -> None:
    """To be called once all that stays until the end is there: it is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def clear_away() -> None:
    """Collect garbage left since the start; takes a few milliseconds."""
    gc.collect()

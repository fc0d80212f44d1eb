"""When Python looks for rubbish that refers to itself: https://docs.python.org/3/library/gc.html

A click leaves none behind, but what a burst of them has in hand is more than Python lets grow before it looks; it would
look again and again, for a third of the processor time. SQL statements that are built anew leave some: the ticks build
them, and clear it away.
"""

import gc

YOUNG = 50_000
"""Objects made and still there before the collector looks by itself."""


def spare() -> None:
    """To be called once all that stays until the end is there: it is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def clear_away() -> None:
    """What was left behind since the start: a few milliseconds."""
    gc.collect()

"""Bound what an adapter remembers, so that it does not grow for ever."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def remember_recent(known: "OrderedDict[K, V]", key: K, value: V, limit: int) -> None:
    """Store the value as the newest entry. Beyond `limit` entries, drop the least recently used."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > limit:
        known.popitem(last=False)

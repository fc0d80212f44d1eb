"""What an adapter remembers of many, without growing for ever."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def keep(known: "OrderedDict[K, V]", key: K, value: V, most: int) -> None:
    """As the newest; beyond `most` entries the one longest not kept or used is forgotten."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > most:
        known.popitem(last=False)

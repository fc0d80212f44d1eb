"""Numbers of an alliance's channels: what each is known by in slots, whatever is declared around it.

Given at the first declaration and kept for good: a channel that is taken out and put back is still the same, and what
was asked in one is never taken for what was asked in another. They go with it where it gets another address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import count
from typing import TypeAlias

from sqlalchemy import Connection, select

from bot.model.alliance import Channel
from storage.engine.upsert import put
from storage.tables import numbers

Numbers: TypeAlias = dict[Channel, int]


def known(connection: Connection, keys: Iterable[str]) -> dict[str, Numbers]:
    """Of each of these alliances' channels under their present addresses; of those that were taken out too."""
    found: dict[str, Numbers] = {}
    for row in connection.execute(select(numbers).where(numbers.c.alliance.in_(list(keys)))):
        channel = Channel(row.platform, row.workspace, row.address)
        found.setdefault(row.alliance, {})[channel] = row.number
    return found


def give(connection: Connection, declared: Sequence[tuple[str, Channel]]) -> None:
    """One to each channel that has none yet, in the order given."""
    had = known(connection, {alliance for alliance, _ in declared})
    free = {alliance: count(max(taken.values()) + 1) for alliance, taken in had.items()}
    new = [(alliance, one) for alliance, one in declared if one not in had.get(alliance, {})]
    rows = (
        {**asdict(one), "alliance": alliance, "number": next(free.setdefault(alliance, count()))}
        for alliance, one in new
    )
    put(connection, numbers, *rows)

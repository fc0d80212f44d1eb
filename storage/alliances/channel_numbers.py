"""Numbers of an alliance's channels: what each is known by in delivery keys, whatever is declared around it.

Given at the first declaration and kept for good: a channel that is taken out and put back is still the same, and what
was asked in one is never taken for what was asked in another. They go with it where it gets another address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import count
from typing import TypeAlias

from sqlalchemy import Connection, select

from bot.model.alliance import Channel
from storage.engine.upsert import upsert_rows
from storage.tables import numbers

Numbers: TypeAlias = dict[Channel, int]


def load_numbers(connection: Connection, keys: Iterable[str]) -> dict[str, Numbers]:
    """Return, by alliance, the numbers of its channels under present addresses; also of those taken out."""
    loaded: dict[str, Numbers] = {}
    for row in connection.execute(select(numbers).where(numbers.c.alliance.in_(list(keys)))):
        channel = Channel(row.platform, row.workspace, row.address)
        loaded.setdefault(row.alliance, {})[channel] = row.number
    return loaded


def give_numbers(connection: Connection, declared: Sequence[tuple[str, Channel]]) -> None:
    """Give one to each channel that has none yet, in the order given."""
    given = load_numbers(connection, {alliance for alliance, _ in declared})
    free = {alliance: count(max(taken.values()) + 1) for alliance, taken in given.items()}
    new = [(alliance, channel) for alliance, channel in declared if channel not in given.get(alliance, {})]
    rows = (
        {**asdict(channel), "alliance": alliance, "number": next(free.setdefault(alliance, count()))}
        for alliance, channel in new
    )
    upsert_rows(connection, numbers, *rows)

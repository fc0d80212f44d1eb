"""Turns that all processes share, where each could keep a platform's limit and all together would not.

turn = await store.turns.ask("slack T0NORTHWIND chat.postMessage", rate, now, patience)
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from bot import rate_limit as rules
from bot.rate_limit import Line, Rate, Turn
from storage.engine.row_lock import lock_row
from storage.engine.upsert import insert_new, put
from storage.engine.writer import Writer
from storage.tables import turns


class _Asked(NamedTuple):
    name: str
    rate: Rate
    now: float
    patience: float


class Turns:
    __slots__ = ("_writer",)

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def ask(self, name: str, rate: Rate, now: float, patience: float) -> Turn | None:
        """None where another process is just asking for the same. `now`: seconds since 1970, as all clocks agree.

        Raises StoreUnavailable.
        """
        return await self._writer.run_bulk(_ask, _Asked(name, rate, now, patience))


def _ask(connection: Connection, asked: Sequence[_Asked]) -> list[Turn | None]:
    """Each line is read and written once, however many ask for a turn in it."""
    given: list[Turn | None] = [None] * len(asked)
    by_name = defaultdict[str, list[int]](list)
    for place, one in enumerate(asked):
        by_name[one.name].append(place)
    insert_new(connection, turns, [_row(name, Line()) for name in sorted(by_name)])
    for name, places in by_name.items():
        row = lock_row(connection, turns, turns.c.name == name)
        if row is None:
            continue
        line = Line(row.booked, row.invited)
        for place in places:
            one = asked[place]
            line, given[place] = rules.ask(line, one.rate, one.now, one.patience)
        put(connection, turns, _row(name, line))
    return given


def _row(name: str, line: Line) -> dict[str, object]:
    return {"name": name, "booked": line.booked, "invited": line.invited}

"""Share a platform's rate limit between all processes.

turn = await store.rate_limits.ask("slack T0NORTHWIND chat.postMessage", rate, patience)

The database's clock counts, not the caller's: one process with a wrong clock would hold up all others.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection

from bot import rate_limit as rules
from bot.rate_limit import Rate, Turn, WaitingLine
from storage.engine.database_clock import read_seconds
from storage.engine.row_lock import lock_row
from storage.engine.upsert import insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.tables import turns


class _TurnRequest(NamedTuple):
    name: str
    rate: Rate
    patience: float


@dataclass(frozen=True, slots=True)
class RateLimits:
    """`clock` gives seconds since 1970, the same for all processes."""

    writer: Writer
    clock: Callable[[Connection], float] = read_seconds

    async def ask(self, name: str, rate: Rate, patience: float) -> Turn | None:
        """Return a turn, in seconds from now; None where another process is just asking for the same.

        Raises StoreUnavailable.
        """
        return await self.writer.run_bulk(self._assign_turns, _TurnRequest(name, rate, patience))

    def _assign_turns(self, connection: Connection, asked: Sequence[_TurnRequest]) -> list[Turn | None]:
        """Read and write each line once, however many turns are asked for in it."""
        now = self.clock(connection)
        given: list[Turn | None] = [None] * len(asked)
        by_name = defaultdict[str, list[int]](list)
        for place, request in enumerate(asked):
            by_name[request.name].append(place)
        insert_new(connection, turns, [_line_row(name, WaitingLine()) for name in sorted(by_name)])
        for name, places in by_name.items():
            row = lock_row(connection, turns, turns.c.name == name)
            if row is None:
                continue
            line = WaitingLine(row.booked, row.invited)
            for place in places:
                request = asked[place]
                line, turn = rules.ask_for_turn(
                    rules.heal_line(line, request.rate, now), request.rate, now, request.patience
                )
                given[place] = replace(turn, at=turn.at - now)
            upsert_rows(connection, turns, _line_row(name, line))
        return given


def _line_row(name: str, line: WaitingLine) -> dict[str, object]:
    return {"name": name, "booked": line.booked, "invited": line.invited}

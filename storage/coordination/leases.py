"""Leases: what only one process at a time may do, whatever is killed when. No leader, and no lock held open.

token = await store.leases.take("rotate T0NORTHWIND", now, now + timedelta(minutes=1))
if token:  # Mine until then; None: somebody else's.
    …  # look again whether it still has to be done, do it, write it down
    await store.leases.give_back("rotate T0NORTHWIND", token)

For what is to run once a day, take it for a day and give it back only where the work failed. Whoever is frozen
beyond the end of the lease may find another at work: what is done under a lease must bear being done twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, delete, select

from storage.engine.transactions import write_transaction
from storage.engine.upsert import build_insert, upsert_rows
from storage.engine.writer import Writer
from storage.tables import leases

PROCESS_LEASE = "process:"
"""Begin of the names of the leases by which web processes and workers show that they are at work."""


@dataclass(frozen=True, slots=True)
class LeaseRepository:
    """Each method may raise StoreUnavailable."""

    writer: Writer

    async def take(self, name: str, now: datetime, until: datetime) -> str | None:
        """Hold `name` from `now` on: a token, or None where somebody holds it. Raises StoreUnavailable."""
        return await self.writer.run_bulk(
            _run_in_order, (name, partial(_take_lease, name=name, now=now, until=until))
        )

    async def give_back(self, name: str, token: str) -> bool:
        """End a hold early. False where it ran out, and another took it since. Raises StoreUnavailable."""
        return await self.writer.run_bulk(_run_in_order, (name, partial(_give_back, name=name, token=token)))

    @write_transaction
    def find_end(self, connection: Connection, name: str) -> datetime | None:
        """When the newest hold on `name` ends, or ended; None where there is none. Raises StoreUnavailable."""
        return connection.scalar(select(leases.c.until).where(leases.c.name == name))

    async def hold_until(self, name: str, until: datetime) -> None:
        """Hold `name` until that time, whoever holds it now. Raises StoreUnavailable."""
        await self.writer.run_bulk(_run_in_order, (name, partial(_hold_until, name=name, until=until)))


def _run_in_order(
    connection: Connection, steps: Sequence[tuple[str, Callable[[Connection], Any]]]
) -> list[Any]:
    """Carry out the steps of one transaction in the order of their names; results in the order given.

    In one order everywhere, so that two processes never wait for each other in a ring.
    """
    done = {
        place: steps[place][1](connection) for place in sorted(range(len(steps)), key=lambda n: steps[n][0])
    }
    return [done[place] for place in range(len(steps))]


def _take_lease(connection: Connection, name: str, now: datetime, until: datetime) -> str | None:
    token = uuid4().hex
    statement = build_insert(connection, leases).values(name=name, token=token, until=until)
    free = statement.on_conflict_do_update(
        index_elements=["name"], set_={"token": token, "until": until}, where=leases.c.until <= now
    )
    return token if connection.execute(free.returning(leases.c.token)).first() else None


def _hold_until(connection: Connection, name: str, until: datetime) -> None:
    upsert_rows(connection, leases, {"name": name, "token": "", "until": until})


def _give_back(connection: Connection, name: str, token: str) -> bool:
    mine = and_(leases.c.name == name, leases.c.token == token)
    return connection.execute(delete(leases).where(mine)).rowcount == 1

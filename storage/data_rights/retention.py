"""What is kept only so long, and goes in small steps: each is a transaction of its own, and can be taken up again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    literal_column,
    select,
    tuple_,
    update,
)

from bot.model.audit import Noted
from storage.data_rights import departures
from storage.data_rights.erasure import erase
from storage.engine.encryption import Vault
from storage.engine.writer import Writer
from storage.governance.audit_log import append, audit_key, prune
from storage.outbox import place_keys as places
from storage.outbox.outbox import WAITING
from storage.tables import (
    answers,
    comments,
    deliveries,
    erased,
    invitations,
    leases,
    proposals,
    readings,
    rounds,
)

ROWS = 1_000
"""Rows deleted in one step."""
ROUNDS = 20
"""Rounds whose answers are deleted in one step."""
ENDED = ("sent", "failed")

KEPT: ColumnElement[bool] = literal_column("NOT emptied")
"""Spelt as the index over only these is."""

Step: TypeAlias = Callable[[Connection], int]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long each kind of data is kept."""

    answers: timedelta
    """From the closing of the round; rosters too."""
    comments: timedelta
    readings: timedelta
    deliveries: timedelta
    """From the end of the delivery."""
    audit: timedelta
    """Also how long it is remembered what was erased, and proposed."""
    departed: timedelta
    """From the day an organisation removed the bot; then everything of it goes."""


@dataclass(frozen=True, slots=True)
class Retention:
    secret: bytes
    vault: Vault
    writer: Writer

    async def walk(self, terms: Terms, now: datetime) -> dict[str, int]:
        """Delete everything whose time is over. How many rows of each kind; may raise StoreUnavailable."""
        await self._until_done(lambda c: _rows(c, leases.c.until, now))  # no data of anybody's: not told
        done = {kind: await self._until_done(step) for kind, step in self._steps(terms, now).items()}
        done = {kind: count for kind, count in done.items() if count}
        if done:
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(done.items()))
            await self.writer.run(append, audit_key(self.secret), Noted("retention", "", "worker", now, told))
        return done

    async def _until_done(self, step: Step) -> int:
        total = 0
        while count := await self.writer.run_long(step):
            total += count
        return total

    def _steps(self, terms: Terms, now: datetime) -> dict[str, Step]:
        return {
            "departed": lambda c: self._departed(c, now - terms.departed),
            "rounds": lambda c: _rounds(c, now - terms.answers),
            "comments": lambda c: _rows(c, comments.c.at, now - terms.comments),
            "readings": lambda c: _rows(c, readings.c.at, now - terms.readings),
            "deliveries": lambda c: forget(c, now - terms.deliveries),
            "proposals": lambda c: _rows(c, proposals.c.until, now - terms.audit),
            "erasures": lambda c: _rows(c, erased.c.at, now - terms.audit),
            "audit": lambda c: prune(c, audit_key(self.secret), now - terms.audit),
        }

    def _departed(self, connection: Connection, before: datetime) -> int:
        gone = departures.over(connection, before)
        if gone is None:
            return 0
        wanted = departures.erasures(connection, gone, before)
        erase(connection, self.vault, places.known(connection, self.vault), wanted)
        departures.done(connection, gone)
        return 1


def _rounds(connection: Connection, before: datetime) -> int:
    """Rounds that were emptied of answers and roster; what was released of them stays."""
    ids = connection.scalars(over_query(before)).all()
    for table in (answers, invitations):
        connection.execute(delete(table).where(table.c.round.in_(ids)))
    connection.execute(update(rounds).where(rounds.c.id.in_(ids)).values(emptied=True))
    return len(ids)


def over_query(before: datetime) -> Select[tuple[str]]:
    over = KEPT, rounds.c.closes_at < before, rounds.c.state == "closed"
    return select(rounds.c.id).where(*over).order_by(rounds.c.closes_at).limit(ROUNDS)


def forget(connection: Connection, before: datetime) -> int:
    """Deliveries that ended before that. Held first, then looked at again: a round may close at the same moment."""
    old = oldest_query(deliveries.c.changed_at, before, ended())
    held = connection.scalars(old.with_for_update(of=deliveries, skip_locked=True)).all()
    return connection.execute(delete(deliveries).where(deliveries.c.seq.in_(held), ended())).rowcount


def ended() -> ColumnElement[bool]:
    """Sent or failed, and no other delivery is to change its message: that one would wait for ever."""
    waiting = deliveries.alias("waiting")
    this = waiting.c.revises == deliveries.c.slot, waiting.c.state.in_(WAITING)
    return and_(deliveries.c.state.in_(ENDED), ~select(waiting.c.seq).where(*this).exists())


def oldest_query(at: Column[datetime], before: datetime, *more: ColumnElement[bool]) -> Select[Any]:
    """In order of time, so that the index over it is used and only what is old is looked at."""
    return select(*at.table.primary_key).where(at < before, *more).order_by(at).limit(ROWS)


def _rows(connection: Connection, at: Column[datetime], before: datetime, *more: ColumnElement[bool]) -> int:
    key = tuple_(*at.table.primary_key)
    return connection.execute(delete(at.table).where(key.in_(oldest_query(at, before, *more)))).rowcount

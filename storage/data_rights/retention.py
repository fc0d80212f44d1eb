"""Delete data whose retention period is over, in small transactions; an interrupted run can be started again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    func,
    literal_column,
    select,
    true,
    tuple_,
    update,
)

from bot.model.audit import AuditEntry
from storage.data_rights import departures
from storage.data_rights.erasure import carry_out_erasures
from storage.engine.encryption import Vault
from storage.engine.transactions import long_transaction
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key, prune_entries
from storage.outbox.enqueue import WAITING
from storage.outbox.place_keys import load_place_keys
from storage.rounds.coarse_times import DAY, floor_day, forget_order, forget_times
from storage.tables import (
    actions,
    answers,
    audit,
    comments,
    deliveries,
    erased,
    invitations,
    leases,
    proposals,
    readings,
    rounds,
    wishes,
)
from storage.tables import departures as departed

ROWS = 1_000
"""Rows deleted in one step."""
ROUNDS = 20
"""Rounds whose answers are deleted in one step."""
ENDED = ("sent", "failed")
REWRITTEN = 3
"""Days whose readings lose their order: more than one, as a worker may have been down."""

KEPT: ColumnElement[bool] = literal_column("NOT emptied")
"""Spelt as the index over only these is."""

Step: TypeAlias = Callable[[Connection, int], int]
"""Deletes at most so many rows; returns how many."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long each kind of data is kept."""

    answers: timedelta
    """From the closing of the round; rosters too."""
    comments: timedelta
    """From when they were given; actions from when they were done or dropped."""
    readings: timedelta
    deliveries: timedelta
    """From the end of the delivery."""
    audit: timedelta
    """Also how long it is remembered what was erased, and proposed."""
    departed: timedelta
    """From the day an organisation removed the bot; then everything of it goes."""


@dataclass(frozen=True, slots=True)
class DataRetention:
    secret: bytes
    vault: Vault
    writer: Writer

    async def delete_expired(self, terms: Terms, now: datetime, share: float = 1.0) -> dict[str, int]:
        """Delete expired rows, the oldest first: of each kind at most `share` (0 … 1), but at least one row.

        Return the number of rows by kind. May raise StoreUnavailable.
        """
        for until in (leases.c.until, wishes.c.until):  # over by themselves: not told
            await self._repeat_step(partial(_delete_before, until, now))
        done = {}
        for kind, step in self._list_steps(terms, now).items():
            limit = None if share >= 1.0 else await self._count_share(kind, share)
            done[kind] = await self._repeat_step(step, limit)
        done = {kind: count for kind, count in done.items() if count}
        if done:
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(done.items()))
            await self.writer.run(
                append_entry, audit_key(self.secret), AuditEntry("retention", "", "worker", now, told)
            )
        return done

    async def forget_times(self, now: datetime) -> int:
        """Keep only the days of what was given to rounds that closed a day ago; return the number of rounds.

        Keep of the last days' readings not even their order.

        May raise StoreUnavailable.
        """
        for nth in range(1, 1 + REWRITTEN):
            await self.writer.run_long(forget_order, floor_day(now) - nth * DAY)
        return await self._repeat_step(lambda c, _: forget_times(c, now - DAY))

    @long_transaction
    def count_expired(self, connection: Connection, terms: Terms, now: datetime) -> dict[str, int]:
        """Return how many rows of each kind have expired. May raise StoreUnavailable."""
        over = {
            "departed": departed.c.at < now - terms.departed,
            "rounds": and_(rounds.c.closes_at < now - terms.answers, rounds.c.state == "closed"),
            "comments": comments.c.at < floor_day(now - terms.comments),
            "actions": actions.c.ended_at < now - terms.comments,
            "readings": readings.c.at < floor_day(now - terms.readings),
            "deliveries": and_(deliveries.c.changed_at < now - terms.deliveries, is_ended()),
            "proposals": proposals.c.until < now - terms.audit,
            "erasures": erased.c.at < now - terms.audit,
            "audit": audit.c.at < now - terms.audit,
        }
        found = {
            kind: connection.scalar(select(func.count()).select_from(table).where(which, over[kind])) or 0
            for kind, (table, which) in KINDS.items()
        }
        return {kind: count for kind, count in found.items() if count}

    async def _count_share(self, kind: str, share: float) -> int:
        return max(1, int(share * await self.writer.run_long(_count_all, kind)))

    async def _repeat_step(self, step: Step, most: int | None = None) -> int:
        """Carry out `step` until it finds nothing more, or did `most`."""
        total = 0
        while most is None or total < most:
            count = await self.writer.run_long(step, ROWS if most is None else min(ROWS, most - total))
            if not count:
                break
            total += count
        return total

    def _list_steps(self, terms: Terms, now: datetime) -> dict[str, Step]:
        key = audit_key(self.secret)
        return {
            "departed": lambda c, _: self._erase_departed(c, now - terms.departed),
            "rounds": lambda c, limit: _clear_rounds(c, limit, now - terms.answers),
            "comments": lambda c, limit: _delete_days(c, limit, comments.c.at, now - terms.comments),
            "actions": lambda c, limit: _delete_rows(c, limit, actions.c.ended_at, now - terms.comments),
            "readings": lambda c, limit: _delete_days(c, limit, readings.c.at, now - terms.readings),
            "deliveries": lambda c, limit: delete_ended(c, now - terms.deliveries, limit),
            "proposals": lambda c, limit: _delete_rows(c, limit, proposals.c.until, now - terms.audit),
            "erasures": lambda c, limit: _delete_rows(c, limit, erased.c.at, now - terms.audit),
            "audit": lambda c, limit: prune_entries(c, key, now - terms.audit, limit),
        }

    def _erase_departed(self, connection: Connection, before: datetime) -> int:
        departures.cancel_answered(connection)
        gone = departures.find_oldest_departure(connection, before)
        if gone is None:
            return 0
        wanted = departures.list_due_erasures(connection, gone, before)
        carry_out_erasures(connection, self.vault, load_place_keys(connection, self.vault), wanted)
        departures.mark_erased(connection, gone)
        return 1


def _clear_rounds(connection: Connection, limit: int, before: datetime) -> int:
    """Delete answers and rosters of expired rounds; released numbers stay. Return the number of rounds."""
    ids = connection.scalars(select_expired_rounds(before).limit(min(limit, ROUNDS))).all()
    for table in (answers, invitations):
        connection.execute(delete(table).where(table.c.round.in_(ids)))
    connection.execute(update(rounds).where(rounds.c.id.in_(ids)).values(emptied=True))
    return len(ids)


def select_expired_rounds(before: datetime) -> Select[tuple[str]]:
    over = KEPT, rounds.c.closes_at < before, rounds.c.state == "closed"
    return select(rounds.c.id).where(*over).order_by(rounds.c.closes_at).limit(ROUNDS)


def delete_ended(connection: Connection, before: datetime, limit: int = ROWS) -> int:
    """Delete deliveries that ended before that time. Lock, then check again: a round may close at the same time."""
    old = select_oldest(deliveries.c.changed_at, before, is_ended()).limit(limit)
    held = connection.scalars(old.with_for_update(of=deliveries, skip_locked=True)).all()
    return connection.execute(delete(deliveries).where(deliveries.c.seq.in_(held), is_ended())).rowcount


def is_ended() -> ColumnElement[bool]:
    """Match deliveries sent or failed that no waiting delivery revises: that one would wait for ever."""
    waiting = deliveries.alias("waiting")
    this = waiting.c.revises == deliveries.c.slot, waiting.c.state.in_(WAITING)
    return and_(deliveries.c.state.in_(ENDED), ~select(waiting.c.seq).where(*this).exists())


def select_oldest(at: Column[datetime], before: datetime, *more: ColumnElement[bool]) -> Select[Any]:
    """Select rows before that time, oldest first, so that the index on the time is used."""
    return select(*at.table.primary_key).where(at < before, *more).order_by(at).limit(ROWS)


def _delete_rows(connection: Connection, limit: int, at: Column[datetime], before: datetime) -> int:
    key = tuple_(*at.table.primary_key)
    return connection.execute(
        delete(at.table).where(key.in_(select_oldest(at, before).limit(limit)))
    ).rowcount


def _delete_before(at: Column[datetime], before: datetime, connection: Connection, limit: int) -> int:
    return _delete_rows(connection, limit, at, before)


def _delete_days(connection: Connection, limit: int, at: Column[datetime], before: datetime) -> int:
    """Delete rows whose time is kept as a day: a day goes when all of it is over."""
    return _delete_rows(connection, limit, at, floor_day(before))


def _count_all(connection: Connection, kind: str) -> int:
    table, which = KINDS[kind]
    return connection.scalar(select(func.count()).select_from(table).where(which)) or 0


KINDS: dict[str, tuple[Table, ColumnElement[bool]]] = {
    "departed": (departed, ~departed.c.erased),
    "rounds": (rounds, KEPT),
    "comments": (comments, true()),
    "actions": (actions, actions.c.ended_at.is_not(None)),
    "readings": (readings, true()),
    "deliveries": (deliveries, true()),
    "proposals": (proposals, true()),
    "erasures": (erased, true()),
    "audit": (audit, true()),
}
"""Table of each kind, and the rows in it that retention still has to delete."""

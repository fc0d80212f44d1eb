"""Take back times that lie in the future because a clock was ahead when they were written.

Whoever calls this knows that the time given is right. What is within the ordinary reach of a mark stays as it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, update

from storage.engine.transactions import long_transaction
from storage.engine.writer import Writer
from storage.tables import alliances, deliveries, leases, missed, pulses, rounds, turns
from storage.tables.columns import EPOCH

SLACK = timedelta(minutes=2)
"""How far two machines' clocks may be apart."""
CYCLE = timedelta(weeks=8, days=2)
"""A pulse is looked at again within its cycle, which is eight weeks at most."""
WEEK = timedelta(days=8)
"""A digest is looked at again within a week."""
HOLD = timedelta(days=2)
"""The longest lease: a command that was answered."""
HOUR = timedelta(hours=1)
"""The longest wait before a delivery is tried again, and for a turn."""
LEASE = timedelta(minutes=10)
"""The longest lease of a delivery."""
LOOK_BACK = timedelta(days=7)
"""Since when to look for a delivery of which it is not known when it was first sent."""
EASTERNMOST = timedelta(hours=14)
"""How far the local date may be ahead of UTC."""


@dataclass(frozen=True, slots=True)
class FutureMarks:
    writer: Writer

    @long_transaction
    def heal(self, connection: Connection, now: datetime, was_wrong: bool) -> dict[str, int]:
        """Take back what lies in the future; how many marks of each kind. May raise StoreUnavailable.

        `was_wrong`: a clock was, so that a pulse or digest may be marked too late though within its ordinary reach.
        """
        found = {
            "rounds": _reopen_rounds(connection, now),
            "missed": _count_rows(connection, delete(missed).where(missed.c.slot > last_day(now))),
        }
        is_doubtful = was_wrong or any(found.values())
        pulses_until, digests_until = (now, now) if is_doubtful else (now + CYCLE, now + WEEK)
        found |= {
            "pulses": _bring_back(connection, pulses, "look_at", pulses_until, EPOCH),
            "digests": _bring_back(connection, alliances, "digest_at", digests_until, EPOCH),
            "leases": _count_rows(connection, delete(leases).where(leases.c.until > now + HOLD + SLACK)),
            "turns": _count_rows(connection, delete(turns).where(turns.c.booked > (now + HOUR).timestamp())),
            "deliveries": _free_deliveries(connection, now),
        }
        return {kind: count for kind, count in found.items() if count}


def last_day(now: datetime) -> Any:
    """Return the latest local date that any place on earth can have."""
    return (now + EASTERNMOST).date()


def _reopen_rounds(connection: Connection, now: datetime) -> int:
    """Let rounds that were asked before their time be open from now on, for as long as they were to be."""
    early = select(rounds).where(rounds.c.close_due.is_not(None), rounds.c.opens_at > now + SLACK)
    rows = connection.execute(early).all()
    for row in rows:
        by = row.opens_at - now
        moments = ("opens_at", "closes_at", "remind_at", "enrol_due", "remind_due", "close_due")
        earlier = {name: at - by for name in moments if (at := getattr(row, name)) is not None}
        connection.execute(update(rounds).where(rounds.c.id == row.id).values(earlier))
    return len(rows)


def _free_deliveries(connection: Connection, now: datetime) -> int:
    state = deliveries.c.state
    waiting = state.in_(("pending", "sending", "unknown"))
    first = _bring_back(connection, deliveries, "claimed_at", now + SLACK, now - LOOK_BACK, waiting)
    return sum(
        (
            _bring_back(connection, deliveries, "not_before", now + HOUR + SLACK, now, state == "pending"),
            _bring_back(connection, deliveries, "lease_until", now + LEASE + SLACK, now, state == "sending"),
            _bring_back(connection, deliveries, "changed_at", now + SLACK, now, state == "unknown"),
            first,
        )
    )


def _bring_back(
    connection: Connection,
    table: Table,
    column: str,
    latest: datetime,
    to: datetime,
    *which: ColumnElement[bool],
) -> int:
    late = update(table).where(table.c[column] > latest, *which)
    return _count_rows(connection, late.values({column: to}))


def _count_rows(connection: Connection, statement: Any) -> int:
    return int(connection.execute(statement).rowcount)

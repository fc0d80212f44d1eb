"""What is due to be looked at: pulses and digests, found by index.

A walk decides on the declaration it was given. If that changes before the decision is written down, the decision
is dropped: the change has made the alliance due again. `Seen` is how the store knows.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, and_, func, select, update

from bot.model import Alliance, Round
from bot.ports import DuePulse
from storage.alliances import Declarations
from storage.rounds import insert_round
from storage.share import WINDOW, share
from storage.tables import alliances, missed, pulses, rounds
from storage.tables.columns import EPOCH
from storage.upsert import insert_new

Seen = dict[str, int]
"""Revision of each alliance that a walk was last given."""


def due_query(now: datetime) -> Select[Any]:
    asked = and_(rounds.c.alliance == pulses.c.alliance, rounds.c.pulse == pulses.c.key)
    passed = and_(missed.c.alliance == pulses.c.alliance, missed.c.pulse == pulses.c.key)
    return (
        select(
            pulses.c.alliance,
            pulses.c.key,
            pulses.c.since,
            alliances.c.revision,
            _newest(rounds.c.number, rounds.c.alliance == pulses.c.alliance).label("number"),
            _newest(rounds.c.slot, asked).label("asked"),
            _newest(missed.c.slot, passed).label("missed"),
        )
        .join(alliances, alliances.c.key == pulses.c.alliance)
        .where(pulses.c.look_at <= now)
        .order_by(pulses.c.look_at, pulses.c.alliance, pulses.c.key)
        .limit(WINDOW)
    )


def digests_query(now: datetime) -> Select[Any]:
    due = select(alliances.c.key, alliances.c.revision).where(alliances.c.digest_at <= now)
    return due.order_by(alliances.c.digest_at, alliances.c.key).limit(WINDOW)


def due(connection: Connection, declared: Declarations, now: datetime) -> tuple[tuple[DuePulse, ...], Seen]:
    """Oldest look first, with the revisions they were read at."""
    rows = share(connection.execute(due_query(now)).all())
    known = {one.key: one for one in declared.load(connection, {row.alliance for row in rows})}
    found = (_due(known[row.alliance], row) for row in rows if row.alliance in known)
    return tuple(one for one in found if one), {row.alliance: row.revision for row in rows}


def digests_due(
    connection: Connection, declared: Declarations, now: datetime
) -> tuple[tuple[Alliance, ...], Seen]:
    rows = share(connection.execute(digests_query(now)).all())
    known = {one.key: one for one in declared.load(connection, [row.key for row in rows])}
    return tuple(known[row.key] for row in rows if row.key in known), {row.key: row.revision for row in rows}


def ask(connection: Connection, round: Round, look_again: datetime, seen: int | None) -> bool:
    """False if the slot or index is taken, or the alliance or pulse was changed meanwhile."""
    if not _current(connection, round.alliance, seen) or not _declared(
        connection, round.alliance, round.pulse
    ):
        return False
    if not insert_round(connection, round):
        return False
    look(connection, round.alliance, round.pulse, look_again, seen)
    return True


def look(connection: Connection, alliance: str, pulse: str, at: datetime, seen: int | None) -> None:
    """Look again at `at`, unless the alliance was changed meanwhile and is due at once."""
    if _current(connection, alliance, seen):
        this = and_(pulses.c.alliance == alliance, pulses.c.key == pulse)
        connection.execute(update(pulses).where(this).values(look_at=at))


def look_at_digest(connection: Connection, alliance: str, at: datetime, seen: int | None) -> None:
    if _current(connection, alliance, seen):
        connection.execute(update(alliances).where(alliances.c.key == alliance).values(digest_at=at))


def miss(connection: Connection, alliance: str, pulse: str, slot: date) -> None:
    insert_new(connection, missed, [{"alliance": alliance, "pulse": pulse, "slot": slot}])


def missed_slots(connection: Connection, alliance: str) -> tuple[date, ...]:
    query = select(missed.c.slot).where(missed.c.alliance == alliance).order_by(missed.c.slot)
    return tuple(connection.scalars(query))


def _due(alliance: Alliance, row: Any) -> DuePulse | None:
    pulse = next((one for one in alliance.pulses if one.key == row.key), None)
    if pulse is None:
        return None
    index = 0 if row.number is None else row.number + 1
    last = max(filter(None, (row.asked, row.missed)), default=None)
    return DuePulse(alliance, pulse, index, last, None if row.since == EPOCH else row.since)


def _newest(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.max(column)).where(condition).scalar_subquery()


def _current(connection: Connection, alliance: str, seen: int | None) -> bool:
    """Locks the declaration, on PostgreSQL, until the commit."""
    query = select(alliances.c.revision).where(alliances.c.key == alliance).with_for_update(read=True)
    revision = connection.scalar(query)
    return revision is not None and seen in (None, revision)


def _declared(connection: Connection, alliance: str, pulse: str) -> bool:
    this = and_(pulses.c.alliance == alliance, pulses.c.key == pulse)
    return connection.scalar(select(pulses.c.key).where(this).with_for_update()) is not None

"""What is due to be looked at: pulses and digests, found by index.

A walk decides on the declaration it was given. If that changes before the decision is written down, the decision
is dropped: the change has made the alliance due again. `Seen` is how the store knows.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, and_, func, select, update

from bot.model.alliance import Alliance, Round
from bot.model.commands import DuePulse
from storage.alliances.alliances import Declarations
from storage.engine.row_lock import held
from storage.engine.sampling import WINDOW, share
from storage.engine.upsert import insert_new
from storage.rounds.rounds import insert_round
from storage.tables import alliances, missed, pulses, rounds
from storage.tables.columns import EPOCH

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
    """False if the slot or index is taken, another is at it, or the alliance or pulse was changed meanwhile."""
    if not _mine(connection, round.alliance, round.pulse, seen) or not insert_round(connection, round):
        return False
    _look(connection, round.alliance, round.pulse, look_again)
    return True


def look(
    connection: Connection, alliance: str, pulse: str, at: datetime, missed: date | None, seen: int | None
) -> None:
    """Look again at `at`, unless another is at it, or the alliance was changed meanwhile and is due at once."""
    if _mine(connection, alliance, pulse, seen):
        if missed is not None:
            _miss(connection, alliance, pulse, missed)
        _look(connection, alliance, pulse, at)


def look_at_digest(connection: Connection, alliance: str, at: datetime, seen: int | None) -> bool:
    """False if another is at it, or the alliance was changed meanwhile and is due at once."""
    this = alliances.c.key == alliance
    row = held(connection, alliances, this)
    if row is None or seen not in (None, row.revision):
        return False
    connection.execute(update(alliances).where(this).values(digest_at=at))
    return True


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


def _mine(connection: Connection, alliance: str, pulse: str, seen: int | None) -> bool:
    """The pulse, and the declaration as it was seen, are held until the commit."""
    row = held(connection, alliances, alliances.c.key == alliance, shared=True)
    return (
        row is not None
        and seen in (None, row.revision)
        and held(connection, pulses, *_is(alliance, pulse)) is not None
    )


def _look(connection: Connection, alliance: str, pulse: str, at: datetime) -> None:
    connection.execute(update(pulses).where(*_is(alliance, pulse)).values(look_at=at))


def _miss(connection: Connection, alliance: str, pulse: str, slot: date) -> None:
    insert_new(connection, missed, [{"alliance": alliance, "pulse": pulse, "slot": slot}])


def _is(alliance: str, pulse: str) -> tuple[ColumnElement[bool], ...]:
    return pulses.c.alliance == alliance, pulses.c.key == pulse

"""Rounds: asked, given a roster, reminded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, func, select, update

from bot.model.alliance import Round, Side
from storage.engine.json_codec import ITEMS, TURNOUT, items_of
from storage.engine.row_lock import lock_row
from storage.engine.sampling import VISITS, WINDOW, sample_due
from storage.engine.upsert import insert_new
from storage.tables import answers, invitations, rounds

Query: TypeAlias = Select[*tuple[Any, ...]]
Counts: TypeAlias = tuple[dict[Side, int], dict[Side, int]]
OPEN = rounds.c.state == "open"


def find(connection: Connection, id: str) -> Round | None:
    row = connection.execute(select(rounds).where(rounds.c.id == id)).first()
    return as_round(row) if row else None


def insert_round(connection: Connection, round: Round) -> bool:
    """False if its slot, its index or its id is taken."""
    row = {
        "id": round.id,
        "alliance": round.alliance,
        "pulse": round.pulse,
        "slot": round.slot,
        "number": round.index,
        "asked": ITEMS.write(round.items),
        "opens_at": round.opens_at,
        "closes_at": round.closes_at,
        "remind_at": round.remind_at,
        "minimum": round.minimum,
        "holiday": round.holiday,
        "state": "open",
        "enrol_due": round.opens_at,
        "remind_due": round.remind_at,
        "close_due": round.closes_at,
    }
    return insert_new(connection, rounds, [row]) == 1


def unenrolled(connection: Connection, now: datetime) -> tuple[Round, ...]:
    return tuple(sample_due(_all(connection, unenrolled_query(now)), VISITS))


def unenrolled_query(now: datetime) -> Query:
    waiting = and_(rounds.c.enrol_due <= now, OPEN, rounds.c.closes_at > now)
    return select(rounds).where(waiting).order_by(rounds.c.enrol_due).limit(WINDOW)


def enrol(connection: Connection, round: str, roster: Sequence[tuple[Side, str]]) -> None:
    if _take(connection, round, "enrol_due"):
        invited = [{"round": round, "person": person, "side": side.value} for side, person in roster]
        insert_new(connection, invitations, invited)


def to_remind(connection: Connection, now: datetime) -> tuple[Round, ...]:
    return tuple(sample_due(_all(connection, to_remind_query(now)), VISITS))


def to_remind_query(now: datetime) -> Query:
    waiting = and_(rounds.c.remind_due <= now, OPEN, rounds.c.closes_at > now)
    return select(rounds).where(waiting).order_by(rounds.c.remind_due).limit(WINDOW)


def take_reminder(connection: Connection, round: str) -> bool:
    """False if it was reminded already."""
    return _take(connection, round, "remind_due")


def answered(connection: Connection, round: str) -> frozenset[str]:
    return frozenset(connection.scalars(select(answers.c.person).where(answers.c.round == round).distinct()))


def open_rounds(connection: Connection, alliance: str, now: datetime) -> tuple[Round, ...]:
    mine = and_(rounds.c.alliance == alliance, OPEN, rounds.c.closes_at > now)
    return _all(connection, select(rounds).where(mine).order_by(rounds.c.number))


def to_close(connection: Connection, now: datetime) -> tuple[Round, ...]:
    waiting: dict[str, list[Round]] = {}
    for one in _all(connection, to_close_query(now)):
        waiting.setdefault(one.alliance, []).append(one)
    return tuple(one for alliance in sample_due(list(waiting)) for one in waiting[alliance])


def to_close_query(now: datetime) -> Query:
    due = select(rounds).where(rounds.c.close_due <= now)
    return due.order_by(rounds.c.close_due, rounds.c.number).limit(WINDOW)


def freeze(connection: Connection, round: str) -> bool:
    """False while answers to it are being saved, or another is at it."""
    row = lock_row(connection, rounds, rounds.c.id == round)
    if row is not None and row.state == "open":
        connection.execute(update(rounds).where(rounds.c.id == round).values(state="frozen"))
    return row is not None


def last_closed(connection: Connection, alliance: str) -> Round | None:
    query = select(rounds).where(rounds.c.alliance == alliance, rounds.c.state == "closed")
    row = connection.execute(query.order_by(rounds.c.number.desc()).limit(1)).first()
    return as_round(row) if row else None


def turnout(connection: Connection, round: str) -> Counts:
    """People a side who answered, and who were invited; from closing on as they were then."""
    kept = connection.scalar(select(rounds.c.turnout).where(rounds.c.id == round))
    return TURNOUT.read(kept) if kept else count(connection, round)


def count(connection: Connection, round: str) -> Counts:
    persons = func.count(answers.c.person.distinct())
    gave = select(answers.c.side, persons).where(answers.c.round == round, answers.c.side.is_not(None))
    asked = select(invitations.c.side, func.count()).where(invitations.c.round == round)
    answered = _counts(connection, gave.group_by(answers.c.side))
    invited = _counts(connection, asked.group_by(invitations.c.side))
    return answered, invited


def as_round(row: Any) -> Round:
    return Round(
        id=row.id,
        alliance=row.alliance,
        pulse=row.pulse,
        slot=row.slot,
        index=row.number,
        items=items_of(row.asked),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        remind_at=row.remind_at,
        minimum=row.minimum,
        holiday=row.holiday,
    )


def _take(connection: Connection, round: str, due: str) -> bool:
    """What was due is done from now on; False if it was already, or another is at it."""
    if lock_row(connection, rounds, rounds.c.id == round, rounds.c[due].is_not(None)) is None:
        return False
    connection.execute(update(rounds).where(rounds.c.id == round).values({due: None}))
    return True


def _all(connection: Connection, query: Query) -> tuple[Round, ...]:
    return tuple(as_round(row) for row in connection.execute(query))


def _counts(connection: Connection, query: Select[Any, int]) -> dict[Side, int]:
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {side: found.get(side.value, 0) for side in Side}

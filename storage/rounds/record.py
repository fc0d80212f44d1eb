"""The record of an alliance: what the rules judge a closing by."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, and_, or_, select

from bot.model.alliance import Answer, Reading, Round, Side
from bot.model.closing import AnswerKey, Asked, Cell, Invitation, Record, Release
from storage.engine.json_codec import FAVOURABLE
from storage.rounds.alarms import read_memory
from storage.rounds.comments import list_waiting
from storage.rounds.rounds import list_rounds
from storage.tables import answers, invitations, readings, released, rounds

ROUNDS = 30
"""The newest rounds that a record holds."""
WEEKS = timedelta(weeks=30)
"""How far back from the closing a record holds readings."""


def read_record(connection: Connection, closing: Round, leads: frozenset[str], pooled: bool) -> Record:
    """Leave out rounds that were asked earlier but are still open: their answers may yet change."""
    asked = _list_asked(connection, closing)
    indexes = {earlier.id: earlier.index for earlier in asked}
    given, responded, spent = _list_answers(connection, indexes)
    return Record(
        asked=tuple(Asked(r.index, r.items, r.slot, r.minimum, r.holiday, r.shared) for r in asked),
        answers=given,
        responded=responded,
        spent=spent,
        roster=_list_roster(connection, indexes),
        leads=leads,
        released=list_releases(connection, closing.alliance),
        readings=_list_readings(connection, closing),
        comments=list_waiting(connection, indexes),
        memory=read_memory(connection, closing.alliance),
        pooled=pooled,
    )


def list_releases(connection: Connection, alliance: str) -> tuple[Release, ...]:
    """Return every number that was ever released, oldest first."""
    query = select(released).where(released.c.alliance == alliance)
    return tuple(
        Release(
            cell=Cell(Side(row.side) if row.side else None, row.dimension),
            round=row.number,
            slot=row.slot,
            value=row.value,
            band=row.band,
            favourable=row.favourable and FAVOURABLE.read(row.favourable),
            split=row.split,
            shared=row.shared,
        )
        for row in connection.execute(
            query.order_by(released.c.number, released.c.side, released.c.dimension)
        )
    )


def _list_asked(connection: Connection, closing: Round) -> tuple[Round, ...]:
    settled = or_(rounds.c.state == "closed", rounds.c.id == closing.id)
    earlier = and_(rounds.c.alliance == closing.alliance, rounds.c.number <= closing.index, settled)
    query = select(rounds).where(earlier).order_by(rounds.c.number.desc()).limit(ROUNDS)
    return list_rounds(connection, query)[::-1]


def _list_answers(
    connection: Connection, indexes: Mapping[str, int]
) -> tuple[tuple[Answer, ...], frozenset[tuple[str, int]], frozenset[AnswerKey]]:
    """Return valid answers, who answered anything in which round, and which answers are spent."""
    query = select(
        answers.c.side, answers.c.person, answers.c.round, answers.c.item, answers.c.value, answers.c.spent
    ).where(answers.c.round.in_(list(indexes)), answers.c.side.is_not(None))
    rows = connection.execute(query.order_by(answers.c.round, answers.c.person, answers.c.item)).all()
    return (
        tuple(
            Answer(Side(r.side), r.person, indexes[r.round], r.item, r.value)
            for r in rows
            if r.value is not None
        ),
        frozenset((r.person, indexes[r.round]) for r in rows),
        frozenset((r.person, indexes[r.round], r.item) for r in rows if r.spent),
    )


def _list_roster(connection: Connection, indexes: Mapping[str, int]) -> tuple[Invitation, ...]:
    query = select(invitations).where(invitations.c.round.in_(list(indexes)))
    rows = connection.execute(query.order_by(invitations.c.round, invitations.c.person))
    return tuple(Invitation(Side(row.side), row.person, indexes[row.round]) for row in rows)


def _list_readings(connection: Connection, closing: Round) -> tuple[Reading, ...]:
    recent = and_(
        readings.c.alliance == closing.alliance,
        readings.c.at > closing.closes_at - WEEKS,
        readings.c.at <= closing.closes_at,
        ~readings.c.deleted,
    )
    rows = connection.execute(select(readings).where(recent).order_by(readings.c.at, readings.c.message))
    return tuple(Reading(Side(row.side), row.person, row.at, row.polarity) for row in rows)

"""Closing a round: what the rules read, and what they made of it, written down at once."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import reduce

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from bot.alarms.state import accept_new_normal
from bot.model.alliance import Answer, Reading, Round, Side
from bot.model.closing import (
    Alarm,
    AnswerKey,
    Asked,
    Cell,
    Closing,
    Invitation,
    Memory,
    MoodLine,
    Record,
    Release,
)
from bot.model.commands import RaisedAlarm
from storage import words
from storage.engine.json_codec import ALARM, ALARMS, FAVOURABLE, MEMORY, MOOD, TURNOUT
from storage.engine.row_lock import lock_row
from storage.engine.upsert import insert_new, put
from storage.rounds.rounds import as_round, count
from storage.tables import (
    acknowledgements,
    alarms,
    answers,
    invitations,
    memories,
    readings,
    released,
    rounds,
)

ROUNDS = 30
WEEKS = timedelta(weeks=30)


def record(connection: Connection, round: Round, leads: frozenset[str], pooled: bool) -> Record:
    """Rounds that were asked earlier but are still open are left out: their answers may yet change."""
    told = {one.id: one for one in _asked(connection, round)}
    given, responded, spent = _answers(connection, told)
    return Record(
        asked=tuple(Asked(r.index, r.items, r.slot, r.minimum, r.holiday) for r in told.values()),
        answers=given,
        responded=responded,
        spent=spent,
        roster=_roster(connection, told),
        leads=leads,
        released=releases(connection, round.alliance),
        readings=_readings(connection, round),
        comments=words.waiting(connection, {one.id: one.index for one in told.values()}),
        memory=_memory(connection, round.alliance),
        pooled=pooled,
    )


def close(connection: Connection, round: str, closing: Closing) -> bool:
    """False if it is closed already, another is at it, or there is no such round."""
    done = {"enrol_due": None, "remind_due": None, "close_due": None}
    told = {"mood": MOOD.write(closing.mood), "turnout": TURNOUT.write(count(connection, round))}
    closed = {"state": "closed", **told, **done}
    row = lock_row(connection, rounds, rounds.c.id == round, rounds.c.state != "closed")
    if row is None:
        return False
    connection.execute(update(rounds).where(rounds.c.id == round).values(closed))
    mine = as_round(row)
    insert_new(connection, released, [_released_row(mine.alliance, one) for one in closing.releases])
    insert_new(connection, alarms, [_alarm_row(mine, alarm) for alarm in closing.alarms])
    _remember(connection, mine.alliance, closing.memory)
    _spend(connection, mine.alliance, closing)
    words.release(connection, mine.alliance, closing.comments)
    return True


def releases(connection: Connection, alliance: str) -> tuple[Release, ...]:
    """Oldest first."""
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
        )
        for row in connection.execute(
            query.order_by(released.c.number, released.c.side, released.c.dimension)
        )
    )


def mood(connection: Connection, alliance: str) -> tuple[MoodLine, ...]:
    """As of the newest closed round."""
    query = select(rounds.c.mood).where(rounds.c.alliance == alliance, rounds.c.state == "closed")
    text = connection.scalar(query.order_by(rounds.c.number.desc()).limit(1))
    return MOOD.read(text) if text else ()


def raised(connection: Connection, alliance: str) -> tuple[RaisedAlarm, ...]:
    """Oldest first."""
    seen: dict[str, set[Side]] = {}
    signed = select(acknowledgements).join(alarms, alarms.c.id == acknowledgements.c.alarm)
    for row in connection.execute(signed.where(alarms.c.alliance == alliance)):
        seen.setdefault(row.alarm, set()).add(Side(row.side))
    query = select(alarms).where(alarms.c.alliance == alliance).order_by(alarms.c.number, alarms.c.kind)
    return tuple(
        RaisedAlarm(row.id, alliance, ALARM.read(row.body), row.slot, frozenset(seen.get(row.id, ())))
        for row in connection.execute(query)
    )


def acknowledge(connection: Connection, alarm: str, side: Side) -> bool:
    """True when this side had not done so yet; False also for an alarm that does not exist."""
    if connection.scalar(select(alarms.c.id).where(alarms.c.id == alarm)) is None:
        return False
    return insert_new(connection, acknowledgements, [{"alarm": alarm, "side": side.value}]) == 1


def accept(connection: Connection, alliance: str, accepted: Sequence[Alarm]) -> None:
    """The charts of these alarms start anew at the next closing."""
    known = (*_accepted(connection, alliance), *accepted)
    mine = update(memories).where(memories.c.alliance == alliance)
    connection.execute(mine.values(accepted=ALARMS.write(known)))


def _asked(connection: Connection, round: Round) -> list[Round]:
    settled = or_(rounds.c.state == "closed", rounds.c.id == round.id)
    earlier = and_(rounds.c.alliance == round.alliance, rounds.c.number <= round.index, settled)
    query = select(rounds).where(earlier).order_by(rounds.c.number.desc()).limit(ROUNDS)
    return [as_round(row) for row in connection.execute(query)][::-1]


def _answers(
    connection: Connection, told: dict[str, Round]
) -> tuple[tuple[Answer, ...], frozenset[tuple[str, int]], frozenset[AnswerKey]]:
    """Valid answers, who answered anything in which round, and which answers are spent."""
    query = select(
        answers.c.side, answers.c.person, answers.c.round, answers.c.item, answers.c.value, answers.c.spent
    ).where(answers.c.round.in_(list(told)), answers.c.side.is_not(None))
    rows = connection.execute(query.order_by(answers.c.round, answers.c.person, answers.c.item)).all()
    index = {id: one.index for id, one in told.items()}
    return (
        tuple(
            Answer(Side(r.side), r.person, index[r.round], r.item, r.value)
            for r in rows
            if r.value is not None
        ),
        frozenset((r.person, index[r.round]) for r in rows),
        frozenset((r.person, index[r.round], r.item) for r in rows if r.spent),
    )


def _roster(connection: Connection, told: dict[str, Round]) -> tuple[Invitation, ...]:
    query = select(invitations).where(invitations.c.round.in_(list(told)))
    rows = connection.execute(query.order_by(invitations.c.round, invitations.c.person))
    return tuple(Invitation(Side(row.side), row.person, told[row.round].index) for row in rows)


def _readings(connection: Connection, round: Round) -> tuple[Reading, ...]:
    recent = and_(
        readings.c.alliance == round.alliance,
        readings.c.at > round.closes_at - WEEKS,
        readings.c.at <= round.closes_at,
        ~readings.c.deleted,
    )
    rows = connection.execute(select(readings).where(recent).order_by(readings.c.at))
    return tuple(Reading(Side(row.side), row.person, row.at, row.polarity) for row in rows)


def _memory(connection: Connection, alliance: str) -> Memory:
    state = connection.scalar(select(memories.c.state).where(memories.c.alliance == alliance))
    memory = Memory(MEMORY.read(state)) if state else Memory()
    return _with_accepted(memory, _accepted(connection, alliance))


def _remember(connection: Connection, alliance: str, memory: Memory) -> None:
    """What was accepted since the record was read is not lost."""
    memory = _with_accepted(memory, _accepted(connection, alliance))
    row = {"alliance": alliance, "state": MEMORY.write(dict(memory.state)), "accepted": None}
    put(connection, memories, row)


def _accepted(connection: Connection, alliance: str) -> tuple[Alarm, ...]:
    text = connection.scalar(select(memories.c.accepted).where(memories.c.alliance == alliance))
    return ALARMS.read(text) if text else ()


def _with_accepted(memory: Memory, accepted: Iterable[Alarm]) -> Memory:
    return reduce(accept_new_normal, accepted, memory)


def _spend(connection: Connection, alliance: str, closing: Closing) -> None:
    if not closing.spent:
        return
    query = select(rounds.c.number, rounds.c.id).where(rounds.c.alliance == alliance)
    used = {index for _, index, _ in closing.spent}
    ids = {row.number: row.id for row in connection.execute(query.where(rounds.c.number.in_(used)))}
    this = and_(
        answers.c.round == bindparam("of"),
        answers.c.person == bindparam("by"),
        answers.c.item == bindparam("on"),
    )
    keys = [{"of": ids[index], "by": person, "on": item} for person, index, item in sorted(closing.spent)]
    connection.execute(update(answers).where(this).values(spent=True), keys)


def _released_row(alliance: str, release: Release) -> dict[str, object]:
    return {
        "alliance": alliance,
        "number": release.round,
        "side": release.cell.side.value if release.cell.side else "",
        "dimension": release.cell.dimension,
        "slot": release.slot,
        "value": release.value,
        "band": release.band,
        "favourable": FAVOURABLE.write(release.favourable) if release.favourable else None,
        "split": release.split,
    }


def _alarm_row(round: Round, alarm: Alarm) -> dict[str, object]:
    return {
        "alliance": round.alliance,
        "number": alarm.round,
        "kind": alarm.kind,
        "id": f"{round.alliance}.{alarm.round}.{alarm.kind}",
        "slot": round.slot,
        "body": ALARM.write(alarm),
    }

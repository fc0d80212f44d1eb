"""Rounds: asked, given a roster, reminded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, and_, func, select, update

from bot.model.alliance import Round, Side
from bot.model.commands import Turnout
from bot.model.delivery import Delivery
from storage.alliances.sides import rename_people, seat_people
from storage.engine.cache import TtlCache
from storage.engine.encryption import Vault
from storage.engine.json_codec import ITEMS, TURNOUT, read_items
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.rounds.wishes import excuse_paused, find_next_wish
from storage.tables import answers, invitations, rounds

Query: TypeAlias = Select[*tuple[Any, ...]]
Counts: TypeAlias = tuple[dict[Side, int], dict[Side, int]]
"""People a side who answered, and who were on the roster."""
OPEN = rounds.c.state == "open"


@dataclass(frozen=True, slots=True)
class Rounds:
    """`bot.ports.Rounds` over the database. `recent`: a round that was asked never changes."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource
    recent: TtlCache[str, Round]

    async def find_round(self, round_id: str) -> Round | None:
        return await self.recent.get(round_id, lambda key: self.reader.run(_find_round, key))

    @read_transaction
    def list_open(self, connection: Connection, alliance: str, now: datetime) -> tuple[Round, ...]:
        waiting = and_(rounds.c.alliance == alliance, OPEN, rounds.c.closes_at > now)
        return list_rounds(connection, select(rounds).where(waiting).order_by(rounds.c.number))

    @read_transaction
    def find_last_closed(self, connection: Connection, alliance: str) -> Round | None:
        query = select(rounds).where(rounds.c.alliance == alliance, rounds.c.state == "closed")
        row = connection.execute(query.order_by(rounds.c.number.desc()).limit(1)).first()
        return read_round(row) if row else None

    @read_transaction
    def list_unenrolled(self, connection: Connection, now: datetime) -> tuple[Round, ...]:
        return tuple(sample_due(list_rounds(connection, select_unenrolled(now))))

    @write_transaction
    def enrol(
        self,
        connection: Connection,
        round_id: str,
        roster: Sequence[tuple[Side | None, str]],
        renamed: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        if not _take_due(connection, round_id, "enrol_due"):
            return 0
        rename_people(connection, round_id, renamed)
        moved = seat_people(connection, round_id, {person: side and side.value for side, person in roster})
        excuse_paused(connection, round_id)
        return moved

    @write_transaction
    def request_roster(self, connection: Connection, round_id: str) -> None:
        this = rounds.c.id == round_id, OPEN
        connection.execute(update(rounds).where(*this).values(enrol_due=rounds.c.opens_at))

    @read_transaction
    def list_to_remind(self, connection: Connection, now: datetime) -> tuple[Round, ...]:
        return tuple(sample_due(list_rounds(connection, select_to_remind(now))))

    @enqueue_transaction
    def remind(
        self,
        connection: Connection,
        enqueue: Enqueue,
        round_id: str,
        deliveries: Sequence[Delivery],
        now: datetime,
        look_at: datetime | None,
    ) -> int:
        if not _take_due(connection, round_id, "remind_due", now):
            return 0
        looks = [at for at in (look_at, find_next_wish(connection, round_id, now)) if at]
        this = update(rounds).where(rounds.c.id == round_id)
        connection.execute(this.values(remind_due=min(looks, default=None)))
        return enqueue(deliveries)

    @read_transaction
    def count_turnout(self, connection: Connection, round_id: str) -> Turnout:
        kept = connection.scalar(select(rounds.c.turnout).where(rounds.c.id == round_id))
        return Turnout(*(TURNOUT.read(kept) if kept else count_people(connection, round_id)))

    @read_transaction
    def count_roster(self, connection: Connection, round_id: str, leads: frozenset[str]) -> dict[Side, int]:
        others = and_(invitations.c.round == round_id, invitations.c.person.not_in(leads))
        query = select(invitations.c.side, func.count()).where(others)
        return _by_side(connection, query.group_by(invitations.c.side))


def insert_round(connection: Connection, asked: Round) -> bool:
    """Return False if its slot, its index or its id is taken."""
    row = {
        "id": asked.id,
        "alliance": asked.alliance,
        "pulse": asked.pulse,
        "slot": asked.slot,
        "number": asked.index,
        "asked": ITEMS.write(asked.items),
        "opens_at": asked.opens_at,
        "closes_at": asked.closes_at,
        "remind_at": asked.remind_at,
        "minimum": asked.minimum,
        "holiday": asked.holiday,
        "shared": asked.shared,
        "state": "open",
        "enrol_due": asked.opens_at,
        "remind_due": asked.remind_at,
        "close_due": asked.closes_at,
    }
    return insert_new(connection, rounds, [row]) == 1


def select_unenrolled(now: datetime) -> Query:
    """Select open rounds whose roster is not taken yet, oldest first."""
    waiting = and_(rounds.c.enrol_due <= now, OPEN, rounds.c.closes_at > now)
    return select(rounds).where(waiting).order_by(rounds.c.enrol_due).limit(WINDOW)


def select_to_remind(now: datetime) -> Query:
    """Select open rounds whose reminder is due, oldest first."""
    waiting = and_(rounds.c.remind_due <= now, OPEN, rounds.c.closes_at > now)
    return select(rounds).where(waiting).order_by(rounds.c.remind_due).limit(WINDOW)


def list_rounds(connection: Connection, query: Query) -> tuple[Round, ...]:
    """Return the rounds that a query over their table selects."""
    return tuple(read_round(row) for row in connection.execute(query))


def count_people(connection: Connection, round_id: str) -> Counts:
    """Count from the rows that are there now."""
    persons = func.count(answers.c.person.distinct())
    gave = select(answers.c.side, persons).where(answers.c.round == round_id, answers.c.side.is_not(None))
    asked = select(invitations.c.side, func.count()).where(invitations.c.round == round_id)
    answered = _by_side(connection, gave.group_by(answers.c.side))
    invited = _by_side(connection, asked.group_by(invitations.c.side))
    return answered, invited


def read_round(row: Any) -> Round:
    """Build the round of a row of its table."""
    return Round(
        id=row.id,
        alliance=row.alliance,
        pulse=row.pulse,
        slot=row.slot,
        index=row.number,
        items=read_items(row.asked),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        remind_at=row.remind_at,
        minimum=row.minimum,
        holiday=row.holiday,
        shared=row.shared,
    )


def _find_round(connection: Connection, round_id: str) -> Round | None:
    row = connection.execute(select(rounds).where(rounds.c.id == round_id)).first()
    return read_round(row) if row else None


def _take_due(connection: Connection, round_id: str, due: str, now: datetime | None = None) -> bool:
    """Mark the step done; False if it was already, another transaction is doing it, or it is due after `now`."""
    is_due = rounds.c[due].is_not(None) if now is None else rounds.c[due] <= now
    if lock_row(connection, rounds, rounds.c.id == round_id, is_due) is None:
        return False
    connection.execute(update(rounds).where(rounds.c.id == round_id).values({due: None}))
    return True


def _by_side(connection: Connection, query: Select[Any, int]) -> dict[Side, int]:
    counts = {row[0]: row[1] for row in connection.execute(query)}
    return {side: counts.get(side.value, 0) for side in Side}

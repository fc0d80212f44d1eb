"""Wishes: who wants no reminders for a while, no place on rosters, or one more reminder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, delete, func, or_, select, update

from bot.model.alliance import Side
from bot.model.wish import Wish, WishKind
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import upsert_rows
from storage.engine.writer import Writer
from storage.rounds.coarse_times import floor_day
from storage.tables import invitations, rounds, wishes


@dataclass(frozen=True, slots=True)
class Wishes:
    """`bot.ports.Wishes` over the database."""

    reader: Reader
    writer: Writer

    @write_transaction
    def save_wish(
        self, connection: Connection, alliance: str, person: str, side: Side, wish: Wish, now: datetime
    ) -> None:
        row = {"alliance": alliance, "person": person, "kind": wish.kind, "side": side.value}
        upsert_rows(
            connection, wishes, {**row, "round": wish.round, "until": wish.until, "at": floor_day(now)}
        )
        if wish.kind == "again":
            this = rounds.c.id == wish.round, rounds.c.alliance == alliance, rounds.c.state == "open"
            later = or_(rounds.c.remind_due.is_(None), rounds.c.remind_due > wish.until)
            connection.execute(update(rounds).where(*this, later).values(remind_due=wish.until))

    @write_transaction
    def withdraw_wishes(self, connection: Connection, alliance: str, person: str) -> int:
        mine = wishes.c.alliance == alliance, wishes.c.person == person
        return connection.execute(delete(wishes).where(*mine)).rowcount

    @read_transaction
    def list_wishes(
        self, connection: Connection, alliance: str, now: datetime
    ) -> Mapping[str, tuple[Wish, ...]]:
        holds = or_(wishes.c.kind == "again", wishes.c.until > now)
        rows = connection.execute(select(wishes).where(wishes.c.alliance == alliance, holds))
        found: dict[str, tuple[Wish, ...]] = {}
        for row in rows:
            found[row.person] = (*found.get(row.person, ()), _read_wish(row))
        return found


def excuse_paused(connection: Connection, round_id: str) -> None:
    """Take off the round's roster whoever wants to be on none when it opens."""
    paused = select(wishes.c.person).where(
        wishes.c.alliance == rounds.c.alliance, wishes.c.kind == "pause", wishes.c.until > rounds.c.opens_at
    )
    people = paused.where(rounds.c.id == round_id)
    this = invitations.c.round == round_id
    connection.execute(delete(invitations).where(this, invitations.c.person.in_(people)))


def find_next_wish(connection: Connection, round_id: str, now: datetime) -> datetime | None:
    """Return when the next reminder of this round is wanted."""
    wanted = wishes.c.kind == "again", wishes.c.round == round_id, wishes.c.until > now
    found: datetime | None = connection.scalar(select(func.min(wishes.c.until)).where(*wanted))
    return found


def _read_wish(row: Any) -> Wish:
    return Wish(cast(WishKind, row.kind), row.until, row.round)

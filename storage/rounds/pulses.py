"""Pulses: when each is to be looked at next, found by index.

A decision rests on the declaration it was read with. If that changes before the decision is written down, the decision
is dropped: the change has made the alliance due again. The revision that travels with a due pulse shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, and_, func, select, update

from bot.model.alliance import Alliance, Round
from bot.model.commands import DuePulse
from bot.model.delivery import Delivery
from storage.alliances.declarations import Declarations
from storage.coordination.future_marks import last_day
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.rounds.rounds import insert_round
from storage.tables import alliances, missed, pulses, rounds
from storage.tables.columns import EPOCH


@dataclass(frozen=True, slots=True)
class Pulses:
    """`bot.ports.Pulses` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource
    declared: Declarations

    @read_transaction
    def list_due(self, connection: Connection, now: datetime) -> tuple[DuePulse, ...]:
        rows = sample_due(connection.execute(select_due_pulses(now)).all())
        loaded = self.declared.load_by_keys(connection, {row.alliance for row in rows})
        declared = {alliance.key: alliance for alliance in loaded}
        due = (_read_due_pulse(declared[row.alliance], row) for row in rows if row.alliance in declared)
        return tuple(pulse for pulse in due if pulse)

    @enqueue_transaction
    def ask(
        self,
        connection: Connection,
        enqueue: Enqueue,
        asked: Round,
        deliveries: Sequence[Delivery],
        look_at: datetime,
        revision: int,
    ) -> bool:
        if not _lock_pulse(connection, asked.alliance, asked.pulse, revision):
            return False
        if not insert_round(connection, asked):
            return False
        _look_again(connection, asked.alliance, asked.pulse, look_at)
        enqueue(deliveries)
        return True

    @write_transaction
    def reschedule(
        self,
        connection: Connection,
        alliance: str,
        pulse: str,
        look_at: datetime,
        revision: int,
        missed_slot: date | None = None,
    ) -> None:
        if not _lock_pulse(connection, alliance, pulse, revision):
            return
        if missed_slot is not None:
            row = {"alliance": alliance, "pulse": pulse, "slot": missed_slot}
            insert_new(connection, missed, [row])
        _look_again(connection, alliance, pulse, look_at)

    @read_transaction
    def list_missed(self, connection: Connection, alliance: str) -> tuple[date, ...]:
        query = select(missed.c.slot).where(missed.c.alliance == alliance).order_by(missed.c.slot)
        return tuple(connection.scalars(query))


def select_due_pulses(now: datetime) -> Select[Any]:
    """Select the pulses due at `now`, oldest look first, with the newest slots asked and missed."""
    # A slot asked or missed before its time, by a clock that was ahead, does not make those before it done.
    today = last_day(now)
    asked = and_(
        rounds.c.alliance == pulses.c.alliance, rounds.c.pulse == pulses.c.key, rounds.c.slot <= today
    )
    passed = and_(
        missed.c.alliance == pulses.c.alliance, missed.c.pulse == pulses.c.key, missed.c.slot <= today
    )
    return (
        select(
            pulses.c.alliance,
            pulses.c.key,
            pulses.c.since,
            alliances.c.revision,
            _select_newest(rounds.c.number, rounds.c.alliance == pulses.c.alliance).label("number"),
            _select_newest(rounds.c.slot, asked).label("asked"),
            _select_newest(missed.c.slot, passed).label("missed"),
        )
        .join(alliances, alliances.c.key == pulses.c.alliance)
        .where(pulses.c.look_at <= now)
        .order_by(pulses.c.look_at, pulses.c.alliance, pulses.c.key)
        .limit(WINDOW)
    )


def _select_newest(column: ColumnElement[Any], condition: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.max(column)).where(condition).scalar_subquery()


def _read_due_pulse(alliance: Alliance, row: Any) -> DuePulse | None:
    """Return None for a pulse that is no longer declared."""
    pulse = next((pulse for pulse in alliance.pulses if pulse.key == row.key), None)
    if pulse is None:
        return None
    index = 0 if row.number is None else row.number + 1
    last_slot = max(filter(None, (row.asked, row.missed)), default=None)
    since = None if row.since == EPOCH else row.since
    return DuePulse(alliance, pulse, index, last_slot, since, row.revision)


def _lock_pulse(connection: Connection, alliance: str, pulse: str, revision: int) -> bool:
    """Lock the pulse and its declaration; False if another transaction has one, or the declaration changed."""
    row = lock_row(connection, alliances, alliances.c.key == alliance, shared=True)
    if row is None or row.revision != revision:
        return False
    return lock_row(connection, pulses, *_is_pulse(alliance, pulse)) is not None


def _look_again(connection: Connection, alliance: str, pulse: str, look_at: datetime) -> None:
    connection.execute(update(pulses).where(*_is_pulse(alliance, pulse)).values(look_at=look_at))


def _is_pulse(alliance: str, pulse: str) -> tuple[ColumnElement[bool], ...]:
    return pulses.c.alliance == alliance, pulses.c.key == pulse

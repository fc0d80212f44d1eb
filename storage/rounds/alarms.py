"""Alarms that were raised, and what leads did about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from sqlalchemy import Connection, and_, select, update

from bot.alarms.episodes import list_open_kinds
from bot.alarms.state import accept_level
from bot.model.alliance import Side
from bot.model.closing import Alarm, Memory
from bot.model.commands import RaisedAlarm
from storage.engine.json_codec import ALARM, ALARMS, MEMORY
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.loop.alerts import end_alerts
from storage.tables import acknowledgements, alarms, memories, rounds


@dataclass(frozen=True, slots=True)
class Alarms:
    """`bot.ports.Alarms` over the database."""

    reader: Reader
    writer: Writer

    @read_transaction
    def list_raised(self, connection: Connection, alliance: str) -> tuple[RaisedAlarm, ...]:
        signed: dict[str, set[Side]] = {}
        joined = select(acknowledgements).join(alarms, alarms.c.id == acknowledgements.c.alarm)
        for row in connection.execute(joined.where(alarms.c.alliance == alliance)):
            signed.setdefault(row.alarm, set()).add(Side(row.side))
        judged = and_(rounds.c.alliance == alarms.c.alliance, rounds.c.number == alarms.c.number)
        query = select(alarms, rounds.c.shared).join(rounds, judged).where(alarms.c.alliance == alliance)
        return tuple(
            RaisedAlarm(
                row.id,
                alliance,
                ALARM.read(row.body),
                row.slot,
                frozenset(signed.get(row.id, ())),
                row.shared,
            )
            for row in connection.execute(query.order_by(alarms.c.number, alarms.c.kind))
        )

    @read_transaction
    def list_open(self, connection: Connection, alliance: str) -> frozenset[str]:
        return list_open_kinds(read_memory(connection, alliance))

    @write_transaction
    def acknowledge(self, connection: Connection, alarm_id: str, side: Side) -> bool:
        if connection.scalar(select(alarms.c.id).where(alarms.c.id == alarm_id)) is None:
            return False
        return insert_new(connection, acknowledgements, [{"alarm": alarm_id, "side": side.value}]) == 1

    @write_transaction
    def accept_new_normal(self, connection: Connection, alliance: str, accepted: Sequence[Alarm]) -> None:
        """Keep them for the next closing, which starts their charts anew; their alerts end."""
        kept = (*list_accepted(connection, alliance), *accepted)
        this = update(memories).where(memories.c.alliance == alliance)
        connection.execute(this.values(accepted=ALARMS.write(kept)))
        end_alerts(connection, alliance, [alarm.kind for alarm in accepted], "new normal")


def read_memory(connection: Connection, alliance: str) -> Memory:
    """Return what the charts remember, with what leads accepted since."""
    state = connection.scalar(select(memories.c.state).where(memories.c.alliance == alliance))
    return with_accepted(connection, alliance, Memory(MEMORY.read(state)) if state else Memory())


def with_accepted(connection: Connection, alliance: str, memory: Memory) -> Memory:
    """Start the charts anew whose level leads accepted since the newest closing."""
    return reduce(accept_level, list_accepted(connection, alliance), memory)


def list_accepted(connection: Connection, alliance: str) -> tuple[Alarm, ...]:
    """Return alarms whose level leads accepted as the new normal since the newest closing."""
    text = connection.scalar(select(memories.c.accepted).where(memories.c.alliance == alliance))
    return ALARMS.read(text) if text else ()

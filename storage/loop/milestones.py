"""Milestones: marked, corrected and removed by leads of either side."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select

from bot.model.alliance import Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.model.milestone import Milestone
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.upsert import upsert_rows
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import milestones


@dataclass(frozen=True, slots=True)
class Milestones:
    """`bot.ports.Milestones` over the database."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    @read_transaction
    def list_milestones(self, connection: Connection, alliance: str) -> tuple[Milestone, ...]:
        mine = select(milestones).where(milestones.c.alliance == alliance)
        rows = connection.execute(mine.order_by(milestones.c.day, milestones.c.kind, milestones.c.number))
        return tuple(Milestone(row.alliance, row.kind, row.number, row.day, Side(row.side)) for row in rows)

    @enqueue_transaction
    def mark(
        self,
        connection: Connection,
        enqueue: Enqueue,
        milestone: Milestone,
        told: Sequence[Delivery],
        noted: AuditEntry,
    ) -> bool:
        days = select(milestones.c.day).where(*_match(milestone))
        is_new = connection.scalar(days) != milestone.day
        if is_new:
            names = ("alliance", "kind", "number", "day")
            row = {name: getattr(milestone, name) for name in names}
            upsert_rows(connection, milestones, {**row, "side": milestone.side.value})
            enqueue(told)
        append_entry(connection, audit_key(self.secret), noted.conclude("marked" if is_new else "unchanged"))
        return is_new

    @enqueue_transaction
    def remove(
        self,
        connection: Connection,
        enqueue: Enqueue,
        milestone: Milestone,
        told: Sequence[Delivery],
        noted: AuditEntry,
    ) -> bool:
        was_there = connection.execute(delete(milestones).where(*_match(milestone))).rowcount == 1
        if was_there:
            enqueue(told)
        outcome = "removed" if was_there else "refused, not marked"
        append_entry(connection, audit_key(self.secret), noted.conclude(outcome))
        return was_there


def _match(milestone: Milestone) -> tuple[ColumnElement[bool], ...]:
    return (
        milestones.c.alliance == milestone.alliance,
        milestones.c.kind == milestone.kind,
        milestones.c.number == milestone.number,
    )

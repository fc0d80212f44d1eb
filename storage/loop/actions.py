"""Actions: planned, moved and ended together with what that means for their alert."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from bot.model.alliance import Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.model.planned_action import MOST_OPEN, PlannedAction
from bot.ports.loop import AlertMove, Planned
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.loop.alerts import move_alert
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import actions, alerts, alliances

IS_OPEN = actions.c.state == "open"


@dataclass(frozen=True, slots=True)
class Actions:
    """`bot.ports.Actions` over the database."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    @read_transaction
    def list_actions(self, connection: Connection, alliance: str) -> tuple[PlannedAction, ...]:
        query = select(actions).where(actions.c.alliance == alliance).order_by(actions.c.due, actions.c.id)
        return tuple(self._read_action(row) for row in connection.execute(query))

    @enqueue_transaction
    def plan(
        self,
        connection: Connection,
        enqueue: Enqueue,
        action: PlannedAction,
        move: AlertMove,
        among: Collection[str],
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> Planned:
        if connection.scalar(select(actions.c.id).where(actions.c.id == action.id)):
            return "known"
        # Locked: two leads who plan at once are counted one after the other.
        if lock_row(connection, alliances, alliances.c.key == action.alliance) is None:
            return "changed"
        open_ones = select(func.count()).where(IS_OPEN, actions.c.alert.in_(among))
        if (connection.scalar(open_ones) or 0) >= MOST_OPEN:
            return "full"
        if not move_alert(connection, *move):
            return "changed"
        connection.execute(actions.insert().values(self._write_action(action)))
        if noted:
            append_entry(connection, audit_key(self.secret), noted)
        enqueue(told)
        return "planned"

    @enqueue_transaction
    def change(
        self,
        connection: Connection,
        enqueue: Enqueue,
        before: PlannedAction,
        after: PlannedAction,
        move: AlertMove | None,
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        this = actions.c.id == before.id
        alert = lock_row(connection, alerts, alerts.c.id == before.alert)
        if alert is None or (move and alert.revision != move[0].revision):
            return False
        if lock_row(connection, actions, this, actions.c.revision == before.revision) is None:
            return False
        connection.execute(update(actions).where(this).values(self._write_fields(after)))
        if move:
            move_alert(connection, *move)
        if noted:
            append_entry(connection, audit_key(self.secret), noted)
        enqueue(told)
        return True

    @read_transaction
    def list_due(self, connection: Connection, now: datetime) -> tuple[PlannedAction, ...]:
        return tuple(map(self._read_action, sample_due(connection.execute(select_due_actions(now)).all())))

    def _read_action(self, row: Any) -> PlannedAction:
        return PlannedAction(
            row.id,
            row.alliance,
            row.alert,
            row.topic,
            self.vault.open(row.body, "action", "body", row.id),
            row.owner,
            Side(row.owner_side) if row.owner_side else None,
            row.due,
            row.state,
            row.moved,
            row.reason,
            row.reminded,
            row.look_at,
            row.ended_at,
            self.vault.open(row.story, "action", "story", row.id) if row.story else "",
            Side(row.story_side) if row.story_side else None,
            row.told_at,
            row.revision,
        )

    def _write_action(self, action: PlannedAction) -> dict[str, object]:
        body = self.vault.seal(action.text, "action", "body", action.id)
        same = {name: getattr(action, name) for name in ("id", "alliance", "alert", "topic")}
        return {**same, "body": body, **self._write_fields(action)}

    def _write_fields(self, action: PlannedAction) -> dict[str, object]:
        """Return the columns that change in the life of an action."""
        names = ("owner", "due", "state", "moved", "reason", "reminded", "look_at", "ended_at", "told_at")
        sides = {"owner_side": action.owner_side, "story_side": action.story_side}
        story = self.vault.seal(action.story, "action", "story", action.id) if action.story else None
        return {
            **{name: getattr(action, name) for name in names},
            **{name: side.value if side else None for name, side in sides.items()},
            "story": story,
            "revision": action.revision,
        }


def select_due_actions(now: datetime) -> Select[Any]:
    """Select the actions that are overdue at `now`, oldest first."""
    return select(actions).where(actions.c.look_at <= now).order_by(actions.c.look_at).limit(WINDOW)

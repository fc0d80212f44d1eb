"""Alerts: opened and ended by closings, moved by leads; each change names the revision that it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, select, update

from bot.model.alert import UNFINISHED, Alert, AlertReminder, AlertState
from bot.model.alliance import Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import actions, alert_reminders, alerts, rounds

IS_UNFINISHED = alerts.c.state.in_(UNFINISHED)


@dataclass(frozen=True, slots=True)
class Alerts:
    """`bot.ports.Alerts` over the database."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    @read_transaction
    def list_alerts(self, connection: Connection, alliance: str) -> tuple[Alert, ...]:
        query = _select_alerts(alerts.c.alliance == alliance)
        return tuple(map(read_alert, connection.execute(query.order_by(alerts.c.number, alerts.c.kind))))

    @enqueue_transaction
    def move(
        self,
        connection: Connection,
        enqueue: Enqueue,
        before: Alert,
        after: Alert,
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        if not move_alert(connection, before, after):
            return False
        if noted:
            append_entry(connection, audit_key(self.secret), noted)
        enqueue(told)
        return True

    @read_transaction
    def list_due(self, connection: Connection, now: datetime) -> tuple[Alert, ...]:
        return tuple(map(read_alert, sample_due(connection.execute(select_due_alerts(now)).all())))

    @write_transaction
    def ask_reminder(
        self, connection: Connection, reminder: AlertReminder, noted: AuditEntry | None = None
    ) -> None:
        row = {"alert": reminder.alert.id, "person": reminder.person, "at": reminder.at}
        upsert_rows(connection, alert_reminders, row)
        if noted:
            append_entry(connection, audit_key(self.secret), noted)

    @read_transaction
    def list_reminders(self, connection: Connection, now: datetime) -> tuple[AlertReminder, ...]:
        rows = sample_due(connection.execute(select_due_reminders(now)).all())
        ids = [row.alert for row in rows]
        found = {row.id: read_alert(row) for row in connection.execute(_select_alerts(alerts.c.id.in_(ids)))}
        return tuple(
            AlertReminder(found[row.alert], row.person, row.at) for row in rows if row.alert in found
        )

    @enqueue_transaction
    def send_reminder(
        self, connection: Connection, enqueue: Enqueue, reminder: AlertReminder, told: Sequence[Delivery]
    ) -> bool:
        this = alert_reminders.c.alert == reminder.alert.id, alert_reminders.c.person == reminder.person
        if connection.execute(delete(alert_reminders).where(*this)).rowcount == 0:
            return False
        enqueue(told)
        return True


def select_due_alerts(now: datetime) -> Select[Any]:
    """Select the alerts whose look is due at `now`, oldest first."""
    return _select_alerts(alerts.c.look_at <= now).order_by(alerts.c.look_at).limit(WINDOW)


def select_due_reminders(now: datetime) -> Select[Any]:
    """Select the reminders that leads asked for by `now`, oldest first."""
    due = select(alert_reminders).where(alert_reminders.c.at <= now)
    return due.order_by(alert_reminders.c.at).limit(WINDOW)


def move_alert(connection: Connection, before: Alert, after: Alert) -> bool:
    """Make `before` be `after`; False where it is not as before any more, or another transaction holds it."""
    this = alerts.c.id == before.id
    if lock_row(connection, alerts, this, alerts.c.revision == before.revision) is None:
        return False
    connection.execute(update(alerts).where(this).values(_write_fields(after)))
    return True


def open_alerts(connection: Connection, opened: Sequence[Alert]) -> None:
    insert_new(connection, alerts, [_write_alert(alert) for alert in opened])


def end_alerts(connection: Connection, alliance: str, kinds: Sequence[str], state: AlertState) -> None:
    """End the unfinished alerts of these kinds."""
    these = alerts.c.alliance == alliance, alerts.c.kind.in_(kinds), IS_UNFINISHED
    over = {"state": state, "look_at": None, "revision": alerts.c.revision + 1}
    connection.execute(update(alerts).where(*these).values(over))


def disown_alerts(connection: Connection, alliance: str, whose: ColumnElement[bool], person: str = "") -> int:
    """Take the owner out of the alerts that are theirs, and forget of what they wanted to be reminded."""
    connection.execute(delete(alert_reminders).where(alert_reminders.c.person == person))
    state = case(
        (and_(alerts.c.state == "owned", alerts.c.seen == ""), "open"),
        (alerts.c.state == "owned", "seen"),
        else_=alerts.c.state,
    )
    free = {"owner": "", "owner_side": None, "state": state, "revision": alerts.c.revision + 1}
    these = alerts.c.alliance == alliance, alerts.c.owner != "", whose
    return connection.execute(update(alerts).where(*these).values(free)).rowcount


def disown_actions(connection: Connection, alliance: str, whose: ColumnElement[bool]) -> int:
    """Take the owner out of the actions that are theirs."""
    free = {"owner": "", "owner_side": None, "revision": actions.c.revision + 1}
    these = actions.c.alliance == alliance, actions.c.owner != "", whose
    return connection.execute(update(actions).where(*these).values(free)).rowcount


def delete_alerts(connection: Connection, alarm_ids: Select[tuple[str]]) -> None:
    """Delete the alerts that these alarms opened, with their actions."""
    connection.execute(delete(actions).where(actions.c.alert.in_(alarm_ids)))
    connection.execute(delete(alert_reminders).where(alert_reminders.c.alert.in_(alarm_ids)))
    connection.execute(delete(alerts).where(alerts.c.id.in_(alarm_ids)))


def _select_alerts(*where: ColumnElement[bool]) -> Select[Any]:
    asked = and_(rounds.c.alliance == alerts.c.alliance, rounds.c.number == alerts.c.number)
    return select(alerts, rounds.c.shared).join(rounds, asked).where(*where)


def read_alert(row: Any) -> Alert:
    return Alert(
        row.id,
        row.alliance,
        row.kind,
        row.number,
        row.slot,
        row.shared,
        row.state,
        frozenset(map(Side, row.seen.split())),
        row.owner,
        Side(row.owner_side) if row.owner_side else None,
        row.reason,
        row.look_at,
        row.revision,
    )


def _write_alert(alert: Alert) -> dict[str, object]:
    same = {name: getattr(alert, name) for name in ("id", "alliance", "kind", "slot")}
    return {**same, "number": alert.round, **_write_fields(alert)}


def _write_fields(alert: Alert) -> dict[str, object]:
    """Return the columns that change in the life of an alert."""
    return {
        "state": alert.state,
        "seen": " ".join(sorted(side.value for side in alert.seen)),
        "owner": alert.owner,
        "owner_side": alert.owner_side.value if alert.owner_side else None,
        "reason": alert.reason,
        "look_at": alert.look_at,
        "revision": alert.revision,
    }

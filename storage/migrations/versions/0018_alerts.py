"""Alerts that leads own. Those that are open already begin as seen by whom they were seen."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018_alerts"
down_revision = "0017_wishes"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("alert"):
        return
    alerts = op.create_table(
        "alert",
        sa.Column("id", sa.String(), sa.ForeignKey("alarm.id"), nullable=False),
        sa.Column("alliance", sa.String(), sa.ForeignKey("alliance.key"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_side", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("look_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alert_alliance", "alert", ["alliance"])
    op.create_index("ix_alert_look_at", "alert", ["look_at"])
    op.create_table(
        "alert_reminder",
        sa.Column("alert", sa.String(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("alert", "person"),
    )
    op.create_index("ix_alert_reminder_at", "alert_reminder", ["at"])
    op.bulk_insert(alerts, list(_list_open()))


def _list_open() -> Iterator[dict[str, object]]:
    """Yield the alert of each alarm whose episode is open: of its kind the newest that was no reminder."""
    connection = op.get_bind()
    alarm = sa.table("alarm", *(sa.column(name) for name in ("alliance", "number", "kind", "id", "body")))
    slot = sa.column("slot", sa.Date())
    for memory in connection.execute(sa.text("SELECT alliance, state FROM memory")).all():
        kinds = json.loads(memory.state)[0].get("episodes", {})
        query = sa.select(alarm, slot).where(alarm.c.alliance == memory.alliance)
        opened = {}
        for row in connection.execute(query.order_by(alarm.c.number)).all():
            judged = json.loads(row.body)[0]
            is_opening = judged["level"] == "alert" and not judged.get("reminder", False)
            if is_opening and row.kind in kinds and not row.kind.startswith("dim:"):
                opened[row.kind] = row
        for row in opened.values():
            yield _make_row(row, connection)


def _make_row(row: sa.Row[Any], connection: sa.Connection) -> dict[str, object]:
    seen = connection.scalars(
        sa.text("SELECT side FROM acknowledgement WHERE alarm = :id ORDER BY side"), {"id": row.id}
    ).all()
    same = {name: getattr(row, name) for name in ("id", "alliance", "kind", "number", "slot")}
    return {
        **same,
        "state": "seen" if seen else "open",
        "seen": " ".join(seen),
        "owner": "",
        "owner_side": None,
        "reason": None,
        "look_at": None,
        "revision": 0,
    }

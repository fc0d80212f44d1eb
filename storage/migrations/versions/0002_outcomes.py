"""What came of the rounds, what goes out, and small things."""

import sqlalchemy as sa
from alembic import op

revision = "0002_outcomes"
down_revision = "0001_rounds"

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _chat_line()
    _counter()
    _delivery()
    _setting()
    _alarm()
    _memory()
    _released()
    _acknowledgement()


def _chat_line() -> None:
    op.create_table(
        "chat_line",
        sa.Column("id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("change", SERIAL, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("change"),
        sa.UniqueConstraint("key"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", SERIAL, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("place_key", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("revises", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("ref", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("slot"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_message", "delivery", ["place_key", "message"])
    op.create_index("ix_delivery_revises", "delivery", ["revises"])
    op.create_index("ix_delivery_state", "delivery", ["state", "seq"])
    op.create_index(
        "ix_delivery_waiting_place",
        "delivery",
        ["place_key", "seq"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )


def _setting() -> None:
    op.create_table(
        "setting",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("alliance", "number", "kind"),
        sa.UniqueConstraint("id"),
    )


def _memory() -> None:
    op.create_table(
        "memory",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("alliance"),
    )


def _released() -> None:
    op.create_table(
        "released",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("favourable", sa.String(), nullable=True),
        sa.Column("split", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("alliance", "number", "side", "dimension"),
    )


def _acknowledgement() -> None:
    op.create_table(
        "acknowledgement",
        sa.Column("alarm", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm"],
            ["alarm.id"],
        ),
        sa.PrimaryKeyConstraint("alarm", "side"),
    )

"""Alliances, their rounds, and what people said."""

import sqlalchemy as sa
from alembic import op

revision = "0001_rounds"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _alliance()
    _channel()
    _home()
    _missed()
    _pulse()
    _reading()
    _round()
    _answer()
    _comment()
    _invitation()


def _alliance() -> None:
    op.create_table(
        "alliance",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("declared", sa.String(), nullable=False),
        sa.Column("leads", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_alliance_digest_at", "alliance", ["digest_at"])


def _channel() -> None:
    op.create_table(
        "channel",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", "address"),
    )
    op.create_index("ix_channel_alliance", "channel", ["alliance"])


def _home() -> None:
    op.create_table(
        "home",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("mapped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("platform", "organisation", "alliance"),
    )
    op.create_index("ix_home_alliance", "home", ["alliance"])


def _missed() -> None:
    op.create_table(
        "missed",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("pulse", sa.String(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("alliance", "pulse", "slot"),
    )


def _pulse() -> None:
    op.create_table(
        "pulse",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("look_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("alliance", "key"),
    )
    op.create_index("ix_pulse_look_at", "pulse", ["look_at"])


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("polarity", sa.Float(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", "address", "message"),
    )
    op.create_index("ix_reading_alliance_at", "reading", ["alliance", "at"])


def _round() -> None:
    op.create_table(
        "round",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("pulse", sa.String(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("holiday", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("enrol_due", MOMENT, nullable=True),
        sa.Column("remind_due", MOMENT, nullable=True),
        sa.Column("close_due", MOMENT, nullable=True),
        sa.Column("mood", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance"],
            ["alliance.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alliance", "number", name="uq_round_number"),
        sa.UniqueConstraint("alliance", "pulse", "slot", name="uq_round_slot"),
    )
    op.create_index("ix_round_close_due", "round", ["close_due"])
    op.create_index("ix_round_enrol_due", "round", ["enrol_due"])
    op.create_index("ix_round_remind_due", "round", ["remind_due"])


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("home_platform", sa.String(), nullable=True),
        sa.Column("home_organisation", sa.String(), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.CheckConstraint("value BETWEEN 1 AND 5", name="ck_answer_value"),
        sa.ForeignKeyConstraint(
            ["round"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("round", "person", "item"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_answer_pending",
        "answer",
        ["home_organisation"],
        sqlite_where=sa.text("side IS NULL"),
        postgresql_where=sa.text("side IS NULL"),
    )


def _comment() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("share", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["round"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round", "person", "at", name="uq_comment"),
    )


def _invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round"],
            ["round.id"],
        ),
        sa.PrimaryKeyConstraint("round", "person"),
    )

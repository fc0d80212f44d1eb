"""The audit log, erasures, departures and proposals; and indexes by time for what is kept only so long."""

import sqlalchemy as sa
from alembic import op

revision = "0003_keeping"
down_revision = "0002_outcomes"

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = "NOT emptied"
OPEN = "state = 'open'"

REFUSED = "the audit log only grows"
SQLITE = (
    f"CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit "
    "WHEN old.seq > coalesce((SELECT base_seq FROM audit_head), 0) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER audit_replace BEFORE INSERT ON audit "
    "WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)
POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF old.seq > coalesce((SELECT base_seq FROM audit_head), 0) THEN "
    f"RAISE EXCEPTION '{REFUSED}'; END IF; RETURN old; END $$",
    "CREATE TRIGGER audit_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep()",
    "CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    _audit()
    _erased()
    _departure()
    _proposal()
    _kept_for_a_time()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("base_seq", SERIAL, nullable=False),
        sa.Column("base_mac", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _erased() -> None:
    op.create_table(
        "erased",
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("alliance", "purpose", "person"),
    )


def _departure() -> None:
    op.create_table(
        "departure",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "organisation"),
    )


def _proposal() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["alliance"], ["alliance.key"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proposal_alliance", "proposal", ["alliance"])
    op.create_index(
        "uq_proposal_open",
        "proposal",
        ["alliance", "term"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def _kept_for_a_time() -> None:
    op.add_column("round", sa.Column("emptied", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_round_kept",
        "round",
        ["closes_at"],
        sqlite_where=sa.text(KEPT),
        postgresql_where=sa.text(KEPT),
    )
    op.create_index("ix_comment_at", "comment", ["at"])
    op.create_index("ix_reading_at", "reading", ["at"])
    op.create_index("ix_delivery_changed_at", "delivery", ["changed_at"])
    op.create_index("ix_comment_round", "comment", ["round"])

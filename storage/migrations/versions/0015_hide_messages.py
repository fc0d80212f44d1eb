"""Replace the ids of messages beside their mood by keyed hashes, and times of closed rounds by days.

The key is sealed, and a migration has no keys: old ids stay as a JSON list until the bot's next start hashes them
(`storage/rounds/readings.py`). `version` is empty until then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_hide_messages"
down_revision = "0014_mend_edited"

COPY = """
INSERT INTO reading (message, alliance, person, side, polarity, at, version, deleted)
SELECT {ids}, alliance, person, side, polarity, at, NULL, deleted FROM reading_plain
"""
IDS = {
    "sqlite": "json_array(platform, workspace, address, message)",
    "postgresql": "json_build_array(platform, workspace, address, message)::text",
}
DAY = {
    "sqlite": "substr({at}, 1, 10) || ' 00:00:00.000000'",
    "postgresql": "date_trunc('day', {at} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'",
}
CLOSED = "round IN (SELECT id FROM round WHERE state = 'closed')"


def upgrade() -> None:
    if "coarse" in _columns("round"):
        return
    _rebuild_readings()
    day = DAY[op.get_bind().dialect.name].format(at="at")
    op.execute(f"UPDATE answer SET at = {day} WHERE {CLOSED}")
    _round_comments()
    op.add_column("round", sa.Column("coarse", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE round SET coarse = (state = 'closed')")
    fine = sa.text("NOT coarse")
    op.create_index("ix_round_times", "round", ["closes_at"], sqlite_where=fine, postgresql_where=fine)


def _columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _rebuild_readings() -> None:
    op.drop_index("ix_reading_alliance_at", "reading")
    op.drop_index("ix_reading_at", "reading")
    op.rename_table("reading", "reading_plain")
    op.create_table(
        "reading",
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("alliance", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("side", sa.String(), nullable=True),
        sa.Column("polarity", sa.Float(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alliance"], ["alliance.key"]),
        sa.PrimaryKeyConstraint("message"),
        sqlite_with_rowid=False,
    )
    op.execute(COPY.format(ids=IDS[op.get_bind().dialect.name]))
    op.drop_table("reading_plain")
    op.create_index("ix_reading_alliance_at", "reading", ["alliance", "at"])
    op.create_index("ix_reading_at", "reading", ["at"])
    plain = sa.text("version IS NULL")
    op.create_index("ix_reading_plain", "reading", ["message"], sqlite_where=plain, postgresql_where=plain)


def _round_comments() -> None:
    """Keep a person's comments of a round apart by microseconds, as their unique key wants."""
    connection = op.get_bind()
    query = f"SELECT id, round, person FROM comment WHERE {CLOSED} ORDER BY round, person, id"
    taken: dict[tuple[str, str], int] = {}
    for row in connection.execute(sa.text(query)).all():
        nth = taken[row.round, row.person] = taken.get((row.round, row.person), -1) + 1
        connection.execute(sa.text(_shift_to_day(connection.dialect.name, nth)), {"id": row.id})


def _shift_to_day(dialect: str, microseconds: int) -> str:
    if dialect == "sqlite":
        return f"UPDATE comment SET at = substr(at, 1, 10) || ' 00:00:00.{microseconds:06d}' WHERE id = :id"
    day = DAY[dialect].format(at="at")
    return f"UPDATE comment SET at = {day} + interval '{microseconds} microseconds' WHERE id = :id"

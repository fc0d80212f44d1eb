"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy spells twice."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def build_insert(connection: Connection, table: Table) -> Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Rows whose keys are taken already are left out. How many were new."""
    if not rows:
        return 0
    first = next(iter(table.primary_key))
    statement = build_insert(connection, table).on_conflict_do_nothing().returning(first)
    return len(connection.execute(statement, rows).fetchall())


def upsert_rows(connection: Connection, table: Table, *rows: dict[str, Any]) -> None:
    """Insert each row, or make the one with the same primary key be like it. All rows have the same columns."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = build_insert(connection, table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)

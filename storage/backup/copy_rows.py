"""Copy all rows of one database into another of the same shape, SQLite or PostgreSQL."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, func, select, text

from storage.tables import deliveries, metadata

BATCH = 2_000

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many rows were copied just now, and how many there are in all."""


def copy_rows(source: Connection, target: Connection, progress: Progress) -> dict[str, int]:
    """Copy into an empty target, referenced tables first; return the number of rows by table."""
    total = sum(
        source.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables
    )
    copied = {}
    for table in metadata.sorted_tables:
        copied[table.name] = 0
        for batch in _read_batches(source, table):
            target.execute(table.insert(), batch)
            copied[table.name] += len(batch)
            progress(len(batch), total)
    _advance_sequence(target)
    return copied


def _read_batches(source: Connection, table: Table) -> Iterator[list[Mapping[str, Any]]]:
    rows = source.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key))
    for part in rows.mappings().partitions():
        yield [dict(row) for row in part]


def _advance_sequence(target: Connection) -> None:
    """Set PostgreSQL's sequence after the copied deliveries; SQLite needs no such step."""
    if target.dialect.name == "postgresql":
        newest = target.scalar(select(func.max(deliveries.c.seq)))
        if newest is not None:
            target.execute(
                text("SELECT setval(pg_get_serial_sequence('delivery', 'seq'), :newest)"), {"newest": newest}
            )

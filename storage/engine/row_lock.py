"""Who is at it: the row that a step is about, held until the commit.

A transaction holds many steps (`storage.writer`), and so do those of other processes. If one waited for another's row,
two batches with the same rows in another order would wait for each other, until the database breaks the ring after a
second and both begin again. So nobody waits: where another transaction has the row, it is at it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select


def held(
    connection: Connection, table: Table, *this: ColumnElement[bool], shared: bool = False
) -> Row[Any] | None:
    """The row; None where it is not there, or another transaction has it. `shared`: others may hold it so too."""
    query = select(table).where(*this).with_for_update(read=shared, key_share=not shared, skip_locked=True)
    return connection.execute(query).first()

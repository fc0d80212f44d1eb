"""Row locks that never wait (`FOR UPDATE SKIP LOCKED`).

A transaction holds many steps (`storage.engine.writer`), and so do those of other processes. If one waited for
another's row, two batches with the same rows in another order would wait for each other until the database breaks the
deadlock after a second and both begin again. So nobody waits: a row that another transaction holds is left to it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select


def lock_row(
    connection: Connection, table: Table, *where: ColumnElement[bool], shared: bool = False
) -> Row[Any] | None:
    """Lock the row until the commit; None if it does not exist or another transaction holds it.

    `shared`: other transactions may lock it shared as well.
    """
    query = select(table).where(*where)
    locking = query.with_for_update(read=shared, key_share=not shared, skip_locked=True)
    return connection.execute(locking).first()

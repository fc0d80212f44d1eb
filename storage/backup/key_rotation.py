"""Re-encrypt stored values with a new key, in batches; an interrupted run can be started again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, func, select, update

from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.writer import Writer
from storage.tables import actions, alliances, chat_lines, comments, deliveries, installations, settings

BATCH = 200
"""Values re-sealed in one transaction: answers wait no longer for it than for each other."""

SEALED: tuple[tuple[Column[str], Column[str]], ...] = (
    (alliances.c.leads, alliances.c.key),
    (settings.c.value, settings.c.key),
    (installations.c.body, installations.c.workspace),
    (comments.c.body, comments.c.id),
    (actions.c.body, actions.c.id),
    (actions.c.story, actions.c.id),
    (deliveries.c.body, deliveries.c.id),
    (deliveries.c.ref, deliveries.c.id),
    (chat_lines.c.body, chat_lines.c.id),
)
"""Each column that holds sealed values, and the column that names the row."""


@dataclass(frozen=True, slots=True)
class KeyRotation:
    vault: Vault
    reader: Reader
    writer: Writer

    @read_transaction
    def count_values(self, connection: Connection) -> int:
        """Return the number of encrypted values."""
        counts = (select(func.count(column)) for column, _ in SEALED)
        return sum(connection.scalars(count).one() for count in counts)

    async def rotate_values(self) -> AsyncIterator[tuple[int, int]]:
        """Re-encrypt every value with the first key. Yield (values checked, values re-encrypted) after each batch.

        Raises Unreadable where none of the keys opens a value, StoreUnavailable.
        """
        for column, name in SEALED:
            after = None
            while True:
                looked, changed, after = await self.writer.run_long(
                    _rotate_batch, self.vault, column, name, after
                )
                if not looked:
                    break
                yield looked, changed

    async def count_old(self) -> int:
        """Return how many values the first key cannot open; at 0 the other keys can be removed."""
        return sum([await self.reader.run(_count_old, self.vault, column, name) for column, name in SEALED])


def _rotate_batch(
    connection: Connection, vault: Vault, column: Column[str], name: Column[str], after: object
) -> tuple[int, int, object]:
    query = select(name, column).where(column.is_not(None)).order_by(name).limit(BATCH).with_for_update()
    rows = connection.execute(query if after is None else query.where(name > after)).all()
    old = [(row[0], row[1]) for row in rows if not vault.is_current(row[1])]
    table: Table = column.table
    for row, sealed in old:
        anew = vault.reseal(sealed, f"{table.name}.{column.name}")
        connection.execute(update(table).where(name == row, column == sealed).values({column.name: anew}))
    return len(rows), len(old), rows[-1][0] if rows else after


def _count_old(connection: Connection, vault: Vault, column: Column[str], name: Column[str]) -> int:
    query = select(column).where(column.is_not(None)).order_by(name)
    rows = connection.execution_options(yield_per=1_000).scalars(query)
    return sum(not vault.is_current(sealed) for sealed in rows)

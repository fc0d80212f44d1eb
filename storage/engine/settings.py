"""Small values kept by key, always sealed; and counters."""

from sqlalchemy import Connection, select

from storage.engine.encryption import Vault
from storage.engine.upsert import build_insert, insert_new, upsert_rows
from storage.tables import counters, settings


def find(connection: Connection, vault: Vault, key: str) -> str | None:
    """Return the value, opened. Raises Unreadable."""
    sealed = connection.scalar(select(settings.c.value).where(settings.c.key == key))
    return None if sealed is None else vault.open(sealed, "setting", "value", key)


def save(connection: Connection, vault: Vault, key: str, value: str) -> None:
    """Replace what was saved under that key."""
    upsert_rows(connection, settings, {"key": key, "value": vault.seal(value, "setting", "value", key)})


def save_first(connection: Connection, vault: Vault, key: str, value: str) -> None:
    """Save the value unless there is one."""
    row = {"key": key, "value": vault.seal(value, "setting", "value", key)}
    insert_new(connection, settings, [row])


def take_number(connection: Connection, name: str) -> int:
    """Return the next number, 1, 2, 3 …, in the order of commits: each waits for the one before."""
    statement = build_insert(connection, counters).values(name=name, value=1)
    counted = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    return int(connection.execute(counted.returning(counters.c.value)).scalar_one())

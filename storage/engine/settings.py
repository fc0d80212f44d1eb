"""Small things kept by name, always sealed; and counters."""

from sqlalchemy import Connection, select

from storage.engine.encryption import Vault
from storage.engine.upsert import insert, insert_new, put
from storage.tables import counters, settings


def find(connection: Connection, vault: Vault, key: str) -> str | None:
    sealed = connection.scalar(select(settings.c.value).where(settings.c.key == key))
    return None if sealed is None else vault.open(sealed, "setting", "value", key)


def keep(connection: Connection, vault: Vault, key: str, value: str) -> None:
    put(connection, settings, {"key": key, "value": vault.seal(value, "setting", "value", key)})


def keep_first(connection: Connection, vault: Vault, key: str, value: str) -> None:
    """Only where there is none yet."""
    row = {"key": key, "value": vault.seal(value, "setting", "value", key)}
    insert_new(connection, settings, [row])


def count(connection: Connection, name: str) -> int:
    """The next number, 1, 2, 3 …: in the order of commits, because each waits for the one before."""
    statement = insert(connection, counters).values(name=name, value=1)
    counted = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    return int(connection.execute(counted.returning(counters.c.value)).scalar_one())

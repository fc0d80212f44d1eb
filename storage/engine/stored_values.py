"""Keep small values by key, always encrypted."""

from dataclasses import dataclass

from sqlalchemy import Connection

from storage.engine import settings
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.writer import Writer


@dataclass(frozen=True, slots=True)
class StoredValues:
    """`bot.ports.StoredValues` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer

    @read_transaction
    def find_value(self, connection: Connection, key: str) -> str | None:
        return settings.find(connection, self.vault, key)

    @write_transaction
    def save_value(self, connection: Connection, key: str, value: str) -> None:
        settings.save(connection, self.vault, key, value)

"""Small values kept by key, always sealed."""

from dataclasses import dataclass

from storage.engine import settings
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer


@dataclass(frozen=True, slots=True)
class StoredValues:
    """`bot.ports.StoredValues` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer

    async def find_value(self, key: str) -> str | None:
        return await self.reader.run(settings.find, self.vault, key)

    async def save_value(self, key: str, value: str) -> None:
        await self.writer.run(settings.save, self.vault, key, value)

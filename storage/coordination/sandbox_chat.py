"""The chat of the browser sandbox: lines, and what changed since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from storage.engine.encryption import Vault
from storage.engine.json_codec import CHAT
from storage.engine.reader import Reader
from storage.engine.settings import take_number
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.tables import chat_lines

COUNTER = "chat"


@dataclass(frozen=True, slots=True)
class ChatLine:
    id: int
    place: str
    author: str
    body: str
    at: datetime
    change: int
    """1, 2, 3 …: every change of any line takes the next number."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    vault: Vault
    reader: Reader
    writer: Writer

    async def append(self, place: str, author: str, body: str, at: datetime, key: str | None = None) -> int:
        """Its id. With a `key` that was used before: the id of that line, and nothing is added."""
        return await self.writer.run(_append, self.vault, (place, author, body), at, key)

    async def replace(self, id: int, body: str) -> None:
        """Nothing happens where there is no such line."""
        await self.writer.run(_replace, self.vault, id, body)

    async def find(self, key: str) -> int | None:
        """Id of the line that was appended with this key."""
        return await self.reader.run(_find, key)

    async def lines(self, after_change: int = 0) -> list[ChatLine]:
        """Every line that changed after that change, as it is now, in the order of their last changes."""
        return await self.reader.run(_lines, self.vault, after_change)


def _append(
    connection: Connection, vault: Vault, words: tuple[str, str, str], at: datetime, key: str | None
) -> int:
    # Counting locks the counter, on PostgreSQL too: from here on no one else appends.
    id = take_number(connection, COUNTER)
    sealed = _sealed(vault, id, words)
    new = insert_new(connection, chat_lines, [{"id": id, "key": key, "change": id, "at": at, "body": sealed}])
    found = id if new or key is None else _find(connection, key)
    return id if found is None else found


def _replace(connection: Connection, vault: Vault, id: int, body: str) -> None:
    change = take_number(connection, COUNTER)
    row = connection.execute(select(chat_lines).where(chat_lines.c.id == id)).first()
    if row is not None:
        place, author, _ = _words(vault, row)
        sealed = _sealed(vault, id, (place, author, body))
        connection.execute(update(chat_lines).where(chat_lines.c.id == id).values(body=sealed, change=change))


def _find(connection: Connection, key: str) -> int | None:
    return connection.scalar(select(chat_lines.c.id).where(chat_lines.c.key == key))


def _lines(connection: Connection, vault: Vault, after: int) -> list[ChatLine]:
    query = select(chat_lines).where(chat_lines.c.change > after).order_by(chat_lines.c.change)
    return [_line(vault, row) for row in connection.execute(query)]


def _line(vault: Vault, row: Any) -> ChatLine:
    place, author, body = _words(vault, row)
    return ChatLine(row.id, place, author, body, row.at, row.change)


def _words(vault: Vault, row: Any) -> tuple[str, str, str]:
    return CHAT.read(vault.open(row.body, "chat_line", "body", str(row.id)))


def _sealed(vault: Vault, id: int, words: tuple[str, str, str]) -> str:
    return vault.seal(CHAT.write(words), "chat_line", "body", str(id))

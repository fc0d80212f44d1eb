"""The chat of the browser sandbox: lines, and what changed since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from storage.engine.encryption import Vault
from storage.engine.json_codec import CHAT
from storage.engine.reader import Reader
from storage.engine.settings import take_number
from storage.engine.transactions import read_transaction, write_transaction
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
class SandboxChat:
    """Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    vault: Vault
    reader: Reader
    writer: Writer

    @write_transaction
    def append(
        self, connection: Connection, place: str, author: str, body: str, at: datetime, key: str | None = None
    ) -> int:
        """Return the id of the new line; with a `key` that was used before, the id of that line."""
        # Counting locks the counter, on PostgreSQL too: from here on no one else appends.
        line_id = take_number(connection, COUNTER)
        sealed = _seal_words(self.vault, line_id, (place, author, body))
        row = {"id": line_id, "key": key, "change": line_id, "at": at, "body": sealed}
        if insert_new(connection, chat_lines, [row]):
            return line_id
        return connection.scalar(select(chat_lines.c.id).where(chat_lines.c.key == key)) or line_id

    @write_transaction
    def replace(self, connection: Connection, line_id: int, body: str) -> None:
        """Nothing happens where there is no such line."""
        change = take_number(connection, COUNTER)
        row = connection.execute(select(chat_lines).where(chat_lines.c.id == line_id)).first()
        if row is not None:
            place, author, _ = _open_words(self.vault, row)
            sealed = _seal_words(self.vault, line_id, (place, author, body))
            connection.execute(
                update(chat_lines).where(chat_lines.c.id == line_id).values(body=sealed, change=change)
            )

    @read_transaction
    def find(self, connection: Connection, key: str) -> int | None:
        """Return the id of the line that was appended with this key."""
        return connection.scalar(select(chat_lines.c.id).where(chat_lines.c.key == key))

    @read_transaction
    def lines(self, connection: Connection, after_change: int = 0) -> list[ChatLine]:
        """Return every line that changed after that change, as it is now, in the order of their last changes."""
        query = select(chat_lines).where(chat_lines.c.change > after_change).order_by(chat_lines.c.change)
        return [_open_line(self.vault, row) for row in connection.execute(query)]


def _open_line(vault: Vault, row: Any) -> ChatLine:
    place, author, body = _open_words(vault, row)
    return ChatLine(row.id, place, author, body, row.at, row.change)


def _open_words(vault: Vault, row: Any) -> tuple[str, str, str]:
    return CHAT.read(vault.open(row.body, "chat_line", "body", str(row.id)))


def _seal_words(vault: Vault, line_id: int, words: tuple[str, str, str]) -> str:
    return vault.seal(CHAT.write(words), "chat_line", "body", str(line_id))

"""Alliances: declared by operators, found by key, channel or organisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from bot.model.alliance import Alliance, Channel
from bot.model.audit import AuditEntry
from storage.alliances.channel_moves import move_channel, resolve_channel
from storage.alliances.declarations import Declarations
from storage.alliances.declare import declare_alliances
from storage.engine.cache import TtlCache
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import long_transaction, read_transaction
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key, start_chain
from storage.outbox.place_keys import PlaceKeySource
from storage.tables import channels, homes
from storage.tables.columns import EPOCH


@dataclass(frozen=True, slots=True)
class Alliances:
    """`bot.ports.Alliances` over the database. `secret`: what pseudonyms are made with."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource
    declared: Declarations
    recent: TtlCache[str, Alliance]
    """By key, where another process may have changed one meanwhile: two reads fewer for each answer click."""

    async def declare(
        self, alliances: Sequence[Alliance], now: datetime | None = None, noted: AuditEntry | None = None
    ) -> tuple[str, ...]:
        """See `bot.ports.Alliances`. Changes are `noted` in the audit log with it."""
        differences = await self.writer.run_long(self._write_declarations, alliances, now or EPOCH, noted)
        self.recent.forget()
        return differences

    @long_transaction
    def preview(
        self, connection: Connection, alliances: Sequence[Alliance], now: datetime
    ) -> tuple[tuple[str, ...], tuple[Alliance, ...]]:
        """Return what `declare` would return, and the alliances as they would be; change nothing.

        They are declared in a savepoint, which is rolled back. Raises ValueError as `declare` does.
        """
        savepoint = connection.begin_nested()
        try:
            lines = declare_alliances(connection, self.vault, self.declared, alliances, now)
            return lines, self.declared.load_by_keys(connection, [alliance.key for alliance in alliances])
        finally:
            savepoint.rollback()

    async def list_all(self) -> tuple[Alliance, ...]:
        return await self.reader.run(self.declared.list_all)

    async def find_by_key(self, key: str) -> Alliance | None:
        return await self.recent.get(key, lambda key: self.reader.run(self.declared.find_by_key, key))

    @read_transaction
    def find_by_channel(self, connection: Connection, channel: Channel) -> Alliance | None:
        here = (
            channels.c.platform == channel.platform,
            channels.c.workspace == channel.workspace,
            channels.c.address == channel.address,
        )
        key = connection.scalar(select(channels.c.alliance).where(*here))
        return self.declared.find_by_key(connection, key) if key else None

    @read_transaction
    def list_by_homes(
        self, connection: Connection, wanted: Sequence[tuple[str, str]]
    ) -> tuple[Alliance, ...]:
        same = (and_(homes.c.platform == platform, homes.c.organisation == org) for platform, org in wanted)
        keys = connection.scalars(select(homes.c.alliance).where(or_(False, *same))).all()
        return self.declared.load_by_keys(connection, keys) if keys else ()

    @read_transaction
    def list_by_workspace(
        self, connection: Connection, platform: str, workspace: str
    ) -> tuple[Alliance, ...]:
        here = channels.c.platform == platform, channels.c.workspace == workspace
        keys = connection.scalars(select(channels.c.alliance).where(*here).distinct()).all()
        return self.declared.load_by_keys(connection, keys) if keys else ()

    async def resolve_channel(self, channel: Channel) -> Channel:
        return await self.reader.run(resolve_channel, channel)

    async def move_channel(self, channel: Channel, to: str) -> bool:
        is_moved = await self.writer.run(move_channel, await self.place_keys.load(), channel, to)
        self.recent.forget()
        return is_moved

    def _write_declarations(
        self, connection: Connection, alliances: Sequence[Alliance], now: datetime, noted: AuditEntry | None
    ) -> tuple[str, ...]:
        if self.secret:
            start_chain(connection, audit_key(self.secret))
        lines = declare_alliances(connection, self.vault, self.declared, alliances, now)
        if lines and noted:
            append_entry(connection, audit_key(self.secret), replace(noted, detail="\n".join(lines)))
        return lines

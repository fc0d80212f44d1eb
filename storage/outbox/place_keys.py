"""Places as keys: the same place is known again, but which it is nobody can tell without the encryption keys."""

import hmac
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Connection

from bot.model.alliance import Channel, Place
from storage.engine import settings
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer

SETTING = "storage.place_key"


@dataclass(frozen=True, slots=True)
class Places:
    secret: bytes
    """Made once and kept sealed: unlike the encryption keys it never changes."""

    def key(self, place: Place) -> str:
        """32 hexadecimal characters."""
        if isinstance(place, Channel):
            whole = "\x00".join(("channel", place.platform, place.workspace, place.address))
        else:
            whole = "\x00".join(("member", place.platform, place.id))
        return self._keyed(whole)

    def workspace(self, id: str) -> str:
        return self._keyed(f"workspace\x00{id}")

    def delivery(self, slot: str) -> str:
        """Id of a slot's delivery: the same after a restore, so that what was posted before it is found."""
        return self._keyed(f"delivery\x00{slot}")

    def _keyed(self, whole: str) -> str:
        return hmac.new(self.secret, whole.encode(), "sha256").hexdigest()[:32]


def make(connection: Connection, vault: Vault) -> None:
    """Keep a secret, unless there is one."""
    settings.keep_first(connection, vault, SETTING, token_hex(32))


def known(connection: Connection, vault: Vault) -> Places:
    """The secret that is kept; made where there is none yet."""
    found = load(connection, vault)
    if found is None:
        make(connection, vault)
        found = load(connection, vault)
    assert found
    return found


def load(connection: Connection, vault: Vault) -> Places | None:
    secret = settings.find(connection, vault, SETTING)
    return Places(bytes.fromhex(secret)) if secret else None


class FoundPlaces:
    """The secret in this database, read once, and made where there is none yet."""

    __slots__ = ("_found", "_reader", "_vault", "_writer")

    def __init__(self, vault: Vault, reader: Reader, writer: Writer) -> None:
        self._vault, self._reader, self._writer = vault, reader, writer
        self._found: Places | None = None

    async def __call__(self) -> Places:
        """Raises StoreUnavailable, Unreadable."""
        # Read back in a transaction of its own: one that made it might yet be rolled back.
        while self._found is None:
            self._found = await self._reader.run(load, self._vault)
            if self._found is None:
                await self._writer.run(make, self._vault)
        return self._found

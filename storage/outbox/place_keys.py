"""Places as keys: the same place is known again, but which it is nobody can tell without the encryption keys."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import Connection

from bot.model.alliance import Channel, Place
from storage.engine import settings
from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer
from storage.tables.columns import EPOCH

SETTING = "storage.place_key"


@dataclass(frozen=True, slots=True)
class PlaceKeys:
    """Keyed hashes, each 32 hexadecimal characters."""

    secret: bytes
    """Made once and kept sealed: unlike the encryption keys it never changes."""

    def hash_place(self, place: Place) -> str:
        """Return the key of a channel or of a person."""
        if isinstance(place, Channel):
            whole = "\x00".join(("channel", place.platform, place.workspace, place.address))
        else:
            whole = "\x00".join(("member", place.platform, place.id))
        return self._hash_text(whole)

    def hash_workspace(self, workspace: str) -> str:
        """Return the key of a workspace."""
        return self._hash_text(f"workspace\x00{workspace}")

    def hash_delivery(self, key: str) -> str:
        """Return the id of that key's delivery: the same after a restore, so that what was posted before is found."""
        return self._hash_text(f"delivery\x00{key}")

    def hash_message(self, channel: Channel, message: str) -> str:
        """Return the key of somebody's message; a channel's address is unique on its platform."""
        return self._hash_text("\x00".join(("message", channel.platform, channel.address, message)))

    def hash_comment(self, round_id: str, person: str, text: str) -> str:
        """Return the id of a comment: whoever sends the same words again, to whichever process, adds no second one."""
        return self._hash_text("\x00".join(("comment", round_id, person, text)))

    def offset_time(self, key: str, at: datetime) -> int:
        """Return microseconds since 1970 plus an offset of that key, 0 … 2**60: only times of one key can be compared.

        The offset is far larger than any time, so nobody can tell the time without the secret.
        """
        return (at - EPOCH) // timedelta(microseconds=1) + int(self._hash_text(f"time\x00{key}")[:15], 16)

    def _hash_text(self, whole: str) -> str:
        return hmac.new(self.secret, whole.encode(), "sha256").hexdigest()[:32]


def find_place_keys(connection: Connection, vault: Vault) -> PlaceKeys | None:
    """Return the keys under the secret of this database; None where there is none yet. Raises Unreadable."""
    secret = settings.find(connection, vault, SETTING)
    return PlaceKeys(bytes.fromhex(secret)) if secret else None


def load_place_keys(connection: Connection, vault: Vault) -> PlaceKeys:
    """Return the keys under the secret of this database, made where there is none yet. Raises Unreadable."""
    keys = find_place_keys(connection, vault)
    if keys is None:
        _make_secret(connection, vault)
        keys = find_place_keys(connection, vault)
    assert keys
    return keys


def _make_secret(connection: Connection, vault: Vault) -> None:
    settings.save_first(connection, vault, SETTING, token_hex(32))


class PlaceKeySource:
    """The keys of this database, read once."""

    __slots__ = ("_keys", "_reader", "_vault", "_writer")

    def __init__(self, vault: Vault, reader: Reader, writer: Writer) -> None:
        self._vault, self._reader, self._writer = vault, reader, writer
        self._keys: PlaceKeys | None = None

    async def load(self) -> PlaceKeys:
        """Return the keys, made where there are none yet. Raises StoreUnavailable, Unreadable."""
        # Read back in a transaction of its own: one that made it might yet be rolled back.
        while self._keys is None:
            self._keys = await self._reader.run(find_place_keys, self._vault)
            if self._keys is None:
                await self._writer.run(_make_secret, self._vault)
        return self._keys

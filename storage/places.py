"""Places as keys: the same place is known again, but which it is nobody can tell without the encryption keys."""

import hmac
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import Connection

from bot.model import Channel, Place
from storage import settings
from storage.vault import Vault

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

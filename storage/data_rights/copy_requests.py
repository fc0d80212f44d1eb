"""Requests of people for a copy of their data: who asked, since when, and the key that the copy is sealed with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import Connection, delete, select

from bot.model.alliance import Member
from bot.model.audit import AuditEntry
from storage.data_rights.sealed_copy import CopyKey, make_copy_key
from storage.engine import settings
from storage.engine.encryption import Vault
from storage.engine.json_codec import make_codec
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.place_keys import load_place_keys
from storage.tables import settings as rows

PREFIX = "data_request:"
"""Begin of the keys of settings that hold a request; a keyed hash of the person follows."""
LIFE = timedelta(days=30)
"""The law's month: after it the person asks again, with another passphrase."""


@dataclass(frozen=True, slots=True)
class CopyRequest:
    member: Member
    at: AwareDatetime
    key: CopyKey


REQUEST = make_codec(CopyRequest)


@dataclass(frozen=True, slots=True)
class CopyRequests:
    """`bot.ports.CopyRequests` over the database."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer

    @write_transaction
    def request_copy(self, connection: Connection, member: Member, noted: AuditEntry) -> str:
        append_entry(connection, audit_key(self.secret), noted)
        passphrase, key = make_copy_key()
        request = CopyRequest(member, noted.at, key)
        settings.save(
            connection, self.vault, _name_request(connection, self.vault, member), REQUEST.write(request)
        )
        return passphrase

    @read_transaction
    def list_requests(self, connection: Connection, now: datetime) -> Sequence[CopyRequest]:
        """Return requests that still hold, oldest first. May raise StoreUnavailable."""
        found = _load_requests(connection, self.vault).values()
        return sorted(
            (request for request in found if request.at > now - LIFE), key=lambda request: request.at
        )

    @write_transaction
    def end_request(self, connection: Connection, member: Member) -> None:
        """Delete the request: its copy was made. May raise StoreUnavailable."""
        connection.execute(delete(rows).where(rows.c.key == _name_request(connection, self.vault, member)))

    @write_transaction
    def drop_old(self, connection: Connection, now: datetime) -> int:
        """Delete requests that nobody fulfilled; return how many. May raise StoreUnavailable."""
        found = _load_requests(connection, self.vault)
        old = [key for key, request in found.items() if request.at <= now - LIFE]
        return connection.execute(delete(rows).where(rows.c.key.in_(old))).rowcount


def _load_requests(connection: Connection, vault: Vault) -> dict[str, CopyRequest]:
    keys = connection.scalars(select(rows.c.key).where(rows.c.key.startswith(PREFIX))).all()
    found = {key: settings.find(connection, vault, key) for key in keys}
    return {key: REQUEST.read(text) for key, text in found.items() if text}


def _name_request(connection: Connection, vault: Vault, member: Member) -> str:
    return PREFIX + load_place_keys(connection, vault).hash_place(member)

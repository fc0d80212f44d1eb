"""Store installations by workspace, encrypted, and the OAuth states that were used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, select, update

from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.tables import departures, install_states, installations


@dataclass(frozen=True, slots=True)
class InstallationRepository:
    """One text a workspace, kept sealed. Each method is one transaction, safe to run twice; may raise StoreUnavailable.

    `expires_at`, `ended`: when the token in a text ends, None: never.
    """

    vault: Vault
    reader: Reader
    writer: Writer

    @read_transaction
    def find(self, connection: Connection, workspace: str) -> str | None:
        """Return the text of this workspace, or None."""
        query = select(installations.c.body).where(installations.c.workspace == workspace)
        sealed = connection.scalar(query)
        return None if sealed is None else self.vault.open(sealed, "installation", "body", workspace)

    @read_transaction
    def all(self, connection: Connection) -> dict[str, str]:
        """Return all texts by workspace."""
        query = select(installations).order_by(installations.c.workspace)
        return _open_rows(connection, self.vault, query)

    @write_transaction
    def keep(self, connection: Connection, workspace: str, body: str, expires_at: datetime | None) -> None:
        """Replace the text of this workspace, and cancel a departure of that organisation."""
        row = {
            "workspace": workspace,
            "body": self.vault.seal(body, "installation", "body", workspace),
            "expires_at": expires_at,
        }
        upsert_rows(connection, installations, row)
        connection.execute(delete(departures).where(departures.c.organisation == workspace))

    @write_transaction
    def drop(self, connection: Connection, workspace: str) -> bool:
        """Delete the text of this workspace. False if there was none."""
        this = delete(installations).where(installations.c.workspace == workspace)
        return connection.execute(this).rowcount == 1

    @read_transaction
    def list_due(self, connection: Connection, before: datetime) -> dict[str, str]:
        """Return texts whose token ends before that time, the earliest first."""
        ending = select(installations).where(installations.c.expires_at <= before)
        return _open_rows(connection, self.vault, ending.order_by(installations.c.expires_at))

    @write_transaction
    def renew(
        self, connection: Connection, workspace: str, ended: datetime, body: str, expires_at: datetime
    ) -> bool:
        """Replace the text whose token ends at `ended`; False, and no change, if there is none."""
        same = and_(installations.c.workspace == workspace, installations.c.expires_at == ended)
        renewed = {"body": self.vault.seal(body, "installation", "body", workspace), "expires_at": expires_at}
        return connection.execute(update(installations).where(same).values(renewed)).rowcount == 1

    @write_transaction
    def use(self, connection: Connection, digest: str, now: datetime, until: datetime) -> bool:
        """Use up the state of that digest, which ends at `until`: True once."""
        connection.execute(delete(install_states).where(install_states.c.expires_at <= now))
        return insert_new(connection, install_states, [{"digest": digest, "expires_at": until}]) == 1


def _open_rows(connection: Connection, vault: Vault, query: Select[Any]) -> dict[str, str]:
    rows = connection.execute(query)
    return {row.workspace: vault.open(row.body, "installation", "body", row.workspace) for row in rows}

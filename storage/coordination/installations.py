"""Installations by workspace, sealed; and the states of those that came back from some browser."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, select, update

from storage.engine.encryption import Vault
from storage.engine.reader import Reader
from storage.engine.upsert import insert_new, put
from storage.engine.writer import Writer
from storage.tables import departures, install_states, installations


@dataclass(frozen=True, slots=True)
class Installations:
    """One text a workspace, kept sealed. Each method is one transaction, safe to run twice; may raise StoreUnavailable.

    `expires_at`, `ended`: when the token in a text ends, None: never.
    """

    vault: Vault
    reader: Reader
    writer: Writer

    async def find(self, workspace: str) -> str | None:
        """What is kept for this workspace."""
        return await self.reader.run(_find, self.vault, workspace)

    async def all(self) -> dict[str, str]:
        """What is kept, by workspace."""
        return await self.reader.run(_all, self.vault)

    async def keep(self, workspace: str, body: str, expires_at: datetime | None) -> None:
        """Instead of what was kept for this workspace. Whoever installs again has not left."""
        await self.writer.run(_keep, self.vault, workspace, body, expires_at)

    async def drop(self, workspace: str) -> bool:
        """Forget this workspace. False if nothing was kept for it."""
        return await self.writer.run(_drop, workspace)

    async def due(self, before: datetime) -> dict[str, str]:
        """Those whose token ends before that time, the first one first."""
        return await self.reader.run(_due, self.vault, before)

    async def renew(self, workspace: str, ended: datetime, body: str, expires_at: datetime) -> bool:
        """In place of the one whose token ends at `ended`; False, and no change, where that is gone."""
        return await self.writer.run(_renew, self.vault, workspace, ended, body, expires_at)

    async def use(self, digest: str, now: datetime, until: datetime) -> bool:
        """Use up the state of that digest, which ends at `until`: True once."""
        return await self.writer.run(_use, digest, now, until)


def _find(connection: Connection, vault: Vault, workspace: str) -> str | None:
    query = select(installations.c.body).where(installations.c.workspace == workspace)
    sealed = connection.scalar(query)
    return None if sealed is None else vault.open(sealed, "installation", "body", workspace)


def _all(connection: Connection, vault: Vault) -> dict[str, str]:
    return _opened(connection, vault, select(installations).order_by(installations.c.workspace))


def _due(connection: Connection, vault: Vault, before: datetime) -> dict[str, str]:
    ending = select(installations).where(installations.c.expires_at <= before)
    return _opened(connection, vault, ending.order_by(installations.c.expires_at))


def _opened(connection: Connection, vault: Vault, query: Select[Any]) -> dict[str, str]:
    rows = connection.execute(query)
    return {row.workspace: vault.open(row.body, "installation", "body", row.workspace) for row in rows}


def _keep(
    connection: Connection, vault: Vault, workspace: str, body: str, expires_at: datetime | None
) -> None:
    row = {
        "workspace": workspace,
        "body": vault.seal(body, "installation", "body", workspace),
        "expires_at": expires_at,
    }
    put(connection, installations, row)
    connection.execute(delete(departures).where(departures.c.organisation == workspace))


def _drop(connection: Connection, workspace: str) -> bool:
    this = delete(installations).where(installations.c.workspace == workspace)
    return connection.execute(this).rowcount == 1


def _renew(
    connection: Connection, vault: Vault, workspace: str, ended: datetime, body: str, expires_at: datetime
) -> bool:
    same = and_(installations.c.workspace == workspace, installations.c.expires_at == ended)
    renewed = {"body": vault.seal(body, "installation", "body", workspace), "expires_at": expires_at}
    return connection.execute(update(installations).where(same).values(renewed)).rowcount == 1


def _use(connection: Connection, digest: str, now: datetime, until: datetime) -> bool:
    connection.execute(delete(install_states).where(install_states.c.expires_at <= now))
    return insert_new(connection, install_states, [{"digest": digest, "expires_at": until}]) == 1

"""Steps of the walks that change more than one thing at once, or nothing."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.model.delivery import Claim
from storage.engine.encryption import Vault
from storage.outbox import claims
from storage.outbox.addresses import redirect_claims


def claim(
    connection: Connection,
    vault: Vault,
    now: datetime,
    lease_until: datetime,
    limit: int,
    busy: Collection[str],
    since: datetime | None,
) -> tuple[Claim, ...]:
    claimed = claims.claim(connection, vault, now, lease_until, limit, busy, since)
    return redirect_claims(connection, claimed)


def unsettled(connection: Connection, vault: Vault, before: datetime, limit: int) -> tuple[Claim, ...]:
    return redirect_claims(connection, claims.unsettled(connection, vault, before, limit))

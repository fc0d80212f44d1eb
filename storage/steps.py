"""Steps of the walks that change more than one thing at once, or nothing."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.model.alliance import Alliance
from bot.model.audit import Noted
from bot.model.closing import Closing, Record
from bot.model.delivery import Claim, Delivery
from storage.alliances import channel_moves as moves
from storage.alliances.alliances import Declarations
from storage.engine.encryption import Vault
from storage.governance.audit_log import append, audit_key, begin
from storage.outbox import claims, outbox
from storage.outbox.place_keys import Places
from storage.rounds import closings, rounds


def declare(
    connection: Connection,
    declared: Declarations,
    wanted: Sequence[Alliance],
    now: datetime,
    secret: bytes,
    noted: Noted | None,
) -> tuple[str, ...]:
    """Raises ValueError for a channel that already is another alliance's."""
    if secret:
        begin(connection, audit_key(secret))
    told = declared.declare(connection, wanted, now)
    if told and noted:
        append(connection, audit_key(secret), replace(noted, detail="\n".join(told)))
    return told


def remind(
    connection: Connection, vault: Vault, places: Places, round: str, deliveries: Sequence[Delivery]
) -> bool:
    first = rounds.take_reminder(connection, round)
    if first:
        outbox.enqueue(connection, vault, places, deliveries)
    return first


def record(connection: Connection, declared: Declarations, id: str, leads: frozenset[str]) -> Record:
    """Raises LookupError for a round that does not exist."""
    round = rounds.find(connection, id)
    alliance = declared.find(connection, round.alliance) if round else None
    if round is None or alliance is None:
        raise LookupError("no such round")
    return closings.record(connection, round, leads, alliance.pooled)


def close(
    connection: Connection,
    vault: Vault,
    places: Places,
    round: str,
    closing: Closing,
    deliveries: Sequence[Delivery],
) -> bool:
    first = closings.close(connection, round, closing)
    if first:
        outbox.enqueue(connection, vault, places, deliveries)
    return first


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
    return moves.redirected(connection, claimed)


def unsettled(connection: Connection, vault: Vault, before: datetime, limit: int) -> tuple[Claim, ...]:
    return moves.redirected(connection, claims.unsettled(connection, vault, before, limit))

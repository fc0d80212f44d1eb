"""What became of deliveries: pending → sending → sent | failed, and unknown where it may or may not have been posted.

A worker claims a delivery, and that is committed before it posts. What is `unknown` is never simply sent again: it is
looked up, or an operator decides.
"""

from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from bot.model.alliance import MessageRef
from bot.model.delivery import NOT_ITS_TURN, Again, Outcome, Refused, Sent, Unsure
from storage.engine.encryption import Vault
from storage.engine.json_codec import REF
from storage.outbox.enqueue import WAITING, fail_revisions
from storage.tables import deliveries

FREE = {"lease_until": None, "lease_token": None}


def settle(
    connection: Connection, vault: Vault, delivery_id: str, token: str, outcome: Outcome, now: datetime
) -> bool:
    """Write the outcome down; False, and no change, where the lease was lost meanwhile."""
    mine = and_(
        deliveries.c.id == delivery_id,
        deliveries.c.lease_token == token,
        deliveries.c.state.in_(("sending", "unknown")),
    )
    row = connection.execute(select(deliveries.c.slot, deliveries.c.direct).where(mine)).first()
    changes = {"changed_at": now, **_changes(vault, delivery_id, outcome, row.direct if row else True)}
    if row is None or connection.execute(update(deliveries).where(mine).values(changes)).rowcount != 1:
        return False
    if isinstance(outcome, Refused):
        fail_revisions(connection, deliveries.c.revises == row.slot)
    return True


def confirm(
    connection: Connection, vault: Vault, delivery_id: str, message: MessageRef, now: datetime
) -> bool:
    """Mark it sent; whoever holds the delivery finds its lease gone."""
    claimed = deliveries.c.state.in_(WAITING), deliveries.c.claimed_at.is_not(None)
    this = and_(deliveries.c.id == delivery_id, *claimed)
    direct = connection.scalar(select(deliveries.c.direct).where(this))
    if direct is None:
        return False
    changes = {**_changes(vault, delivery_id, Sent(message), direct), "changed_at": now}
    return connection.execute(update(deliveries).where(this).values(changes)).rowcount == 1


def expire_leases(connection: Connection, now: datetime) -> int:
    """Make deliveries of workers that vanished unknown; return how many."""
    vanished = and_(deliveries.c.state == "sending", deliveries.c.lease_until <= now)
    lost = {"state": "unknown", "reason": "worker vanished", "lease_until": None, "changed_at": now}
    return connection.execute(update(deliveries).where(vanished).values(lost)).rowcount


def resolve(connection: Connection, delivery_id: str, is_sent: bool, now: datetime) -> bool:
    """Do as an operator decided; False if it is not `unknown`.

    One that was sent cannot be revised: where its message is, is not known.
    """
    this = and_(deliveries.c.id == delivery_id, deliveries.c.state == "unknown")
    again = {"state": "pending", "not_before": now}
    changes = {"state": "sent", "body": None} if is_sent else again
    decided = {"reason": "resolved by an operator", "changed_at": now, **FREE, **changes}
    key = connection.scalar(update(deliveries).where(this).values(decided).returning(deliveries.c.slot))
    if key is not None:
        fail_revisions(connection, deliveries.c.revises == key)
    return key is not None


def _changes(vault: Vault, delivery_id: str, outcome: Outcome, direct: bool) -> dict[str, object]:
    match outcome:
        case Sent(ref):
            sealed = vault.seal(REF.write(ref), "delivery", "ref", delivery_id)
            message = None if direct else ref.id
            return {"state": "sent", "reason": "", "body": None, "ref": sealed, "message": message, **FREE}
        case Again(at, tried):
            untried = {"attempts": deliveries.c.attempts - 1, "reason": NOT_ITS_TURN}
            return {"state": "pending", "not_before": at, "reason": "", **FREE, **({} if tried else untried)}
        case Refused(reason):
            return {"state": "failed", "reason": reason, "body": None, **FREE}
        case Unsure(reason):
            return {"state": "unknown", "reason": reason, "lease_until": None}

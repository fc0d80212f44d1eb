"""Save outcomes of deliveries: pending → sending → sent or failed; unknown where it may have been posted.

A worker claims a delivery, and that is committed before it posts. What is `unknown` is never simply sent again: it is
looked up, or an operator decides.
"""

from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from bot.model.delivery import NOT_ITS_TURN, Again, Outcome, OutcomeUnknown, Refused, Sent
from storage.engine.encryption import Vault
from storage.engine.json_codec import REF
from storage.outbox.enqueue import fail_revisions
from storage.tables import deliveries

FREE = {"lease_until": None, "lease_token": None}


def write_outcome(
    connection: Connection, vault: Vault, delivery_id: str, token: str, outcome: Outcome, now: datetime
) -> bool:
    """Write the outcome down; False, and no change, where the lease was lost meanwhile."""
    mine = and_(
        deliveries.c.id == delivery_id,
        deliveries.c.lease_token == token,
        deliveries.c.state.in_(("sending", "unknown")),
    )
    row = connection.execute(select(deliveries.c.slot, deliveries.c.direct).where(mine)).first()
    changes = {"changed_at": now, **list_changes(vault, delivery_id, outcome, row.direct if row else True)}
    if row is None or connection.execute(update(deliveries).where(mine).values(changes)).rowcount != 1:
        return False
    if isinstance(outcome, Refused):
        fail_revisions(connection, deliveries.c.revises == row.slot)
    return True


def list_changes(vault: Vault, delivery_id: str, outcome: Outcome, direct: bool) -> dict[str, object]:
    """Return the columns that the outcome changes; `direct`: to a person, whose message's id is not kept."""
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
        case OutcomeUnknown(reason):
            return {"state": "unknown", "reason": reason, "lease_until": None}

"""Deliveries: pending → sending → sent | failed, and unknown where it may or may not have been posted.

A worker claims a delivery and that is committed before it posts. What is `unknown` is never simply sent again:
it is looked up, or an operator decides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from bot.model.alliance import Channel, Member, MessageRef
from bot.model.delivery import (
    NOT_ITS_TURN,
    Again,
    Delivery,
    DeliveryState,
    DeliveryStatus,
    Outcome,
    Refused,
    Sent,
    Unsure,
)
from storage.engine.encryption import Vault
from storage.engine.json_codec import POSTING, REF
from storage.engine.upsert import insert_new
from storage.outbox import after_restore as restored
from storage.outbox.place_keys import Places
from storage.tables import deliveries

NO_TARGET = "nothing to revise"
WAITING = ("pending", "sending", "unknown")
FREE = {"lease_until": None, "lease_token": None}


def enqueue(connection: Connection, vault: Vault, places: Places, wanted: Sequence[Delivery]) -> int:
    """How many were new."""
    new = insert_new(connection, deliveries, [_row(vault, places, one) for one in wanted])
    restored.doubt(connection, vault, wanted)
    revised = {one.slot: one.revises for one in wanted if one.revises is not None}
    if revised:
        # Held until the commit: `storage.retention` forgets none of them that it cannot see is to be changed.
        these = select(deliveries.c.seq).where(deliveries.c.slot.in_(revised.values()))
        connection.execute(these.with_for_update(read=True, key_share=True))
        _fail_revisions(connection, deliveries.c.slot.in_(revised))
    return new


def enqueue_again(connection: Connection, vault: Vault, wanted: Sequence[Delivery]) -> int:
    """Those whose delivery of the same slot failed; how many there were."""
    failed = select(deliveries.c.slot, deliveries.c.id).where(deliveries.c.state == "failed")
    ids = {
        row.slot: row.id
        for row in connection.execute(failed.where(deliveries.c.slot.in_([d.slot for d in wanted])))
    }
    for one in (one for one in wanted if one.slot in ids):
        id = ids[one.slot]
        body = vault.seal(POSTING.write((one.place, one.card)), "delivery", "body", id)
        anew = {"state": "pending", "body": body, "attempts": 0, "reason": "", "not_before": one.not_before}
        connection.execute(
            update(deliveries).where(deliveries.c.id == id).values(anew | {"claimed_at": None})
        )
    return len(ids)


def settle(
    connection: Connection, vault: Vault, id: str, token: str, outcome: Outcome, now: datetime
) -> bool:
    mine = and_(
        deliveries.c.id == id,
        deliveries.c.lease_token == token,
        deliveries.c.state.in_(("sending", "unknown")),
    )
    row = connection.execute(select(deliveries.c.slot, deliveries.c.direct).where(mine)).first()
    changes = {"changed_at": now, **_changes(vault, id, outcome, row.direct if row else True)}
    if row is None or connection.execute(update(deliveries).where(mine).values(changes)).rowcount != 1:
        return False
    if isinstance(outcome, Refused):
        _fail_revisions(connection, deliveries.c.revises == row.slot)
    return True


def confirm(connection: Connection, vault: Vault, id: str, message: MessageRef, now: datetime) -> bool:
    """Whoever holds the delivery finds its lease gone."""
    this = and_(deliveries.c.id == id, deliveries.c.state.in_(WAITING), deliveries.c.claimed_at.is_not(None))
    direct = connection.scalar(select(deliveries.c.direct).where(this))
    if direct is None:
        return False
    changes = {**_changes(vault, id, Sent(message), direct), "changed_at": now}
    return connection.execute(update(deliveries).where(this).values(changes)).rowcount == 1


def expire(connection: Connection, now: datetime) -> int:
    vanished = and_(deliveries.c.state == "sending", deliveries.c.lease_until <= now)
    lost = {"state": "unknown", "reason": "worker vanished", "lease_until": None, "changed_at": now}
    return connection.execute(update(deliveries).where(vanished).values(lost)).rowcount


def statuses(connection: Connection, state: DeliveryState | None, limit: int) -> tuple[DeliveryStatus, ...]:
    """Newest first."""
    query = select(deliveries).order_by(deliveries.c.seq.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    return tuple(_status(row) for row in connection.execute(query))


def resolve(connection: Connection, id: str, sent: bool, now: datetime) -> bool:
    """False if it is not `unknown`. One that was sent cannot be revised: where its message is, is not known."""
    this = and_(deliveries.c.id == id, deliveries.c.state == "unknown")
    again = {"state": "pending", "not_before": now}
    changes = {"state": "sent", "body": None} if sent else again
    told = {"reason": "resolved by an operator", "changed_at": now, **FREE, **changes}
    slot = connection.scalar(update(deliveries).where(this).values(told).returning(deliveries.c.slot))
    if slot is not None:
        _fail_revisions(connection, deliveries.c.revises == slot)
    return slot is not None


def posted(connection: Connection, places: Places, channel: Channel, message: str) -> bool:
    here = and_(deliveries.c.place_key == places.key(channel), deliveries.c.message == message)
    return connection.scalar(select(deliveries.c.seq).where(here).limit(1)) is not None


def _fail_revisions(connection: Connection, which: ColumnElement[bool]) -> None:
    """Those whose target will never be there, and then those that were to revise these."""
    target = deliveries.alias()
    there = or_(target.c.state.in_(WAITING), and_(target.c.state == "sent", target.c.ref.is_not(None)))
    hope = select(target.c.seq).where(target.c.slot == deliveries.c.revises, there).exists()
    hopeless = and_(which, deliveries.c.state == "pending", deliveries.c.revises.is_not(None), ~hope)
    failed = {"state": "failed", "reason": NO_TARGET, "body": None}
    done = update(deliveries).where(hopeless).values(failed).returning(deliveries.c.slot)
    slots = connection.scalars(done).all()
    if slots:
        _fail_revisions(connection, deliveries.c.revises.in_(slots))


def _changes(vault: Vault, id: str, outcome: Outcome, direct: bool) -> dict[str, object]:
    match outcome:
        case Sent(ref):
            kept = vault.seal(REF.write(ref), "delivery", "ref", id)
            message = None if direct else ref.id
            return {"state": "sent", "reason": "", "body": None, "ref": kept, "message": message, **FREE}
        case Again(at, tried):
            untried = {"attempts": deliveries.c.attempts - 1, "reason": NOT_ITS_TURN}
            return {"state": "pending", "not_before": at, "reason": "", **FREE, **({} if tried else untried)}
        case Refused(reason):
            return {"state": "failed", "reason": reason, "body": None, **FREE}
        case Unsure(reason):
            return {"state": "unknown", "reason": reason, "lease_until": None}


def _row(vault: Vault, places: Places, delivery: Delivery) -> dict[str, object]:
    id = places.delivery(delivery.slot)
    return {
        "id": id,
        "slot": delivery.slot,
        "alliance": delivery.alliance,
        "platform": delivery.place.platform,
        "workspace": places.workspace(delivery.place.workspace),
        "direct": isinstance(delivery.place, Member),
        "place_key": places.key(delivery.place),
        "body": vault.seal(POSTING.write((delivery.place, delivery.card)), "delivery", "body", id),
        "revises": delivery.revises,
        "not_before": delivery.not_before,
        "state": "pending",
        "attempts": 0,
        "looks": 0,
        "reason": "",
    }


def _status(row: Any) -> DeliveryStatus:
    return DeliveryStatus(
        id=row.id,
        slot=row.slot,
        alliance=row.alliance,
        platform=row.platform,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        changed_at=row.changed_at,
    )

"""Deliveries written down to be sent, each in the transaction that caused it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from bot.model.alliance import Member
from bot.model.delivery import Delivery
from storage.engine.encryption import Vault
from storage.engine.json_codec import POSTING
from storage.engine.upsert import insert_new
from storage.outbox.after_restore import doubt_deliveries
from storage.outbox.place_keys import PlaceKeys
from storage.tables import deliveries

NO_TARGET = "nothing to revise"
WAITING = ("pending", "sending", "unknown")


def enqueue_deliveries(
    connection: Connection, vault: Vault, places: PlaceKeys, wanted: Sequence[Delivery]
) -> int:
    """Insert deliveries whose key is new; return how many were."""
    new = insert_new(connection, deliveries, [_delivery_row(vault, places, delivery) for delivery in wanted])
    doubt_deliveries(connection, vault, wanted)
    revised = {delivery.key: delivery.revises for delivery in wanted if delivery.revises is not None}
    if revised:
        # Locked until the commit: `storage.data_rights.retention` deletes none of them that it cannot see is revised.
        targets = select(deliveries.c.seq).where(deliveries.c.slot.in_(revised.values()))
        connection.execute(targets.with_for_update(read=True, key_share=True))
        fail_revisions(connection, deliveries.c.slot.in_(revised))
    return new


def fail_revisions(connection: Connection, which: ColumnElement[bool]) -> None:
    """Fail those of `which` whose target will never be sent, and then those that were to revise these."""
    target = deliveries.alias()
    sent = and_(target.c.state == "sent", target.c.ref.is_not(None))
    possible = or_(target.c.state.in_(WAITING), sent)
    hope = select(target.c.seq).where(target.c.slot == deliveries.c.revises, possible).exists()
    hopeless = and_(which, deliveries.c.state == "pending", deliveries.c.revises.is_not(None), ~hope)
    failed = {"state": "failed", "reason": NO_TARGET, "body": None}
    done = update(deliveries).where(hopeless).values(failed).returning(deliveries.c.slot)
    keys = connection.scalars(done).all()
    if keys:
        fail_revisions(connection, deliveries.c.revises.in_(keys))


def _delivery_row(vault: Vault, places: PlaceKeys, delivery: Delivery) -> dict[str, object]:
    delivery_id = places.hash_delivery(delivery.key)
    return {
        "id": delivery_id,
        "slot": delivery.key,
        "alliance": delivery.alliance,
        "platform": delivery.place.platform,
        "workspace": places.hash_workspace(delivery.place.workspace),
        "direct": isinstance(delivery.place, Member),
        "place_key": places.hash_place(delivery.place),
        "body": seal_body(vault, delivery, delivery_id),
        "revises": delivery.revises,
        "not_before": delivery.not_before,
        "not_after": delivery.not_after,
        "state": "pending",
        "attempts": 0,
        "looks": 0,
        "reason": "",
    }


def seal_body(vault: Vault, delivery: Delivery, delivery_id: str) -> str:
    """Return place and card, sealed for the delivery's row."""
    place = delivery.place
    place = replace(place, rooms=None) if isinstance(place, Member) else place
    return vault.seal(POSTING.write((place, delivery.card)), "delivery", "body", delivery_id)

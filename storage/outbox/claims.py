"""Claims: who takes which delivery next, and which are to be looked up.

The claim is committed before anything is posted. Oldest first, and one after the other within a place.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from bot.model.delivery import Claim, Delivery, Outcome, Refused
from storage.engine.encryption import Unreadable, Vault
from storage.engine.json_codec import POSTING, REF, Unfit
from storage.engine.transactions import write_transaction
from storage.engine.writer import Writer
from storage.outbox.addresses import redirect_claims
from storage.outbox.outcomes import write_outcome
from storage.outbox.place_keys import PlaceKeySource
from storage.tables import deliveries
from storage.tables.columns import EPOCH

PENDING: ColumnElement[str] = literal_column("'pending'")
SENDING: ColumnElement[str] = literal_column("'sending'")
UNSENT = (PENDING, SENDING)
"""Spelt as the index over only these is."""
TOO_LATE = "its time is over"


@dataclass(frozen=True, slots=True)
class Claims:
    """`bot.ports.Claims` over the database."""

    vault: Vault
    writer: Writer
    place_keys: PlaceKeySource

    async def take_due(
        self,
        now: datetime,
        lease_until: datetime,
        limit: int,
        busy: Collection[str] = (),
        since: datetime | None = None,
    ) -> tuple[Claim, ...]:
        # With a wrong key, refuse to begin rather than fail every delivery.
        keys = await self.place_keys.load()
        busy_keys = [keys.hash_workspace(workspace) for workspace in busy]
        return await self.writer.run(take_due, self.vault, now, lease_until, limit, busy_keys, since)

    async def settle(self, delivery_id: str, token: str, outcome: Outcome, now: datetime) -> bool:
        return await self.writer.run(write_outcome, self.vault, delivery_id, token, outcome, now)

    @write_transaction
    def expire_leases(self, connection: Connection, now: datetime) -> int:
        vanished = and_(deliveries.c.state == "sending", deliveries.c.lease_until <= now)
        lost = {"state": "unknown", "reason": "worker vanished", "lease_until": None, "changed_at": now}
        return connection.execute(update(deliveries).where(vanished).values(lost)).rowcount

    @write_transaction
    def list_unsettled(self, connection: Connection, before: datetime, limit: int) -> tuple[Claim, ...]:
        """Count the look, and return the least looked up first: what a platform cannot tell keeps no other waiting."""
        target = deliveries.alias("target")
        query = (
            _with_target(target)
            .where(deliveries.c.state == "unknown", deliveries.c.changed_at <= before)
            .order_by(deliveries.c.looks, deliveries.c.changed_at, deliveries.c.seq)
            .limit(limit)
            .with_for_update(of=deliveries, skip_locked=True)
        )
        rows = connection.execute(query).all()
        if not rows:
            return ()
        looked = update(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
        connection.execute(looked.values(looks=deliveries.c.looks + 1))
        claims = [_open_claim(self.vault, row, row.lease_token, row.attempts, row.claimed_at) for row in rows]
        return redirect_claims(connection, claims)


@cache
def build_claim_query() -> Select[Any]:
    """Build the query once, as building takes milliseconds; its parameters are `now`, `limit`, `busy`."""
    now = bindparam("now", type_=deliveries.c.not_before.type)
    older, target = deliveries.alias("older"), deliveries.alias("target")
    # One look at the index for each candidate. As NOT EXISTS it becomes a join, and with statistics from before a
    # fan-out the database joins everything that waits with everything that waits: 38 s for 10,000.
    before = (
        select(older.c.seq)
        .where(older.c.place_key == deliveries.c.place_key, older.c.seq < deliveries.c.seq)
        .where(older.c.state.in_(UNSENT))
        .where(
            not_(and_(older.c.state != SENDING, not_(and_(_is_ready(older), _is_tried_or_due(older, now)))))
        )
        .limit(1)
        .scalar_subquery()
    )
    due = or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= now)
    free = deliveries.c.workspace.not_in(bindparam("busy"))
    return (
        _with_target(target)
        .where(_is_ready(deliveries), due, free, before.is_(None))
        .order_by(deliveries.c.seq)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(of=deliveries, skip_locked=True)
    )


def take_due(
    connection: Connection,
    vault: Vault,
    now: datetime,
    lease_until: datetime,
    limit: int,
    busy: Collection[str],
    since: datetime | None,
) -> tuple[Claim, ...]:
    """Lease at most `limit`, none of the workspaces whose keys are `busy`.

    One that cannot be read back has failed, and one whose time is over.
    """
    rows = connection.execute(build_claim_query(), {"now": now, "limit": limit, "busy": list(busy)}).all()
    if not rows:
        return ()
    token, first_claimed = uuid4().hex, since or EPOCH
    leased = {
        "state": "sending",
        "lease_until": lease_until,
        "lease_token": token,
        "attempts": deliveries.c.attempts + 1,
        "claimed_at": func.coalesce(deliveries.c.claimed_at, first_claimed),
        "changed_at": now,
    }
    connection.execute(update(deliveries).where(deliveries.c.id.in_([r.id for r in rows])).values(leased))
    claims = []
    for row in rows:
        try:
            claim = _open_claim(vault, row, token, row.attempts + 1, row.claimed_at or first_claimed)
            if row.not_after is not None and row.not_after <= now:
                write_outcome(connection, vault, row.id, token, Refused(TOO_LATE), now)
                continue
            claims.append(replace(claim, until=lease_until))
        except (Unreadable, Unfit):
            write_outcome(connection, vault, row.id, token, Refused("cannot be read back"), now)
    return redirect_claims(connection, claims)


def _with_target(target: FromClause) -> Select[Any]:
    """Select each delivery with the message that it is to change, if any."""
    message = target.c.id.label("target_id"), target.c.ref.label("target_ref")
    return select(deliveries, *message).outerjoin(target, target.c.slot == deliveries.c.revises)


def _is_ready(delivery: FromClause) -> ColumnElement[bool]:
    """Match pending ones whose target, if any, is there: looked up, as EXISTS could list all that was sent."""
    target = deliveries.alias()
    there = select(target.c.state).where(target.c.slot == delivery.c.revises).limit(1).scalar_subquery()
    return and_(delivery.c.state == PENDING, or_(delivery.c.revises.is_(None), there == "sent"))


def _is_tried_or_due(delivery: FromClause, now: BindParameter[datetime]) -> ColumnElement[bool]:
    """Leave out those that were never meant to go out before a later time."""
    return or_(
        delivery.c.claimed_at.is_not(None), delivery.c.not_before.is_(None), delivery.c.not_before <= now
    )


def _open_claim(vault: Vault, row: Any, token: str, attempts: int, since: datetime) -> Claim:
    place, card = POSTING.read(vault.open(row.body, "delivery", "body", row.id))
    target = row.target_ref and REF.read(vault.open(row.target_ref, "delivery", "ref", row.target_id))
    delivery = Delivery(row.slot, row.alliance, place, card, row.revises, row.not_before)
    return Claim(row.id, token, delivery, target, attempts, since)

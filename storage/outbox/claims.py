"""Deliveries in hand: who takes which next, and what is to be looked up.

The claim is committed before anything is posted. Oldest first, and one after the other within a place.
"""

from collections.abc import Collection
from dataclasses import replace
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

from bot.model.delivery import Claim, Delivery, Refused
from storage.engine.encryption import Unreadable, Vault
from storage.engine.json_codec import POSTING, REF, Unfit
from storage.outbox.outbox import settle
from storage.tables import deliveries
from storage.tables.columns import EPOCH

PENDING: ColumnElement[str] = literal_column("'pending'")
SENDING: ColumnElement[str] = literal_column("'sending'")
UNSENT = (PENDING, SENDING)
"""Spelt as the index over only these is."""


def claim(
    connection: Connection,
    vault: Vault,
    now: datetime,
    lease_until: datetime,
    limit: int,
    busy: Collection[str] = (),
    since: datetime | None = None,
) -> tuple[Claim, ...]:
    """At most `limit`, held until `lease_until`; none of the workspaces whose keys are `busy`.

    Where one that is claimed for the first time is lost, it is looked for from `since` on; None: from the beginning.
    One that cannot be read back has failed.
    """
    rows = connection.execute(claim_query(), {"now": now, "limit": limit, "busy": list(busy)}).all()
    if not rows:
        return ()
    token = uuid4().hex
    taken = {
        "state": "sending",
        "lease_until": lease_until,
        "lease_token": token,
        "attempts": deliveries.c.attempts + 1,
        "claimed_at": func.coalesce(deliveries.c.claimed_at, since or EPOCH),
        "changed_at": now,
    }
    connection.execute(update(deliveries).where(deliveries.c.id.in_([r.id for r in rows])).values(taken))
    claims = []
    for row in rows:
        try:
            one = _claim(vault, row, token, row.attempts + 1, row.claimed_at or since or EPOCH)
            claims.append(replace(one, until=lease_until))
        except (Unreadable, Unfit):
            settle(connection, vault, row.id, token, Refused("cannot be read back"), now)
    return tuple(claims)


@cache
def claim_query() -> Select[Any]:
    """Takes `now`, `limit`, `busy`. Built once: every hand asks it twice a second, and building takes milliseconds."""
    now = bindparam("now", type_=deliveries.c.not_before.type)
    older, target = deliveries.alias("older"), deliveries.alias("target")
    # One look at the index for each candidate. As NOT EXISTS it becomes a join, and with statistics from before a
    # fan-out the database joins everything that waits with everything that waits: 38 s for 10,000.
    before = (
        select(older.c.seq)
        .where(older.c.place_key == deliveries.c.place_key, older.c.seq < deliveries.c.seq)
        .where(older.c.state.in_(UNSENT))
        .where(not_(and_(older.c.state != SENDING, not_(and_(_ready(older), _tried_or_due(older, now))))))
        .limit(1)
        .scalar_subquery()
    )
    due = or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= now)
    free = deliveries.c.workspace.not_in(bindparam("busy"))
    return (
        _with(target)
        .where(_ready(deliveries), due, free, before.is_(None))
        .order_by(deliveries.c.seq)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(of=deliveries, skip_locked=True)
    )


def unsettled(connection: Connection, vault: Vault, before: datetime, limit: int) -> tuple[Claim, ...]:
    """Those looked up least often first: what a platform cannot tell must not keep the others waiting."""
    target = deliveries.alias("target")
    query = (
        _with(target)
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
    return tuple(_claim(vault, row, row.lease_token, row.attempts, row.claimed_at) for row in rows)


def _with(target: FromClause) -> Select[Any]:
    """Each delivery with the message that it is to change, if any."""
    message = target.c.id.label("target_id"), target.c.ref.label("target_ref")
    return select(deliveries, *message).outerjoin(target, target.c.slot == deliveries.c.revises)


def _ready(one: FromClause) -> ColumnElement[bool]:
    """Pending, and what it revises, if anything, is there: looked up, as EXISTS could list all that was sent."""
    target = deliveries.alias()
    there = select(target.c.state).where(target.c.slot == one.c.revises).limit(1).scalar_subquery()
    return and_(one.c.state == PENDING, or_(one.c.revises.is_(None), there == "sent"))


def _tried_or_due(one: FromClause, now: BindParameter[datetime]) -> ColumnElement[bool]:
    """Not one that was never meant to go out before a later time."""
    return or_(one.c.claimed_at.is_not(None), one.c.not_before.is_(None), one.c.not_before <= now)


def _claim(vault: Vault, row: Any, token: str, attempts: int, since: datetime) -> Claim:
    place, card = POSTING.read(vault.open(row.body, "delivery", "body", row.id))
    target = row.target_ref and REF.read(vault.open(row.target_ref, "delivery", "ref", row.target_id))
    delivery = Delivery(row.slot, row.alliance, place, card, row.revises, row.not_before)
    return Claim(row.id, token, delivery, target, attempts, since)

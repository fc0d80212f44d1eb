"""Present addresses of channels that got another one: what was made for the old address goes to the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection, select

from bot.model.alliance import Channel
from bot.model.delivery import Claim
from storage.tables import moves

Moves: TypeAlias = Mapping[Channel, str]
"""Every address that a channel had before → the one it has now."""


def load_moves(connection: Connection) -> Moves:
    """Return all moves; there are few."""
    rows = connection.execute(select(moves))
    return {Channel(row.platform, row.workspace, row.old): row.address for row in rows}


def to_present(channel: Channel, moved: Moves) -> Channel:
    """Return the channel under its present address."""
    return replace(channel, address=moved.get(channel, channel.address))


def list_addresses(connection: Connection, channel: Channel) -> list[Channel]:
    """Return the channel under its present address, then under those it had before."""
    moved = load_moves(connection)
    present = to_present(channel, moved)
    earlier = (old for old, to in moved.items() if old.platform == present.platform and to == present.address)
    return [present, *earlier]


def redirect_claims(connection: Connection, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims with present addresses of where to post, and of what to replace."""
    moved = load_moves(connection) if claims else {}
    return tuple(_redirect_claim(claim, moved) for claim in claims) if moved else tuple(claims)


def _redirect_claim(claim: Claim, moved: Moves) -> Claim:
    place, ref = claim.delivery.place, claim.target
    if not isinstance(place, Channel):
        return claim
    target = ref and replace(ref, address=to_present(replace(place, address=ref.address), moved).address)
    return replace(claim, delivery=replace(claim.delivery, place=to_present(place, moved)), target=target)

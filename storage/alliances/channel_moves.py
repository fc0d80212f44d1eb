"""Channels that got another address: what was kept under the old one is kept under the new one.

An address is unique on its platform, so a channel is known by it even where another installation of the bot, or an
earlier address, is named beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from bot.model.alliance import Channel
from bot.model.delivery import Claim
from storage.engine.upsert import put
from storage.outbox.place_keys import Places
from storage.tables import channels, deliveries, moves, numbers, readings

Moved: TypeAlias = Mapping[Channel, str]
"""Every address that a channel had before → the one it has now."""


def load(connection: Connection) -> Moved:
    rows = connection.execute(select(moves))
    return {Channel(row.platform, row.workspace, row.old): row.address for row in rows}


def now(place: Channel, moved: Moved) -> Channel:
    """The channel under its present address."""
    return replace(place, address=moved.get(place, place.address))


def redirected(connection: Connection, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """What is to be posted, and what is to be replaced, under present addresses."""
    moved = load(connection) if claims else {}
    return tuple(_redirected(one, moved) for one in claims) if moved else tuple(claims)


def _redirected(claim: Claim, moved: Moved) -> Claim:
    place, ref = claim.delivery.place, claim.target
    if not isinstance(place, Channel):
        return claim
    there = ref and replace(ref, address=now(replace(place, address=ref.address), moved).address)
    return replace(claim, delivery=replace(claim.delivery, place=now(place, moved)), target=there)


def known(connection: Connection, told: Channel) -> Channel:
    """The declared channel that was told of; `told` itself where there is none, or more than one could be meant."""
    moved = load(connection)
    latest = now(told, moved)
    addresses = {latest.address} | {to for old, to in moved.items() if old.address == told.address}
    here = channels.c.platform == told.platform, channels.c.address.in_(addresses)
    rows = connection.execute(select(channels).where(*here))
    found = [Channel(row.platform, row.workspace, row.address) for row in rows]
    if latest in found:
        return latest
    return found[0] if len(found) == 1 else told


def move(connection: Connection, places: Places, channel: Channel, to: str) -> bool:
    """False, and no change, for a channel that is not declared, or an address that is another's already."""
    before, after = now(channel, load(connection)), replace(channel, address=to)
    if before == after or not _is_declared(connection, before) or _is_declared(connection, after):
        return False
    same = moves.c.platform == channel.platform, moves.c.workspace == channel.workspace
    connection.execute(delete(moves).where(*same, moves.c.old == to))
    connection.execute(update(moves).where(*same, moves.c.address == before.address).values(address=to))
    row = {"platform": channel.platform, "workspace": channel.workspace, "old": before.address, "address": to}
    put(connection, moves, row)
    connection.execute(
        delete(numbers).where(_at(numbers, after))
    )  # of a channel that was once declared there
    for table in (channels, numbers, readings):
        connection.execute(update(table).where(_at(table, before)).values(address=to))
    mine = deliveries.c.place_key == places.key(before)
    connection.execute(update(deliveries).where(mine).values(place_key=places.key(after)))
    return True


def _is_declared(connection: Connection, channel: Channel) -> bool:
    return connection.scalar(select(channels.c.alliance).where(_at(channels, channel))) is not None


def _at(table: Table, channel: Channel) -> ColumnElement[bool]:
    return and_(
        table.c.platform == channel.platform,
        table.c.workspace == channel.workspace,
        table.c.address == channel.address,
    )

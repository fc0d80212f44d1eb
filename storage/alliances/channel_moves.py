"""Channels that get another address: what was kept under the old one is kept under the new one.

An address is unique on its platform, so a channel is known by it even where another installation of the bot, or an
earlier address, is named beside it.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from bot.model.alliance import Channel
from storage.engine.upsert import upsert_rows
from storage.outbox.addresses import load_moves, to_present
from storage.outbox.place_keys import PlaceKeys
from storage.tables import channels, deliveries, moves, numbers


def resolve_channel(connection: Connection, named: Channel) -> Channel:
    """Return the declared channel that is meant; `named` itself where there is none, or more than one could be."""
    moved = load_moves(connection)
    latest = to_present(named, moved)
    addresses = {latest.address} | {to for old, to in moved.items() if old.address == named.address}
    here = channels.c.platform == named.platform, channels.c.address.in_(addresses)
    rows = connection.execute(select(channels).where(*here))
    declared = [Channel(row.platform, row.workspace, row.address) for row in rows]
    if latest in declared:
        return latest
    return declared[0] if len(declared) == 1 else named


def move_channel(connection: Connection, places: PlaceKeys, channel: Channel, to: str) -> bool:
    """Return False, and change nothing, for a channel that is not declared, or an address that is another's."""
    before, after = to_present(channel, load_moves(connection)), replace(channel, address=to)
    if before == after or not _is_declared(connection, before) or _is_declared(connection, after):
        return False
    _write_move(connection, before, to)
    # A channel that was once declared there leaves its number behind.
    connection.execute(delete(numbers).where(_is_at(numbers, after)))
    for table in (channels, numbers):
        connection.execute(update(table).where(_is_at(table, before)).values(address=to))
    waiting = deliveries.c.place_key == places.hash_place(before)
    connection.execute(update(deliveries).where(waiting).values(place_key=places.hash_place(after)))
    return True


def _write_move(connection: Connection, before: Channel, to: str) -> None:
    same = moves.c.platform == before.platform, moves.c.workspace == before.workspace
    connection.execute(delete(moves).where(*same, moves.c.old == to))
    connection.execute(update(moves).where(*same, moves.c.address == before.address).values(address=to))
    row = {"platform": before.platform, "workspace": before.workspace, "old": before.address, "address": to}
    upsert_rows(connection, moves, row)


def _is_declared(connection: Connection, channel: Channel) -> bool:
    return connection.scalar(select(channels.c.alliance).where(_is_at(channels, channel))) is not None


def _is_at(table: Table, channel: Channel) -> ColumnElement[bool]:
    return and_(
        table.c.platform == channel.platform,
        table.c.workspace == channel.workspace,
        table.c.address == channel.address,
    )

"""Readings: the mood of each message, and tombstones of messages that were deleted.

A message is known by a keyed hash, so that nobody who can read the channel finds its author in the database.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bot.model.alliance import Channel
from bot.model.commands import GivenReading
from storage.engine.encryption import Vault
from storage.engine.transactions import write_transaction
from storage.engine.upsert import build_insert, insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.outbox.addresses import list_addresses
from storage.outbox.place_keys import PlaceKeys, load_place_keys
from storage.rounds.coarse_times import floor_day
from storage.tables import channels, readings

BATCH = 500
"""Rows of an older version that are hashed in one transaction."""
GONE = {"alliance": None, "person": None, "side": None, "polarity": None, "deleted": True}
"""Columns of a tombstone."""


@dataclass(frozen=True, slots=True)
class Readings:
    """`bot.ports.Readings` over the database."""

    vault: Vault
    writer: Writer

    @write_transaction
    def save_reading(self, connection: Connection, given: GivenReading) -> None:
        keys = load_place_keys(connection, self.vault)
        key = _find_key(connection, keys, given.channel, given.message)
        row = {
            "message": key,
            "alliance": given.alliance,
            "person": given.person,
            "side": given.side.value,
            "polarity": given.polarity,
            "at": floor_day(given.at),
            "version": keys.offset_time(key, given.at),
            "deleted": False,
        }
        statement = build_insert(connection, readings).values(row)
        new = statement.excluded
        newer = statement.on_conflict_do_update(
            index_elements=list(readings.primary_key),
            set_={name: new[name] for name in ("alliance", "person", "side", "polarity", "at", "version")},
            where=(new.version > readings.c.version) & ~readings.c.deleted,
        )
        connection.execute(newer)

    @write_transaction
    def delete_reading(self, connection: Connection, channel: Channel, message: str, at: datetime) -> None:
        """Leave a tombstone in an alliance's channel, which no edit or late original can undo."""
        keys = load_place_keys(connection, self.vault)
        key = _find_key(connection, keys, channel, message)
        tombstone = {"at": floor_day(at), "version": keys.offset_time(key, at), **GONE}
        here = channels.c.platform == channel.platform, channels.c.address == channel.address
        if connection.scalar(select(channels.c.alliance).where(*here).limit(1)) is None:
            connection.execute(update(readings).where(readings.c.message == key).values(tombstone))
        else:
            upsert_rows(connection, readings, {"message": key, **tombstone})

    async def hash_old(self) -> int:
        """Hash the ids that an older version stored; return how many. May raise StoreUnavailable."""
        total = 0
        while count := await self.writer.run_long(hash_batch, self.vault):
            total += count
        return total


def hash_batch(connection: Connection, vault: Vault) -> int:
    """Hash some of the ids that an older version stored; return how many, 0 when none is left."""
    keys = load_place_keys(connection, vault)
    plain = select(readings).where(readings.c.version.is_(None)).order_by(readings.c.message).limit(BATCH)
    rows = connection.execute(plain.with_for_update()).mappings().all()
    for row in rows:
        connection.execute(delete(readings).where(readings.c.message == row["message"]))
        _insert_hashed(connection, keys, row)
    return len(rows)


def _insert_hashed(connection: Connection, keys: PlaceKeys, row: Any) -> None:
    platform, workspace, address, message = json.loads(row["message"])
    key = keys.hash_message(Channel(platform, workspace, address), message)
    times = {"at": floor_day(row["at"]), "version": keys.offset_time(key, row["at"])}
    if not insert_new(connection, readings, [{**row, **times, "message": key}]) and row["deleted"]:
        connection.execute(update(readings).where(readings.c.message == key).values(GONE))


def _find_key(connection: Connection, keys: PlaceKeys, channel: Channel, message: str) -> str:
    """Return the key that the message is kept under: where the channel moved since, one of an earlier address."""
    possible = [keys.hash_message(place, message) for place in list_addresses(connection, channel)]
    if len(possible) == 1:
        return possible[0]
    kept = connection.scalar(select(readings.c.message).where(readings.c.message.in_(possible)).limit(1))
    return kept or possible[0]

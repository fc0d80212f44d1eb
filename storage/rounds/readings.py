"""Readings: the mood of each message, and tombstones of messages that were deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.model.alliance import Channel
from bot.model.commands import GivenReading
from storage.engine.transactions import write_transaction
from storage.engine.upsert import build_insert, upsert_rows
from storage.engine.writer import Writer
from storage.tables import channels, readings


@dataclass(frozen=True, slots=True)
class Readings:
    """`bot.ports.Readings` over the database."""

    writer: Writer

    @write_transaction
    def save_reading(self, connection: Connection, given: GivenReading) -> None:
        row = {
            **_message_key(given.channel, given.message),
            "alliance": given.alliance,
            "person": given.person,
            "side": given.side.value,
            "polarity": given.polarity,
            "at": given.at,
            "deleted": False,
        }
        statement = build_insert(connection, readings).values(row)
        new = statement.excluded
        newer = statement.on_conflict_do_update(
            index_elements=list(readings.primary_key),
            set_={name: new[name] for name in ("alliance", "person", "side", "polarity", "at")},
            where=(new.at > readings.c.at) & ~readings.c.deleted,
        )
        connection.execute(newer)

    @write_transaction
    def delete_reading(self, connection: Connection, channel: Channel, message: str, at: datetime) -> None:
        """Leave a tombstone in an alliance's channel, which no edit or late original can undo."""
        key = _message_key(channel, message)
        tombstone = {
            "alliance": None,
            "person": None,
            "side": None,
            "polarity": None,
            "at": at,
            "deleted": True,
        }
        here = channels.c.platform == channel.platform, channels.c.address == channel.address
        if connection.scalar(select(channels.c.alliance).where(*here).limit(1)) is None:
            same = (readings.c[name] == value for name, value in key.items())
            connection.execute(update(readings).where(*same).values(tombstone))
        else:
            upsert_rows(connection, readings, {**key, **tombstone})


def _message_key(channel: Channel, message: str) -> dict[str, str]:
    return {
        "platform": channel.platform,
        "workspace": channel.workspace,
        "address": channel.address,
        "message": message,
    }

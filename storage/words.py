"""Comments and the readings of messages."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, select, update

from bot.model import Channel, Side
from bot.ports import GivenComment, GivenReading, Kept, KeptComment
from storage.answers import locked_rounds, refusal
from storage.tables import channels, comments, readings, rounds
from storage.upsert import insert, insert_new, put
from storage.vault import Vault


def comment(connection: Connection, vault: Vault, given: GivenComment, now: datetime) -> Kept:
    refused = refusal(locked_rounds(connection, {given.round}).get(given.round), now)
    if refused:
        return refused
    id = uuid4().hex
    row = {
        "id": id,
        "round": given.round,
        "person": given.person,
        "side": given.side.value,
        "body": vault.seal(given.text, "comment", "body", id),
        "share": given.share,
        "at": given.at,
    }
    insert_new(connection, comments, [row])
    return "saved"


def kept_comments(
    connection: Connection, vault: Vault, alliance: str, side: Side, newest: int
) -> tuple[KeptComment, ...]:
    """Of the `newest` closed rounds, in an order that says nothing of time: their ids are random."""
    closed = select(rounds.c.id).where(rounds.c.alliance == alliance, rounds.c.state == "closed")
    recent = connection.scalars(closed.order_by(rounds.c.number.desc()).limit(newest)).all()
    query = select(comments.c.id, comments.c.body, comments.c.share).where(comments.c.round.in_(recent))
    rows = connection.execute(query.where(comments.c.side == side.value).order_by(comments.c.id))
    return tuple(KeptComment(vault.open(row.body, "comment", "body", row.id), row.share) for row in rows)


def keep_reading(connection: Connection, given: GivenReading) -> None:
    row = {
        **_message(given.channel, given.message),
        "alliance": given.alliance,
        "person": given.person,
        "side": given.side.value,
        "polarity": given.polarity,
        "at": given.at,
        "deleted": False,
    }
    statement = insert(connection, readings).values(row)
    new = statement.excluded
    newer = statement.on_conflict_do_update(
        index_elements=list(readings.primary_key),
        set_={name: new[name] for name in ("alliance", "person", "side", "polarity", "at")},
        where=(new.at > readings.c.at) & ~readings.c.deleted,
    )
    connection.execute(newer)


def drop_reading(connection: Connection, channel: Channel, message: str, at: datetime) -> None:
    """Erase it, and in an alliance's channel leave a tombstone that no edit or late original can undo."""
    key = _message(channel, message)
    gone = {"alliance": None, "person": None, "side": None, "polarity": None, "at": at, "deleted": True}
    here = channels.c.platform == channel.platform, channels.c.address == channel.address
    if connection.scalar(select(channels.c.alliance).where(*here).limit(1)) is None:
        this = (readings.c[name] == value for name, value in key.items())
        connection.execute(update(readings).where(*this).values(gone))
    else:
        put(connection, readings, {**key, **gone})


def _message(channel: Channel, message: str) -> dict[str, str]:
    return {
        "platform": channel.platform,
        "workspace": channel.workspace,
        "address": channel.address,
        "message": message,
    }

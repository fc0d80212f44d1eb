"""Comments and the readings of messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, select, update

from bot.model.alliance import Channel, Side
from bot.model.closing import CommentBlock, KeptBlock, KeptComment, WaitingComment
from bot.model.commands import GivenComment, GivenReading, Kept
from storage.engine.encryption import Vault
from storage.engine.upsert import insert, insert_new, put
from storage.rounds.answers import locked_rounds, refusal
from storage.tables import blocks, channels, comments, readings, rounds


def comment(connection: Connection, vault: Vault, given: GivenComment, now: datetime) -> Kept:
    refused = refusal(locked_rounds(connection, {given.round}).get(given.round), now)
    if refused:
        return refused
    id = uuid4().hex
    platform, organisation = given.home or (None, None)
    row = {
        "id": id,
        "round": given.round,
        "person": given.person,
        "side": given.side and given.side.value,
        "home_platform": platform,
        "home_organisation": organisation,
        "body": vault.seal(given.text, "comment", "body", id),
        "share": given.share,
        "at": given.at,
        "block": None,
    }
    insert_new(connection, comments, [row])
    return "saved"


def waiting(connection: Connection, rounds: Mapping[str, int]) -> tuple[WaitingComment, ...]:
    """Comments of these rounds (id → index) that no block has released, in an order that says nothing of time."""
    query = select(comments.c.id, comments.c.side, comments.c.person, comments.c.round)
    mine = query.where(comments.c.round.in_(list(rounds)), comments.c.block.is_(None))
    mine = mine.where(comments.c.side.is_not(None))
    rows = connection.execute(mine.order_by(comments.c.id))
    return tuple(WaitingComment(row.id, Side(row.side), row.person, rounds[row.round]) for row in rows)


def release(connection: Connection, alliance: str, released: Sequence[CommentBlock]) -> None:
    """Comments in these blocks belong to no other from now on."""
    for block in released:
        row = {"alliance": alliance, "side": block.side.value, "number": block.round}
        insert_new(connection, blocks, [{**row, "slot": block.slot, "size": len(block.ids)}])
        mine = and_(comments.c.id.in_(block.ids), comments.c.block.is_(None))
        connection.execute(update(comments).where(mine).values(block=block.round))


def newest_blocks(connection: Connection, vault: Vault, alliance: str) -> tuple[KeptBlock, ...]:
    """The newest block of each side. One that lost a comment is not shown again: the gap would name its writer."""
    query = select(blocks).where(blocks.c.alliance == alliance).order_by(blocks.c.number)
    newest = {row.side: row for row in connection.execute(query)}
    found = ((row, _comments(connection, vault, row)) for row in newest.values())
    return tuple(
        KeptBlock(Side(row.side), row.number, row.slot, kept) for row, kept in found if len(kept) == row.size
    )


def _comments(connection: Connection, vault: Vault, block: Any) -> tuple[KeptComment, ...]:
    query = select(comments.c.id, comments.c.body, comments.c.share).join(rounds)
    mine = and_(rounds.c.alliance == block.alliance, rounds.c.number <= block.number)
    this = and_(mine, comments.c.side == block.side, comments.c.block == block.number)
    rows = connection.execute(query.where(this).order_by(comments.c.id))
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

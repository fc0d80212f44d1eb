"""Comments: sealed words, released in blocks at closings."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from bot.model.alliance import Side
from bot.model.closing import CommentBlock, KeptBlock, KeptComment, WaitingComment
from bot.model.commands import GivenComment, Kept
from storage.engine.encryption import Unreadable, Vault
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.outbox.place_keys import load_place_keys
from storage.rounds.answers import find_refusal, lock_rounds
from storage.tables import blocks, comments, rounds


@dataclass(frozen=True, slots=True)
class Comments:
    """`bot.ports.Comments` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer

    @write_transaction
    def save_comment(self, connection: Connection, given: GivenComment, now: datetime) -> Kept:
        refused = find_refusal(lock_rounds(connection, {given.round_id}).get(given.round_id), now)
        if refused:
            return refused
        if same := self._find_same(connection, given):
            waiting = and_(comments.c.id == same, comments.c.block.is_(None), comments.c.at <= given.at)
            connection.execute(update(comments).where(waiting).values(share=given.share))
            return "saved"
        keys = load_place_keys(connection, self.vault)
        comment_id = keys.hash_comment(given.round_id, given.person, given.text)
        platform, organisation = given.home or (None, None)
        row = {
            "id": comment_id,
            "round": given.round_id,
            "person": given.person,
            "side": given.side and given.side.value,
            "home_platform": platform,
            "home_organisation": organisation,
            "body": self.vault.seal(given.text, "comment", "body", comment_id),
            "share": given.share,
            "at": given.at,
            "block": None,
        }
        insert_new(connection, comments, [row])
        return "saved"

    @read_transaction
    def list_newest_blocks(self, connection: Connection, alliance: str) -> tuple[KeptBlock, ...]:
        """Leave out a block that lost a comment: the gap would name its writer."""
        query = select(blocks).where(blocks.c.alliance == alliance).order_by(blocks.c.number)
        newest = {row.side: row for row in connection.execute(query)}
        opened = ((row, self._open_block(connection, row)) for row in newest.values())
        return tuple(
            KeptBlock(Side(row.side), row.number, row.slot, texts)
            for row, texts in opened
            if len(texts) == row.size
        )

    def _find_same(self, connection: Connection, given: GivenComment) -> str | None:
        """Find the same words of the same person: pressed again, because nobody could say whether they were saved."""
        mine = select(comments.c.id, comments.c.body).where(
            comments.c.round == given.round_id, comments.c.person == given.person
        )
        for row in connection.execute(mine):
            with suppress(Unreadable):
                if self.vault.open(row.body, "comment", "body", row.id) == given.text:
                    return str(row.id)
        return None

    def _open_block(self, connection: Connection, block: Any) -> tuple[KeptComment, ...]:
        query = select(comments.c.id, comments.c.body, comments.c.share).join(rounds)
        asked = and_(rounds.c.alliance == block.alliance, rounds.c.number <= block.number)
        released = and_(asked, comments.c.side == block.side, comments.c.block == block.number)
        rows = connection.execute(query.where(released).order_by(comments.c.id))
        return tuple(
            KeptComment(self.vault.open(row.body, "comment", "body", row.id), row.share) for row in rows
        )


def list_waiting(connection: Connection, round_indexes: Mapping[str, int]) -> tuple[WaitingComment, ...]:
    """Return comments of these rounds (id → index) that no block has released, in an order that hides their time."""
    query = select(comments.c.id, comments.c.side, comments.c.person, comments.c.round)
    waiting = query.where(comments.c.round.in_(list(round_indexes)), comments.c.block.is_(None))
    of_known_side = waiting.where(comments.c.side.is_not(None))
    return tuple(
        WaitingComment(row.id, Side(row.side), row.person, round_indexes[row.round])
        for row in connection.execute(of_known_side.order_by(comments.c.id))
    )


def release_blocks(connection: Connection, alliance: str, released: Sequence[CommentBlock]) -> None:
    """Insert the blocks; a comment stays in the first block that it was released in."""
    for block in released:
        row = {"alliance": alliance, "side": block.side.value, "number": block.round}
        insert_new(connection, blocks, [{**row, "slot": block.slot, "size": len(block.ids)}])
        unreleased = and_(comments.c.id.in_(block.ids), comments.c.block.is_(None))
        connection.execute(update(comments).where(unreleased).values(block=block.round))

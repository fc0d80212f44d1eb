"""Release comments in blocks, as numbers are: each in one block and never again.

A block spans four rounds at least, so nobody can tell from a series of digests in which round one of them was written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.model.alliance import Side
from bot.model.closing import CommentBlock, KeptBlock, WaitingComment
from bot.privacy.release_gate import BLOCK_ROUNDS
from bot.scoring.answer_matrix import History
from bot.scoring.window import WINDOW

EVERY = 4
"""Closings from one chance of a block to the next."""
RESPONDENTS = 10
"""People of the side, besides its leads, who answered in the window."""
WRITERS = 3
"""People besides leads who wrote what is in a block."""
LARGEST = 30
"""Comments of a block, at most; by chance, the rest wait for the next one."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A block as the leads of one side may read it: all of the own side's, what is shared of the other's."""

    side: Side
    """Who wrote it."""
    slot: date
    """Of the round at whose closing it was released."""
    texts: tuple[str, ...]


def release_comments(
    past: History, waiting: Iterable[WaitingComment], leads: frozenset[str]
) -> tuple[CommentBlock, ...]:
    """Release waiting comments at the closing of the judged round: all of a side's, or none.

    Those of the last 8 rounds can be; what is older expires unread, as answers do.
    """
    now = past.now
    if now.index % EVERY != EVERY - 1:
        return ()
    recent = {asked.index for asked in past.list_recent(BLOCK_ROUNDS)}
    ready = sorted(
        (comment for comment in waiting if comment.round in recent), key=lambda comment: comment.id
    )
    chosen = {side: [comment for comment in ready if comment.side is side][:LARGEST] for side in Side}
    return tuple(
        CommentBlock(side, now.index, now.slot, tuple(comment.id for comment in mine))
        for side, mine in chosen.items()
        if len({comment.person for comment in mine} - leads) >= WRITERS
        and len(_find_respondents(past, side) - leads) >= RESPONDENTS
    )


def list_readable(blocks: Iterable[KeptBlock], reader: Side, now: int) -> tuple[Readable, ...]:
    """Return the blocks that leads of a side may read after closing `now`: each stands until the next could follow."""
    standing = (block for block in blocks if 0 <= now - block.round < EVERY)
    mine = (
        Readable(
            block.side,
            block.slot,
            tuple(said.text for said in block.comments if said.share or block.side is reader),
        )
        for block in standing
    )
    return tuple(block for block in mine if block.texts)


def _find_respondents(past: History, side: Side) -> frozenset[str]:
    recent, columns = past.list_recent(WINDOW), past.sides[side]
    return frozenset(
        columns.names[place] for place in columns.find_answerers(recent[0].index, recent[-1].index)
    )

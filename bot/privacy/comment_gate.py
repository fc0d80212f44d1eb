"""The privacy gate for words: comments leave in blocks, as numbers do, each in one block and never again.

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


def comment_blocks(
    past: History, waiting: Iterable[WaitingComment], leads: frozenset[str]
) -> tuple[CommentBlock, ...]:
    """Which of the waiting comments are released at the closing of the judged round; all of a side's, or none.

    Those of the last 8 rounds can be; what is older expires unread, as answers do.
    """
    now = past.now
    if now.index % EVERY != EVERY - 1:
        return ()
    recent = {one.index for one in past.recent(BLOCK_ROUNDS)}
    ready = sorted((one for one in waiting if one.round in recent), key=lambda one: one.id)
    chosen = {side: [one for one in ready if one.side is side][:LARGEST] for side in Side}
    return tuple(
        CommentBlock(side, now.index, now.slot, tuple(one.id for one in mine))
        for side, mine in chosen.items()
        if len({one.person for one in mine} - leads) >= WRITERS
        and len(_respondents(past, side) - leads) >= RESPONDENTS
    )


def readable(blocks: Iterable[KeptBlock], reader: Side, now: int) -> tuple[Readable, ...]:
    """What leads of that side may read after closing `now`: a block stands until the next could follow."""
    standing = (one for one in blocks if 0 <= now - one.round < EVERY)
    mine = (
        Readable(
            one.side, one.slot, tuple(said.text for said in one.comments if said.share or one.side is reader)
        )
        for one in standing
    )
    return tuple(one for one in mine if one.texts)


def _respondents(past: History, side: Side) -> frozenset[str]:
    recent, columns = past.recent(WINDOW), past.sides[side]
    return frozenset(columns.names[place] for place in columns.answerers(recent[0].index, recent[-1].index))

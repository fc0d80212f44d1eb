"""Comments leave in blocks: who is in which, and that no series of digests tells more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.closing.close_round import close_record
from bot.model.alliance import Answer, Side
from bot.model.closing import CommentBlock, KeptBlock, KeptComment, WaitingComment
from bot.privacy.comment_gate import EVERY, LARGEST, RESPONDENTS, WRITERS, list_readable
from tests.rules.records import asked, item, record

TRUST = item("trust")


def wrote(number: int, person: int, round: int, side: Side = Side.CRO) -> WaitingComment:
    return WaitingComment(f"{number * 7919 % 10_007:05}", side, f"{side}{person}", round)


def released(
    waiting: Iterable[WaitingComment],
    now: int = 3,
    respondents: int = 10,
    leads: Iterable[str] = (),
    answered: int | None = None,
    sides: Sequence[Side] = (Side.CRO,),
) -> tuple[CommentBlock, ...]:
    """Blocks of the closing of round `now`; everyone answered in that round, or only in round `answered`."""
    rounds = [asked(index, [TRUST]) for index in range(now + 1)]
    when = now if answered is None else answered
    answers = [
        Answer(side, f"{side}{person}", when, TRUST.id, 4) for side in sides for person in range(respondents)
    ]
    return close_record(record(rounds, answers, comments=tuple(waiting), leads=frozenset(leads))).comments


@pytest.mark.parametrize("respondents", [9, 10])
@pytest.mark.parametrize("writers", [2, 3])
def test_ten_respondents_and_three_writers_or_nothing(respondents: int, writers: int) -> None:
    waiting = [wrote(number, number % writers, 0) for number in range(6)]
    found = released(waiting, respondents=respondents)
    if respondents < 10 or writers < 3:
        assert found == ()
    else:
        (block,) = found
        assert block.side is Side.CRO and set(block.ids) == {comment.id for comment in waiting}
        assert list(block.ids) == sorted(block.ids)


def test_leads_count_neither_as_writers_nor_as_respondents() -> None:
    waiting = [wrote(number, number, 1) for number in range(3)]
    assert released(waiting, respondents=11) and not released(waiting, respondents=11, leads=["cro0"])
    assert not released(waiting, respondents=10, leads=["cro9"])
    assert released(waiting, respondents=11, leads=["cro9"])


def test_nobody_elses_comments_are_in_a_sides_block() -> None:
    waiting = [wrote(number, number, 1, side) for side in Side for number in range(5)]
    waiting = [replace(comment, id=f"{comment.side}-{comment.id}") for comment in waiting]
    found = {block.side: block.ids for block in released(waiting, sides=tuple(Side))}
    assert set(found) == set(Side)
    for side, ids in found.items():
        assert set(ids) == {comment.id for comment in waiting if comment.side is side}


def test_respondents_are_those_of_the_last_four_rounds() -> None:
    waiting = [wrote(number, number, 3) for number in range(3)]
    for answered in range(4):
        assert released(waiting, 3, answered=answered)
    assert released(waiting, 7, answered=4) and not released(waiting, 7, answered=3)


@pytest.mark.parametrize("now", range(9))
def test_there_is_a_chance_every_fourth_closing_only(now: int) -> None:
    waiting = [wrote(number, number, now) for number in range(5)]
    assert bool(released(waiting, now)) == (now in (3, 7))


def test_what_found_no_block_in_eight_rounds_stays_unread() -> None:
    early, late = [wrote(n, n, 3) for n in range(3)], [wrote(n, n, 4) for n in range(3, 6)]
    assert released(early, now=7) and not released(early, now=11)
    assert set(released([*early, *late], now=11)[0].ids) == {comment.id for comment in late}


def test_a_block_is_of_thirty_at_most_and_the_rest_waits() -> None:
    waiting = [wrote(number, number % 12, number % 4) for number in range(50)]
    (block,) = released(waiting, respondents=12)
    assert len(block.ids) == LARGEST
    left = [comment for comment in waiting if comment.id not in block.ids]
    (second,) = released(left, now=7, respondents=12)
    assert set(second.ids) == {comment.id for comment in left}


WORDS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 6), st.integers(0, 30)), max_size=40, unique=True
).map(lambda rows: [wrote(n, person, round) for n, (round, person, _) in enumerate(rows)])


@settings(max_examples=40)
@given(WORDS)
def test_over_twelve_rounds_every_comment_is_in_one_block_at_most_with_enough_others(
    written: list[WaitingComment],
) -> None:
    blocks = lived(written)
    told = [id for block in blocks for id in block.ids]
    assert len(told) == len(set(told))
    writer = {comment.id: comment.person for comment in written}
    assert all(len({writer[id] for id in block.ids}) >= WRITERS for block in blocks)


@settings(max_examples=40)
@given(WORDS, st.randoms())
def test_moving_comments_within_their_four_rounds_changes_nothing_that_is_read(
    written: list[WaitingComment], chance: object
) -> None:
    """Whoever reads all blocks cannot tell in which of four rounds a comment was written."""
    moved = [
        replace(comment, round=comment.round // EVERY * EVERY + chance.randrange(EVERY))  # type: ignore[attr-defined]
        for comment in written
    ]
    assert lived(moved) == lived(written)


def lived(written: Sequence[WaitingComment]) -> list[CommentBlock]:
    blocks: list[CommentBlock] = []
    for now in range(12):
        done = {id for block in blocks for id in block.ids}
        waiting = [comment for comment in written if comment.round <= now and comment.id not in done]
        blocks += released(waiting, now, RESPONDENTS)
    return blocks


def test_a_block_stands_for_four_closings_and_the_other_side_reads_what_is_shared() -> None:
    said = tuple(KeptComment(text, text == "shared") for text in ("own", "shared"))
    block = KeptBlock(Side.CRO, 7, asked(7, []).slot, said)
    for now in range(6, 13):
        own, other = (
            [readable.texts for readable in list_readable([block], side, now)]
            for side in (Side.CRO, Side.SPONSOR)
        )
        assert own == ([("own", "shared")] if 7 <= now < 11 else [])
        assert other == ([("shared",)] if 7 <= now < 11 else [])
    assert list_readable([replace(block, comments=said[:1])], Side.SPONSOR, 7) == ()

"""Somebody presses a button under a question: it is kept, or they hear why not. Never "saved" when it was not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.alliance import Member
from bot.model.cards import AnswerWith, Choices, to_plain_text
from bot.model.events import Answered
from tests.use_cases.sandbox_bot import (
    ANNA,
    CARLA,
    CLOSING,
    HARRY,
    HOUR,
    LIAM,
    NORTHWIND,
    SLOT,
    WEEK,
    SandboxBot,
    find_option,
    make_members,
    open_sandbox_bot,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
async def asked(bot: SandboxBot) -> SandboxBot:
    """The question stands in the channel."""
    await bot.tick(SLOT)
    bot.at += HOUR
    return bot


async def own(bot: SandboxBot, who: Member) -> list[int | None]:
    """What the bot holds as that person's answers, as their own confirmation would mark them."""
    return [row[0] for row in bot.rows("SELECT value FROM answer")]  # type: ignore[misc]


async def test_an_answer_is_confirmed_privately_with_what_was_taken(asked: SandboxBot) -> None:
    card = await asked.answer(CARLA, 4)
    assert card.heading == "You answered 4 · Agree"
    assert "until Friday 27 November, 09:00 (Europe/Berlin)" in to_plain_text(card)
    (scale,) = [block for block in card.blocks if isinstance(block, Choices) and block.scale]
    assert [choice.label for choice in scale.options if choice.style == "chosen"] == ["4 · Agree"]
    assert await asked.answered() == 1


async def test_a_confirmation_in_the_questions_place_carries_all_questions_with_the_own_answers(
    asked: SandboxBot,
) -> None:
    for nth, value in ((0, 4), (1, 2), (0, None)):
        asked.at += SECOND
        pressed = (await asked.find_option(value, nth)).action
        assert isinstance(pressed, AnswerWith)
        event = Answered(
            by=CARLA, at=asked.at, round=pressed.round, item=pressed.item, value=value, in_place=True
        )
        card = await asked.take(event)
    assert card and card.heading == "You answered Can't judge"
    scales = [block for block in card.blocks if isinstance(block, Choices) and block.scale]
    marked = [[choice.label for choice in scale.options if choice.style == "chosen"] for scale in scales]
    assert marked == [["Can't judge"], ["2 · Disagree"], []]
    assert "You can change it until" in to_plain_text(card)


async def test_the_channel_learns_nothing_of_an_answer(asked: SandboxBot) -> None:
    before = await asked.channel()
    await asked.answer(CARLA, 4)
    assert await asked.channel() == before


async def test_answering_twice_is_one_answer_the_later_one(asked: SandboxBot) -> None:
    await asked.answer(CARLA, 4, at=asked.at)
    await asked.answer(CARLA, 2, at=asked.at + SECOND)
    assert await own(asked, CARLA) == [2]
    assert await asked.answered() == 1


async def test_an_earlier_answer_that_arrives_late_changes_nothing(asked: SandboxBot) -> None:
    await asked.answer(CARLA, 2, at=asked.at + SECOND)
    late = await asked.answer(CARLA, 4, at=asked.at)
    assert await own(asked, CARLA) == [2]
    assert late.heading == "You answered 2 · Disagree"
    assert "An earlier tap of yours arrived late" in to_plain_text(late)
    assert "arrived late" not in to_plain_text(await asked.answer(CARLA, 2, at=asked.at + SECOND))


async def test_the_confirmation_offers_to_change_the_answer(asked: SandboxBot) -> None:
    card = await asked.answer(CARLA, 4)
    changed = await asked.press(CARLA, find_option(card, 1), at=asked.at + SECOND)
    assert changed.heading == "You answered 1 · Strongly disagree"
    assert await own(asked, CARLA) == [1]


BANK = """
name = "one for the sponsor"
version = 1
waves = [["oversight"]]
[[item]]
key = "trust"
version = 1
dimension = "trust"
text = "Bad news can be raised."
[[item]]
key = "oversight"
version = 1
dimension = "oversight"
kind = "sponsor"
text = "Our oversight is proportionate."
"""


@pytest.mark.parametrize("in_place", [False, True])
async def test_a_question_for_the_other_side_only_is_not_answered_by_mistake(
    tmp_path: Path, in_place: bool
) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, bank=BANK)) as bot:
        for week in range(4):
            await bot.tick(SLOT + week * WEEK)
        (round,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
        item = next(question for question in round.items if question.kind == "sponsor")
        said = {
            who: await bot.take(
                Answered(by=who, at=bot.at, round=round.id, item=item.id, value=4, in_place=in_place)
            )
            for who in (LIAM, CARLA)
        }
    assert said[LIAM] and said[LIAM].heading == "This question is for the other company"
    assert "staff of Northwind Pharma only" in to_plain_text(said[LIAM])
    assert ("Bad news can be raised." in to_plain_text(said[LIAM])) == in_place
    assert said[CARLA] and said[CARLA].heading == "You answered 4 · Agree"


async def test_an_answer_after_closing_is_not_counted_and_says_so(asked: SandboxBot) -> None:
    late = await asked.find_option(5)
    await asked.tick(CLOSING)
    card = await asked.press(CARLA, late)
    assert card.heading == "This pulse is closed"
    assert "not counted" in to_plain_text(card)
    assert await own(asked, CARLA) == []


async def test_an_answer_at_the_very_end_is_refused_even_before_the_bot_has_closed_the_round(
    asked: SandboxBot,
) -> None:
    late = await asked.find_option(5)
    asked.at = CLOSING
    assert (await asked.press(CARLA, late)).heading == "This pulse is closed"
    assert await own(asked, CARLA) == []


async def test_whoever_turns_the_platforms_clock_back_is_still_too_late(asked: SandboxBot) -> None:
    late = await asked.find_option(5)
    await asked.tick(CLOSING)
    card = await asked.press(CARLA, late, at=SLOT + HOUR)
    assert card.heading == "This pulse is closed"


@pytest.mark.parametrize(("round", "item"), [("nonsense", "vision@1"), ("", ""), ("ROUND", "vision@9")])
async def test_a_made_up_button_is_refused_and_leaves_nothing(
    asked: SandboxBot, round: str, item: str
) -> None:
    (open_round,) = await asked.store.rounds.list_open(NORTHWIND.key, asked.at)
    made_up = round.replace("ROUND", open_round.id)
    card = await asked.take(Answered(by=CARLA, at=asked.at, round=made_up, item=item, value=5))
    assert card and card.heading == "I don't know this question"
    assert await own(asked, CARLA) == []


# Whose answer is it?


@pytest.mark.parametrize(
    "typed", ["sandbox:a_note", "sandbox:", "sandbox:" + "x" * 81, "slack:T0FJORD", "fjord"]
)
async def test_what_is_no_company_of_this_channel_is_not_kept(asked: SandboxBot, typed: str) -> None:
    card = await asked.type(ANNA, f"ours {typed} northwind-meridian")
    assert card.heading == "Nothing to do"
    assert asked.rows("SELECT organisation FROM home WHERE mapped") == []


async def test_somebody_of_another_alliance_does_not_count_here(two: SandboxBot) -> None:
    await two.tick(SLOT)
    await two.answer(HARRY, 5)
    assert await two.answered() == 0


async def test_somebody_whose_company_the_platform_did_not_tell_leaves_nothing(asked: SandboxBot) -> None:
    card = await asked.answer(Member("sandbox", "nobody"), 5)
    assert card.heading == "You are not part of this alliance yet"
    assert asked.rows("SELECT * FROM answer") == []


async def test_somebody_whom_both_companies_claim_is_not_guessed(asked: SandboxBot) -> None:
    both = Member("sandbox", "carla", ("northwind", "meridian"), "sandbox")
    await asked.answer(both, 5)
    assert await asked.answered() == 0


# Nothing is ever lost, nor said to be kept when it is not.


async def test_a_stopped_database_is_told_as_not_saved(asked: SandboxBot) -> None:
    press = await asked.find_option(4)
    await asked.store.aclose()
    card = await asked.inbox.take(answered(asked, press))
    assert card and card.heading == "Not saved"
    assert "You answered" not in to_plain_text(card)


async def test_a_broken_database_is_told_as_not_saved_and_works_again_when_mended(asked: SandboxBot) -> None:
    press = await asked.find_option(4)
    await asked.answer(LIAM, 3)
    asked.damage("ALTER TABLE answer RENAME TO hidden")
    card = await asked.inbox.take(answered(asked, press))
    assert card and card.heading == "Not saved"
    asked.damage("ALTER TABLE hidden RENAME TO answer")
    assert (await asked.answer(CARLA, 4)).heading == "You answered 4 · Agree"
    assert await asked.answered() == 2


async def test_the_pseudonym_beside_an_answer_is_not_the_person(asked: SandboxBot) -> None:
    await asked.answer(CARLA, 4)
    ((person,),) = asked.rows("SELECT person FROM answer")
    assert "carla" not in str(person)
    assert b"carla" not in b"".join(str(row).encode() for row in asked.rows("SELECT * FROM answer"))


async def test_a_burst_of_forty_is_kept_whole(bot: SandboxBot) -> None:
    await bot.live([0], [*make_members("northwind", 20), *make_members("meridian", 20)])
    assert len(bot.rows("SELECT * FROM answer")) == 120


def answered(bot: SandboxBot, press: object) -> Answered:
    action = press.action  # type: ignore[attr-defined]
    return Answered(by=CARLA, at=bot.at, round=action.round, item=action.item, value=action.value)

"""A round's time is over: it is frozen, and what enough people stand behind is released, to both sides at once."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.model.alliance import Member
from bot.model.cards import to_plain_text
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    CLOSING,
    HOUR,
    LIAM,
    NORTHWIND,
    SLOT,
    WEEK,
    SandboxBot,
    find_button,
    find_option,
    make_members,
    open_sandbox_bot,
)

SPONSOR, CRO = make_members("northwind", 10), make_members("meridian", 10)


async def answered_by(bot: SandboxBot, people: list[Member], value: int) -> None:
    """All three items of the newest question."""
    question = (await bot.channel())[-1]
    presses = [
        bot.press_only(person, find_option(question, value, nth)) for person in people for nth in range(3)
    ]
    await asyncio.gather(*presses)


async def closed(
    bot: SandboxBot, sponsor: list[Member], cro: list[Member], values: tuple[int, int] = (4, 4)
) -> None:
    await bot.tick(SLOT)
    await answered_by(bot, sponsor, values[0])
    await answered_by(bot, cro, values[1])
    await bot.tick(CLOSING)


async def test_the_question_turns_into_thanks_without_buttons_or_score(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, CRO)
    (card,) = await bot.channel()
    assert "Closed. 20 or more people answered. Thank you." in to_plain_text(card)
    assert "Strongly agree" not in to_plain_text(card)
    assert "75" not in to_plain_text(card)


async def test_closing_twice_releases_once(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, CRO)
    once = await bot.store.closings.list_releases(NORTHWIND.key)
    assert (await bot.tick(CLOSING))["close"] == 0
    await bot.tick(CLOSING + HOUR)
    assert await bot.store.closings.list_releases(NORTHWIND.key) == once
    assert len(await bot.channel()) == 1


async def test_two_bots_close_a_round_once(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await answered_by(bot, [*SPONSOR, *CRO], 4)
    async with bot.another() as other:
        done = await asyncio.gather(bot.tick(CLOSING), other.tick(CLOSING))
    assert sum(line["close"] for line in done) == 1
    assert len(await bot.store.closings.list_releases(NORTHWIND.key)) == 6


async def test_both_sides_leads_see_the_new_number_at_the_same_moment(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await answered_by(bot, [*SPONSOR, *CRO], 4)
    assert "no score" in to_plain_text(await bot.type(ANNA, "score"))
    assert "no score" in to_plain_text(await bot.type(BEN, "score"))
    await bot.tick(CLOSING)
    for who in (ANNA, BEN, CARLA, LIAM):
        assert "alignment 75" in (await bot.type(who, "score")).heading


async def test_a_happy_and_an_unhappy_side_are_not_averaged_away(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, CRO, (5, 2))
    card = await bot.type(CARLA, "score")
    assert "alignment 2" in card.heading  # near the less happy side's 25, far from the mean of 62
    assert "poor" in card.heading


async def test_four_people_of_a_side_hide_the_score_from_everybody(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, make_members("meridian", 4))
    for who in (ANNA, BEN, CARLA, LIAM):
        card = await bot.type(who, "score")
        assert "no score to show yet" in card.heading
        assert "withheld: not enough answers on both sides" in to_plain_text(card)


async def test_a_leads_own_answer_does_not_help_over_the_threshold(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, [*make_members("meridian", 4), BEN])
    assert "no score to show yet" in (await bot.type(BEN, "score")).heading


async def test_answers_of_two_rounds_add_up_to_a_number(bot: SandboxBot) -> None:
    """Round 2 asks the vision again: four people then and four other people now stand behind one number."""
    people = make_members("meridian", 8)
    for week, some in enumerate((people[:4], [], people[4:])):
        await bot.tick(SLOT + week * WEEK)
        await answered_by(bot, some, 4)
        await bot.tick(SLOT + week * WEEK + 72 * HOUR)
    (shown,) = await bot.store.closings.list_releases(NORTHWIND.key)
    assert (shown.cell.side, shown.cell.dimension, shown.band, shown.value) == ("cro", "vision", 5, 75.0)


async def test_how_many_answered_is_only_said_roughly(bot: SandboxBot) -> None:
    for week, (people, words) in enumerate(
        ((0, "Nobody answered."), (3, "Fewer than 5 people"), (7, "5 to 9 people"), (11, "10 to 19 people"))
    ):
        await bot.tick(SLOT + week * WEEK)
        await answered_by(bot, make_members("meridian", people), 3)
        await bot.tick(SLOT + week * WEEK + 72 * HOUR)
        assert words in to_plain_text((await bot.channel())[-1])


async def test_the_closed_card_still_leads_to_the_score(bot: SandboxBot) -> None:
    await closed(bot, SPONSOR, CRO)
    (card,) = await bot.channel()
    assert "alignment 75" in (await bot.press(LIAM, find_button(card, "Show the score"))).heading


async def test_a_bot_that_was_away_closes_what_is_over(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await answered_by(bot, [*SPONSOR, *CRO], 4)
    await bot.tick(CLOSING + 3 * WEEK)
    assert "alignment 75" in (await bot.type(CARLA, "score")).heading


async def test_pooled_sides_show_one_number_and_none_a_side(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, pooled=True)) as bot:
        await closed(bot, SPONSOR[:3], CRO[:3])
        for who in (ANNA, CARLA):
            card = await bot.type(who, "score")
            assert card.heading == "Northwind × Meridian: level 75"
            assert "Your side" not in to_plain_text(card)

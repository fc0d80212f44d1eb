"""Once a week each lead gets one summary, in the lead's scope, the working day before the leads' call."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.model.alliance import Member
from bot.model.cards import to_plain_text
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    CLOSING,
    DAY,
    DIGEST,
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

SPONSOR, CRO = make_members("northwind", 10), make_members("meridian", 10)


async def answered(bot: SandboxBot, sponsor: int = 4, cro: int = 4) -> None:
    question = (await bot.channel())[-1]
    presses = [
        bot.press_only(person, find_option(question, value, nth))
        for people, value in ((SPONSOR, sponsor), (CRO, cro))
        for person in people
        for nth in range(3)
    ]
    await asyncio.gather(*presses)


async def closed(bot: SandboxBot, sponsor: int = 4, cro: int = 4) -> None:
    """A round was asked, answered by ten a side and closed."""
    await bot.tick(SLOT)
    await answered(bot, sponsor, cro)
    await bot.tick(CLOSING)


async def digests(bot: SandboxBot, who: Member) -> list[str]:
    return [to_plain_text(card) for card in await bot.dms(who) if ": the week for " in card.heading]


async def test_each_lead_gets_one_and_nobody_else_does(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST)
    told = [place for place, words in await bot.everything() if ": the week for " in words]
    assert sorted(told) == ["dm:anna", "dm:ben"]


async def test_not_before_eight_on_the_working_day_before_the_call(bot: SandboxBot) -> None:
    await closed(bot)
    eight = SLOT + 6 * DAY - HOUR
    await bot.tick(eight - timedelta(seconds=1))
    assert await digests(bot, ANNA) == []
    await bot.tick(eight)
    assert len(await digests(bot, ANNA)) == 1


async def test_ticking_again_sends_no_second_one_in_the_same_week(bot: SandboxBot) -> None:
    await closed(bot)
    for hours in (0, 0, 1, 12, 23):
        await bot.tick(DIGEST + hours * HOUR)
    assert len(await digests(bot, ANNA)) == 1


async def test_next_week_there_is_another(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST)
    await bot.tick(DIGEST + WEEK)
    assert len(await digests(bot, ANNA)) == 2


async def test_two_bots_send_one(bot: SandboxBot) -> None:
    await closed(bot)
    async with bot.another() as other:
        await asyncio.gather(bot.tick(DIGEST), other.tick(DIGEST))
    assert len(await digests(bot, ANNA)) == 1


async def test_a_bot_that_was_away_for_the_day_leaves_it_to_next_week(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST + 25 * HOUR)
    assert await digests(bot, ANNA) == []
    await bot.tick(DIGEST + WEEK)
    assert len(await digests(bot, ANNA)) == 1


async def test_before_the_first_closing_there_is_nothing_to_tell(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(SLOT + HOUR)
    assert await digests(bot, ANNA) == []


async def test_it_speaks_of_the_leads_own_side(bot: SandboxBot) -> None:
    await closed(bot, sponsor=4, cro=3)
    await bot.tick(DIGEST)
    ((annas,), (bens,)) = await digests(bot, ANNA), await digests(bot, BEN)
    assert annas.startswith("Northwind × Meridian: the week for Northwind Pharma")
    assert bens.startswith("Northwind × Meridian: the week for Meridian CRO")
    assert "Your side: 75" in annas
    assert "Your side: 50" in bens


async def test_it_says_what_is_withheld_and_why(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST)
    (told,) = await digests(bot, ANNA)
    assert "Withheld: " in told
    assert "not enough answers" in told
    assert [told.count(topic) for topic in ("collaboration", "roles")] == [1, 1]


async def test_its_numbers_are_explained_and_nothing_is_compared_with_what_never_was(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST)
    for told in (*(await digests(bot, ANNA)), to_plain_text(await bot.type(ANNA, "score"))):
        assert "The range in brackets is the margin of error" in told
        assert "90 or more as ≥90" in told
        assert "Rounding can make a gap differ by 1" in told
        assert "Against thirteen rounds ago: nothing to compare yet" in told
        assert "no clear change" not in told


async def test_it_says_which_rounds_could_not_be_asked(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(SLOT + WEEK + 5 * HOUR)
    await bot.tick(DIGEST + WEEK)
    assert "Pulses that were missed: 1 Dec" in (await digests(bot, ANNA))[-1]


async def test_it_can_be_read_on_demand_by_leads_only(bot: SandboxBot) -> None:
    await closed(bot)
    assert (await bot.type(ANNA, "digest")).heading == "Northwind × Meridian: the week for Northwind Pharma"
    for member in (CARLA, LIAM):
        assert (await bot.type(member, "digest")).heading == "For the alliance leads"


async def test_it_holds_no_exact_number_of_people(bot: SandboxBot) -> None:
    await closed(bot)
    await bot.tick(DIGEST)
    (told,) = await digests(bot, ANNA)
    assert "10–19 people" in told
    assert "10 people" not in told


async def test_a_side_too_small_for_a_number_is_told_so_with_the_way_out(tmp_path: Path) -> None:
    """The channel has nine people a side, one of them its lead: eight, where a number rests on nine."""
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, minimum=9)) as bot:
        await bot.live(range(2), [])
        for who in (CARLA, ANNA):
            words = to_plain_text(await bot.type(who, "score"))
            assert "Meridian CRO has fewer than 9 people here besides its leads." in words
            assert "ask the operator of this bot for “pooled = true”" in words
            assert "A number appears once" not in words
        digest = to_plain_text(await bot.type(BEN, "digest"))
        assert digest.splitlines()[1] == (
            "Too few people at Meridian CRO to say whether anything has changed."
        )
        assert "Nothing unusual" not in digest and "Northwind Pharma has fewer than 9 people here" in digest


async def test_a_side_that_is_large_enough_but_silent_is_not_called_small(bot: SandboxBot) -> None:
    await bot.live(range(1), [])
    assert "besides its leads" not in to_plain_text(await bot.type(ANNA, "score"))

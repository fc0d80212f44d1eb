"""Who is there is kept when a round opens; who has not answered a day before it closes is reminded, privately."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.sandbox.cast import PEOPLE
from bot.model.alliance import Side
from tests.use_cases.sandbox_bot import (
    ANNA,
    CARLA,
    CLOSING,
    HOUR,
    LIAM,
    NORTHWIND,
    REMINDER,
    SAM,
    SLOT,
    WEEKLY,
    SandboxBot,
    find_option,
    open_sandbox_bot,
)

BOTH_SIDES = [person.member for person in PEOPLE if person.company.badge != "Visitor"]


async def reminded(bot: SandboxBot) -> set[str]:
    """Whom the bot wrote to directly that the pulse is open."""
    told = await bot.everything()
    return {place.removeprefix("dm:") for place, words in told if "is open until" in words.splitlines()[0]}


async def test_the_roster_of_a_round_is_both_sides_and_nobody_else(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    (round,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
    assert dict((await bot.store.rounds.count_turnout(round.id)).invited) == {Side.SPONSOR: 9, Side.CRO: 9}


async def test_the_roster_is_taken_once(bot: SandboxBot) -> None:
    assert (await bot.tick(SLOT))["enrol"] == 1
    assert (await bot.tick(SLOT + HOUR))["enrol"] == 0


async def test_those_who_have_not_answered_are_reminded_and_nobody_else(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.answer(CARLA, 4)
    await bot.answer(LIAM, None)  # "can't judge" is an answer
    await bot.tick(REMINDER - timedelta(seconds=1))
    assert await reminded(bot) == set()
    await bot.tick(REMINDER)
    assert await reminded(bot) == {side.id for side in BOTH_SIDES} - {"carla", "liam"}


async def test_a_reminder_is_private(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    before = await bot.channel()
    await bot.tick(REMINDER)
    assert await bot.channel() == before


async def test_ticking_again_reminds_nobody_twice(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(REMINDER)
    await bot.tick(REMINDER)
    await bot.tick(REMINDER + HOUR)
    assert len(await bot.dms(ANNA)) == 1


async def test_the_reminder_itself_can_be_answered(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(REMINDER)
    (reminder,) = await bot.dms(CARLA)
    said = await bot.press(CARLA, find_option(reminder, 2))
    assert said.heading == "You answered 2 · Disagree"
    assert await bot.answered() == 1


async def test_a_visitor_of_a_third_company_is_not_reminded(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(REMINDER)
    assert await bot.dms(SAM) == []


async def test_nobody_is_reminded_of_a_round_that_is_over(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(CLOSING)
    assert await reminded(bot) == set()


async def test_a_pulse_can_do_without_reminders(tmp_path: Path) -> None:
    quiet = replace(NORTHWIND, pulses=(replace(WEEKLY, remind_hours=0),))
    async with open_sandbox_bot(tmp_path, quiet) as bot:
        for hours in range(0, 72, 6):
            await bot.tick(SLOT + hours * HOUR)
        assert await reminded(bot) == set()

"""An action was done: once its topic was asked again, leads hear whether it helped, once and in words."""

import random
from dataclasses import replace

from bot.alarms.state import State, pack_memory
from bot.model.alert import Alert
from bot.model.cards import to_plain_text
from bot.model.closing import Alarm
from tests.use_cases.raised_alerts import NOTHING
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    HOUR,
    NORTHWIND,
    SLOT,
    WEEK,
    SandboxBot,
    find_option,
    make_members,
)

CRO = make_members("meridian", 9)
TOLD = "asked again since. Other things may have changed, too."


async def answer_week(bot: SandboxBot, week: int, value: int) -> None:
    """Everybody at the CRO answers near `value`; the round closes by itself."""
    await bot.tick(SLOT + week * WEEK)
    question = (await bot.channel())[-1]
    bot.at += HOUR
    chance = random.Random(week)
    for nth in range(3):
        for person in CRO:
            await bot.press_only(person, find_option(question, value + chance.choice((0, 0, -1)), nth))
    await bot.tick(SLOT + week * WEEK + 73 * HOUR)


async def do_something(bot: SandboxBot) -> None:
    """Two low rounds, the second with an alert; an action is planned and done."""
    await answer_week(bot, 0, 2)
    await answer_week(bot, 1, 2)
    await bot.tick(SLOT + 2 * WEEK)
    (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
    await bot.store.closings.freeze_round(asked.id)
    alarm = Alarm("cro", "alert", asked.index, 0, -0.6)
    opened = Alert(f"{NORTHWIND.key}.{asked.index}.cro", NORTHWIND.key, "cro", asked.index, asked.slot)
    closing = replace(NOTHING, alarms=(alarm,), memory=pack_memory(State(episodes={"cro": "cro"})))
    assert await bot.store.closings.close_round(asked.id, closing, [], [opened])
    bot.at = asked.closes_at + HOUR
    await bot.type(BEN, "plan 2 Meet every Monday")
    ((action,),) = bot.rows("SELECT id FROM action")
    assert (await bot.type(BEN, f"done {action}")).heading == "Done"


async def test_leads_hear_once_that_the_same_people_answer_clearly_better(bot: SandboxBot) -> None:
    await do_something(bot)
    heard = []
    for week in range(3, 8):
        await answer_week(bot, week, 5)
        heard.append([to_plain_text(card) for card in await bot.dms(BEN) if TOLD in to_plain_text(card)])
    assert [len(words) for words in heard] == [0, 1, 1, 1, 1]
    assert "clearly better" in heard[-1][0] and "Meet every Monday" in heard[-1][0]
    assert not [card for card in await bot.dms(ANNA) if TOLD in to_plain_text(card)], "an alert of one side"


async def test_without_a_change_they_hear_so_after_the_third_asking(bot: SandboxBot) -> None:
    await do_something(bot)
    heard = []
    for week in range(3, 7):
        await answer_week(bot, week, 2)
        heard.append([card.heading for card in await bot.dms(BEN) if TOLD in to_plain_text(card)])
    assert heard == [
        [],
        [],
        ["Northwind × Meridian: no clear change"],
        ["Northwind × Meridian: no clear change"],
    ]

"""A command that came as a message, delivered to two bots on one database: one carries it out and answers."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.entrypoints.deduplicate import HOLD, KEPT
from bot.model.events import Commanded
from bot.ports import TakenElsewhere
from storage import Terms
from storage.engine.connect import sqlite
from tests.use_cases.sandbox_bot import ANNA, BEN, LIAM, SandboxBot


@pytest.fixture
async def other(bot: SandboxBot) -> AsyncIterator[SandboxBot]:
    async with bot.another() as second:
        yield second


def written(at: datetime, text: str = "score", delivery: str = "Ev1") -> Commanded:
    return Commanded(by=ANNA, at=at, channel=None, text=text, delivery=delivery)


async def test_it_is_answered_by_one_and_the_other_asks_for_it_again_until_that_is_done(
    bot: SandboxBot, other: SandboxBot
) -> None:
    event = written(bot.at)
    assert await bot.inbox.take(event)
    with pytest.raises(TakenElsewhere):
        await other.inbox.take(event)
    await bot.inbox.shown(event)
    assert [await process.inbox.take(event) for process in (bot, other, bot)] == [None, None, None]
    other.at += KEPT - 2 * HOLD
    assert await other.inbox.take(event) is None
    looks = [entry.act for entry in await bot.store.audit.list_newest(9)]
    assert looks.count("score") == 1, "a look is noted once"


async def test_who_died_over_it_is_stood_in_for(bot: SandboxBot, other: SandboxBot) -> None:
    event = written(bot.at)
    await bot.inbox.take(event)
    other.at += HOLD - timedelta(seconds=1)
    with pytest.raises(TakenElsewhere):
        await other.inbox.take(event)
    other.at += timedelta(seconds=1)
    assert await other.inbox.take(event)


async def test_an_agreement_delivered_to_both_is_made_once(bot: SandboxBot, other: SandboxBot) -> None:
    await bot.inbox.take(written(bot.at, "propose minimum 7"))
    (one,) = await bot.store.proposals.list_open("northwind-meridian", bot.at)
    agreed = Commanded(by=BEN, at=bot.at, channel=None, text=f"agree {one.id}", delivery="Ev2")
    card = await bot.inbox.take(agreed)
    assert card and "agreed" in card.heading
    await bot.inbox.shown(agreed)
    assert await other.inbox.take(agreed) is None


async def test_what_is_never_delivered_again_is_answered_each_time(
    bot: SandboxBot, other: SandboxBot
) -> None:
    pressed = Commanded(by=LIAM, at=bot.at, channel=None, text="help")
    assert all([await process.inbox.take(pressed) for process in (bot, other, bot)])
    same, another = (written(bot.at, "help", id) for id in ("Ev3", "Ev4"))
    assert await bot.inbox.take(same) and await other.inbox.take(another)


async def test_its_key_can_not_be_read_back_and_goes_with_time(bot: SandboxBot) -> None:
    event = written(bot.at, delivery="19:personal-chat-of-anna 17")
    await bot.inbox.take(event)
    await bot.inbox.shown(event)
    assert "anna" not in "".join(_held(bot)) and len(_held(bot)) == 1
    terms = Terms(*[timedelta(days=90)] * 6)
    await bot.store.retention.delete_expired(terms, bot.at + HOLD)
    assert len(_held(bot)) == 1
    await bot.store.retention.delete_expired(terms, bot.at + KEPT + HOLD)
    assert _held(bot) == []


def _held(bot: SandboxBot) -> list[str]:
    with sqlite.connect(bot.file) as database:
        names = [name for (name,) in database.execute("SELECT name FROM lease")]
    database.close()
    return names

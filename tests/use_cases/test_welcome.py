"""The bot comes into a channel: it says once what it is there for, and nothing where it does not belong."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alliance import Threads
from bot.model.cards import to_plain_text
from bot.model.events import Joined, Left
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    ELSEWHERE,
    HOUR,
    JOINT,
    LIAM,
    NORTHWIND,
    SandboxBot,
    find_button,
    list_headings,
    open_sandbox_bot,
)


async def test_it_introduces_itself_once(bot: SandboxBot) -> None:
    await bot.invite()
    await bot.invite()
    assert list_headings(await bot.channel()) == ["Hello, I am the pulse of Northwind × Meridian"]


async def test_a_channel_of_no_alliance_is_left_alone(bot: SandboxBot) -> None:
    await bot.invite(ELSEWHERE)
    assert await bot.everything() == []


async def test_a_channel_declared_in_the_place_of_another_is_greeted_too(bot: SandboxBot) -> None:
    await bot.invite()
    bot.at += HOUR
    await bot.take(Left(at=bot.at, channel=JOINT, who=None))
    await bot.store.alliances.declare([replace(NORTHWIND, channels=(ELSEWHERE,))], bot.at)
    await bot.invite(ELSEWHERE)
    assert list_headings(await bot.channel(ELSEWHERE)) == ["Hello, I am the pulse of Northwind × Meridian"]
    assert len(await bot.dms(ANNA)) == 1, "of the farewell; the other channel was never gone"


@pytest.mark.parametrize(
    ("threads", "words"),
    [
        ("all", "I read the mood of messages in this channel. I never store their text."),
        ("pulse", "I read the mood of replies to the pulse. I never store their text."),
        ("off", "I do not read messages in this channel."),
    ],
)
async def test_it_says_what_is_read(tmp_path: Path, threads: Threads, words: str) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, threads=threads)) as bot:
        await bot.invite()
        assert words in to_plain_text((await bot.channel())[0])


async def test_its_buttons_work(bot: SandboxBot) -> None:
    await bot.invite()
    (card,) = await bot.channel()
    assert (await bot.press(LIAM, find_button(card, "Who sees what"))).heading == "Who sees what"
    assert (await bot.press(LIAM, find_button(card, "Help"))).heading == "What I can do"


async def test_people_who_come_and_go_are_not_greeted(bot: SandboxBot) -> None:
    await bot.take(Joined(at=bot.at, channel=JOINT, who=LIAM))
    await bot.take(Left(at=bot.at, channel=JOINT, who=LIAM))
    assert await bot.everything() == []


async def test_leads_hear_once_that_it_was_taken_out_of_their_channel(bot: SandboxBot) -> None:
    for _ in range(2):
        await bot.take(Left(at=bot.at, channel=JOINT, who=None))
    await bot.take(Left(at=bot.at, channel=ELSEWHERE, who=None))
    for lead in (ANNA, BEN):
        assert list_headings(await bot.dms(lead)) == [
            "Northwind × Meridian: I am no longer in a joint channel"
        ]
    assert await bot.channel() == []


async def test_news_that_comes_again_or_late_does_not_undo_what_happened_since(bot: SandboxBot) -> None:
    joined, left = (
        kind(at=bot.at + n * HOUR, channel=JOINT, who=None) for n, kind in ((0, Joined), (1, Left))
    )
    back, out = (kind(at=bot.at + n * HOUR, channel=JOINT, who=None) for n, kind in ((2, Joined), (3, Left)))
    for event in (joined, left, joined, back, left, joined, back, out, back):
        await bot.take(event)
    told = list_headings(await bot.dms(ANNA))
    assert [words.rpartition(": ")[2] for words in told] == [
        "I am no longer in a joint channel",
        "I am back in a joint channel",
        "I am no longer in a joint channel",
    ]


async def test_it_says_when_it_only_hears_what_mentions_it_and_when_that_changes(bot: SandboxBot) -> None:
    await bot.take(Joined(at=bot.at, channel=JOINT, who=None, hears="mentions"))
    await bot.take(Joined(at=bot.at, channel=JOINT, who=None, hears="mentions"))
    (card,) = await bot.channel()
    assert "I read no mood here" in to_plain_text(card)
    await bot.take(Joined(at=bot.at, channel=JOINT, who=None, hears="all"))
    assert "I read the mood of messages" in to_plain_text((await bot.channel())[-1])

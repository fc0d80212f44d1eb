"""Somebody writes, changes or deletes a message: its mood is kept as a number where agreed, its words never."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alliance import Threads
from bot.model.events import Said
from bot.ports import StoreUnavailable
from tests.use_cases.sandbox_bot import (
    CARLA,
    ELSEWHERE,
    HARRY,
    HOUR,
    JOINT,
    LIAM,
    NORTHWIND,
    SAM,
    SLOT,
    SandboxBot,
    open_sandbox_bot,
)

GOOD = "Thank you all, this was excellent work and a great handover."
BAD = "This is a terrible mess and I am really unhappy with the awful handover."


def moods(bot: SandboxBot) -> list[float | None]:
    return [row[0] for row in bot.rows("SELECT polarity FROM reading WHERE NOT deleted")]  # type: ignore[misc]


async def test_a_message_leaves_a_number_and_no_words(
    bot: SandboxBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await bot.say(LIAM, GOOD)
    ((polarity,),) = bot.rows("SELECT polarity FROM reading")
    assert isinstance(polarity, float) and polarity > 0
    assert polarity == round(polarity, 1), "docs/privacy.md: to the nearest tenth"
    assert b"excellent" not in bot.bytes()
    assert "excellent" not in caplog.text
    assert await bot.everything() == []


async def test_the_author_is_kept_under_another_pseudonym_than_beside_answers(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.answer(LIAM, 4)
    await bot.say(LIAM, GOOD)
    assert bot.rows("SELECT person FROM reading") != bot.rows("SELECT person FROM answer")


async def test_the_same_message_delivered_twice_counts_once(bot: SandboxBot) -> None:
    await bot.say(LIAM, GOOD)
    await bot.say(LIAM, GOOD)
    assert len(moods(bot)) == 1


async def test_an_edit_is_read_again(bot: SandboxBot) -> None:
    await bot.say(LIAM, GOOD)
    bot.at += HOUR
    await bot.edit(LIAM, BAD)
    (polarity,) = moods(bot)
    assert polarity is not None and polarity < 0


async def test_an_original_that_arrives_after_its_edit_changes_nothing(bot: SandboxBot) -> None:
    bot.at += HOUR
    await bot.edit(LIAM, BAD)
    bot.at -= HOUR
    await bot.say(LIAM, GOOD)
    (polarity,) = moods(bot)
    assert polarity is not None and polarity < 0


async def test_a_deletion_erases_and_nothing_brings_it_back(bot: SandboxBot) -> None:
    await bot.say(LIAM, GOOD)
    bot.at += HOUR
    await bot.erase()
    assert moods(bot) == []
    bot.at += HOUR
    await bot.edit(LIAM, BAD)
    await bot.say(LIAM, GOOD)
    assert moods(bot) == []
    assert bot.rows("SELECT person, side, polarity FROM reading") == [(None, None, None)]


async def test_a_deletion_that_overtakes_its_message_wins(bot: SandboxBot) -> None:
    await bot.erase()
    await bot.say(LIAM, GOOD)
    assert moods(bot) == []


async def test_people_of_neither_side_are_not_read(bot: SandboxBot) -> None:
    await bot.say(SAM, GOOD)
    await bot.say(HARRY, GOOD, message="m2")
    assert bot.rows("SELECT * FROM reading") == []


async def test_a_channel_of_no_alliance_is_not_read(bot: SandboxBot) -> None:
    said = Said(by=LIAM, at=bot.at, channel=ELSEWHERE, message="m1", thread=None, text=GOOD)
    await bot.take(said)
    assert bot.rows("SELECT * FROM reading") == []


@pytest.mark.parametrize(("threads", "counted"), [("all", 3), ("pulse", 1), ("off", 0)])
async def test_only_what_was_agreed_is_read(tmp_path: Path, threads: Threads, counted: int) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, threads=threads)) as bot:
        await bot.tick(SLOT)
        await bot.say(LIAM, GOOD, "top")
        await bot.say(LIAM, GOOD, "elsewhere", thread="top")
        await bot.say(CARLA, GOOD, "under the pulse", thread=await bot.line_of_question())
        assert len(moods(bot)) == counted


async def test_edits_follow_the_same_agreement(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, threads="off")) as bot:
        await bot.edit(LIAM, BAD)
        assert bot.rows("SELECT * FROM reading") == []


async def test_what_cannot_be_read_counts_as_not_covered(bot: SandboxBot) -> None:
    await bot.say(LIAM, "Das war eine wirklich gute Übergabe, vielen Dank an alle in der Runde.")
    assert moods(bot) == [None]


@pytest.mark.parametrize("text", ["", " ", "👍", "<script>alert(1)</script>", "x" * 40_000, "\x00\ud800"])
async def test_no_text_breaks_the_listener(bot: SandboxBot, text: str) -> None:
    await bot.say(LIAM, text)
    await bot.say(LIAM, GOOD, "next")
    keys = await bot.store._place_keys.load()
    read = dict(bot.rows("SELECT message, polarity FROM reading WHERE NOT deleted"))
    assert len(read) == 2 and read[keys.hash_message(JOINT, "next")] is not None


async def test_a_stopped_database_makes_the_platform_send_it_again(bot: SandboxBot) -> None:
    said = Said(by=LIAM, at=bot.at, channel=JOINT, message="m1", thread=None, text=GOOD)
    await bot.store.aclose()
    with pytest.raises(StoreUnavailable):
        await bot.inbox.take(said)

"""Alignment drops: the leads whom it concerns are told, once, in words; nobody else learns of it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.model.alliance import Member
from bot.model.cards import Facts, to_plain_text
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    DAY,
    LIAM,
    SLOT,
    WEEK,
    SandboxBot,
    find_button,
    make_members,
    open_sandbox_bot,
    reopen_sandbox_bot,
)

SPONSOR, CRO = make_members("northwind", 8), make_members("meridian", 8)
DROP = 9
"""The round in which the CRO's people begin to answer two steps lower."""
ALERT = "Meridian CRO answers lower than usual"


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database after nine rounds as usual, and its key."""

    async def live() -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp("usual")
        async with open_sandbox_bot(folder) as bot:
            await bot.live(range(DROP), [*SPONSOR, *CRO])
        return bot.file, bot.key

    return asyncio.run(live())


@pytest.fixture(scope="module")
def low(usual: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database two rounds after the drop, and its key."""

    async def live() -> tuple[Path, str]:
        async with copied(usual, tmp_path_factory.mktemp("low")) as bot:
            await bot.live([DROP, DROP + 1], [*SPONSOR, *CRO], low=CRO)
        return bot.file, bot.key

    return asyncio.run(live())


@asynccontextmanager
async def copied(database: tuple[Path, str], folder: Path) -> AsyncIterator[SandboxBot]:
    file, key = database
    bot = reopen_sandbox_bot(Path(shutil.copy(file, folder)), key)
    yield bot
    await bot.store.aclose()


@pytest.fixture
async def bot(usual: tuple[Path, str], tmp_path: Path) -> AsyncIterator[SandboxBot]:
    async with copied(usual, tmp_path) as bot:
        yield bot


@pytest.fixture
async def dropped(low: tuple[Path, str], tmp_path: Path) -> AsyncIterator[SandboxBot]:
    async with copied(low, tmp_path) as bot:
        bot.at = SLOT + (DROP + 1) * WEEK + 3 * DAY
        yield bot


async def alerts(bot: SandboxBot) -> list[tuple[str, str]]:
    """(place, words) of everything that was told as an alert."""
    return [(place, words) for place, words in await bot.everything() if "Talk to your counterpart" in words]


async def test_as_long_as_people_answer_as_usual_nobody_is_alerted(bot: SandboxBot) -> None:
    await bot.live([DROP, DROP + 1], [*SPONSOR, *CRO])
    assert await alerts(bot) == []


async def test_one_bad_week_alerts_nobody(bot: SandboxBot) -> None:
    await bot.live([DROP], [*SPONSOR, *CRO], low=CRO)
    await bot.live([DROP + 1, DROP + 2], [*SPONSOR, *CRO])
    assert [words for _, words in await alerts(bot) if ALERT in words] == []


async def test_a_drop_is_told_with_the_milestone_that_it_followed(bot: SandboxBot) -> None:
    await bot.type(ANNA, "milestone amendment 3 2027-01-20")
    await bot.live([DROP, DROP + 1], [*SPONSOR, *CRO], low=CRO)
    (words,) = [words for place, words in await alerts(bot) if place == "dm:ben"]
    assert "It started around 26 January 2027." in words
    assert "That is 6 days after amendment 3 (20 Jan)." in words


async def test_a_drop_is_told_to_its_own_lead_with_since_when_and_what_next(dropped: SandboxBot) -> None:
    (words,) = [words for place, words in await alerts(dropped) if place == "dm:ben"]
    assert ALERT in words
    assert "It started around 26 January 2027." in words
    assert "a point or more on the 5-point scale" in words


@pytest.mark.parametrize("lead", [ANNA, BEN])
async def test_an_alert_says_everything_once(dropped: SandboxBot, lead: Member) -> None:
    (card,) = [dm for dm in await dropped.dms(lead) if "Talk to your counterpart" in to_plain_text(dm)]
    noticed = [card.heading.partition(": ")[2]]
    rows = [label for block in card.blocks if isinstance(block, Facts) for label, _ in block.rows]
    noticed += [label.removeprefix("Also: ") for label in rows if label.startswith("Also: ")]
    assert [to_plain_text(card).lower().count(text.lower()) for text in noticed] == [1] * len(noticed)


async def test_the_other_sides_lead_does_not_learn_whose_answers_dropped(dropped: SandboxBot) -> None:
    for _, words in [alert for alert in await alerts(dropped) if alert[0] != "dm:ben"]:
        assert ALERT not in words
    assert "Meridian CRO answers" not in to_plain_text(await dropped.type(ANNA, "alerts"))
    assert "Meridian CRO answers" not in to_plain_text(await dropped.type(ANNA, "digest"))


async def test_only_leads_are_told(dropped: SandboxBot) -> None:
    assert {place for place, _ in await alerts(dropped)} <= {"dm:anna", "dm:ben"}


async def test_the_channel_hears_nothing_of_it(dropped: SandboxBot) -> None:
    assert not [card for card in await dropped.channel() if "lower" in to_plain_text(card)]


async def test_ticking_again_tells_nobody_twice(dropped: SandboxBot) -> None:
    before = await alerts(dropped)
    await dropped.tick()
    await dropped.tick(SLOT + (DROP + 2) * WEEK - WEEK / 7)
    assert await alerts(dropped) == before


async def test_a_lead_takes_note_with_one_tap_and_it_stays_noted(dropped: SandboxBot) -> None:
    card = [dm for dm in await dropped.dms(BEN) if ALERT in to_plain_text(dm)][-1]
    for _ in range(2):
        said = await dropped.press(BEN, find_button(card, "Got it"))
        assert said.heading == "Noted: your company has seen it"
    assert "(seen by Meridian CRO)" in to_plain_text(await dropped.type(BEN, "alerts"))


async def test_a_lead_takes_an_alert_by_its_button_and_the_next_digest_names_the_company(
    dropped: SandboxBot,
) -> None:
    card = [dm for dm in await dropped.dms(BEN) if ALERT in to_plain_text(dm)][-1]
    assert "nobody has taken it yet" in to_plain_text(await dropped.type(BEN, "digest"))
    assert (await dropped.press(BEN, find_button(card, "I'll take it"))).heading == "You own this alert"
    words = to_plain_text(await dropped.type(BEN, "digest"))
    assert f"{ALERT}: a lead at Meridian CRO owns it." in words and "nobody has taken" not in words


async def test_a_member_who_gets_hold_of_the_button_takes_note_of_nothing(dropped: SandboxBot) -> None:
    card = [dm for dm in await dropped.dms(BEN) if ALERT in to_plain_text(dm)][-1]
    for member in (CARLA, LIAM):
        said = await dropped.press(member, find_button(card, "Got it"))
        assert said.heading == "For the alliance leads"
    assert "(seen by" not in to_plain_text(await dropped.type(BEN, "alerts"))


async def test_what_stays_low_can_be_taken_as_the_new_normal(dropped: SandboxBot) -> None:
    """Four rounds after the alert it says "still"; once that is accepted, nothing more comes while it stays so."""
    await dropped.live(range(DROP + 2, DROP + 7), [*SPONSOR, *CRO], low=CRO)
    still = [dm for dm in await dropped.dms(BEN) if "still open: " in dm.heading]
    assert still
    said = await dropped.press(BEN, find_button(still[-1], "Accept as the new normal"))
    assert said.heading == "Accepted as the new normal"
    before = await alerts(dropped)
    await dropped.live(range(DROP + 7, DROP + 13), [*SPONSOR, *CRO], low=CRO)
    assert not [words for _, words in (await alerts(dropped))[len(before) :] if ALERT in words]
    assert (await dropped.type(BEN, "normal 999")).heading == "Nothing to accept here"
    assert (await dropped.type(LIAM, "normal 9")).heading == "For the alliance leads"


async def test_an_alert_names_no_person_and_no_single_answer(dropped: SandboxBot) -> None:
    for _, words in await alerts(dropped):
        assert not [person for person in [*SPONSOR, *CRO] if person.id in words]
        assert "2 · Disagree" not in words


async def test_the_score_says_lower_to_everybody(dropped: SandboxBot) -> None:
    heading = (await dropped.type(LIAM, "score")).heading
    assert "poor" in heading or "strained" in heading


async def test_an_open_alert_is_in_every_digest_until_leads_hear_once_that_it_is_over(
    dropped: SandboxBot,
) -> None:
    everybody = [*SPONSOR, *CRO]
    card = [dm for dm in await dropped.dms(BEN) if ALERT in to_plain_text(dm)][-1]
    await dropped.press(BEN, find_button(card, "Got it"))
    await dropped.live(range(DROP + 2, DROP + 6), everybody, low=CRO)
    words = to_plain_text(await dropped.type(BEN, "digest"))
    assert words.splitlines()[1].startswith("Still open: ") and "Nothing unusual" not in words
    assert "since around 26 January 2027" in words and "seen by Meridian CRO" in words
    await dropped.live(range(DROP + 6, DROP + 16), everybody)
    told = [to_plain_text(dm) for dm in await dropped.dms(BEN)]
    (over,) = [text for text in told if "answers at Meridian CRO are back to usual" in text]
    assert "Since the pulse of 9 March 2027." in over and "The alert is closed." in over
    assert ALERT not in to_plain_text(await dropped.type(BEN, "digest"))
    assert not [dm for dm in await dropped.dms(ANNA) if "Meridian CRO are back" in to_plain_text(dm)]


async def test_a_digest_says_which_company_has_not_seen_an_alert_of_both(dropped: SandboxBot) -> None:
    card = [dm for dm in await dropped.dms(BEN) if ALERT in to_plain_text(dm)][-1]
    await dropped.press(BEN, find_button(card, "Got it"))
    for lead in (ANNA, BEN):
        words = to_plain_text(await dropped.type(lead, "digest"))
        assert "seen by Meridian CRO, not yet seen by Northwind Pharma" in words

"""Who is there is kept when a round opens; who has not answered a day before it closes is reminded, privately."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.cast import PEOPLE
from bot.model.alliance import Channel, Member, Side
from bot.model.cards import Choices
from bot.model.delivery import DeliveryState
from bot.ports import PlatformError
from bot.use_cases.commands.wishes import parse_length
from tests.use_cases.sandbox_bot import (
    ANNA,
    CARLA,
    CLOSING,
    DAY,
    HOUR,
    LIAM,
    NORTHWIND,
    REMINDER,
    SAM,
    SLOT,
    WEEK,
    WEEKLY,
    SandboxBot,
    find_button,
    find_option,
    list_headings,
    make_member,
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


# At a good time


@dataclass
class Abroad:
    """The sandbox, where some people live in other time zones; it can be down."""

    platform: Any
    zones: dict[str, str] = field(default_factory=dict)
    is_down: bool = False

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        return tuple(
            replace(person, zone=self.zones.get(person.id, ""))
            for person in await self.platform.members(channel)
        )

    async def post(self, *what: Any) -> Any:
        if self.is_down:
            raise PlatformError("later", "down")
        return await self.platform.post(*what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)


def move_abroad(bot: SandboxBot, **zones: str) -> Abroad:
    platform = Abroad(bot.platforms["sandbox"], zones)
    bot.platforms["sandbox"] = platform
    return platform


async def test_everybody_is_reminded_in_their_own_hours_once(bot: SandboxBot) -> None:
    move_abroad(bot, kira="America/New_York", mei="Asia/Tokyo", liam="Nowhere/Land")
    found = {}
    moments = (REMINDER, REMINDER + 6 * HOUR, REMINDER + 7 * HOUR, REMINDER + 16 * HOUR, REMINDER + 20 * HOUR)
    seen: set[str] = set()
    await bot.tick(SLOT)
    for at in moments:
        await bot.tick(at)
        now = await reminded(bot)
        found[at], seen = now - seen, now
    everybody = {side.id for side in BOTH_SIDES}
    assert found == {
        REMINDER: everybody - {"kira", "mei"},  # 09:00 in Berlin; 03:00 in New York, 17:00 in Tokyo
        REMINDER + 6 * HOUR: {"kira"},  # 09:00
        REMINDER + 7 * HOUR: set(),
        REMINDER + 16 * HOUR: {"mei"},  # 10:00 on Friday
        REMINDER + 20 * HOUR: set(),
    }
    assert [len(await bot.dms(person)) for person in (ANNA, make_member("kira", "meridian"))] == [1, 1]


async def test_nobody_is_reminded_on_a_holiday_of_their_side_and_the_other_side_is(tmp_path: Path) -> None:
    """Thanksgiving is the Thursday of the reminder."""
    american = replace(NORTHWIND.cro, country=("US",))
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, cro=american)) as bot:
        await bot.tick(SLOT)
        for hours in range(24):
            await bot.tick(REMINDER + hours * HOUR)
        found = {person.company.badge for person in PEOPLE if person.id in await reminded(bot)}
        assert found == {"Sponsor"}


async def test_nobody_is_reminded_on_a_weekend(tmp_path: Path) -> None:
    thursdays = replace(WEEKLY, days=frozenset({3}))
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, pulses=(thursdays,))) as bot:
        slot = SLOT + 2 * DAY
        await bot.tick(slot)
        for hours in range(48, 72):
            await bot.tick(slot + hours * HOUR)
        assert await reminded(bot) == set()


async def test_a_reminder_that_could_not_be_sent_in_time_is_not_sent_at_night(bot: SandboxBot) -> None:
    platform = move_abroad(bot)
    await bot.tick(SLOT)
    platform.is_down = True
    await bot.tick(REMINDER + 7 * HOUR)
    platform.is_down = False
    for hours in (9, 12):
        await bot.tick(REMINDER + hours * HOUR)
    assert await reminded(bot) == set()
    failed = await bot.store.outbox.list_statuses(DeliveryState.FAILED, 100)
    assert {status.reason for status in failed} == {"its time is over"}
    assert len(failed) == len(BOTH_SIDES)


# As people wish


@pytest.fixture
async def early(tmp_path: Path) -> AsyncIterator[SandboxBot]:
    """Reminds two days before the closing: on Wednesdays at 09:00."""
    pulse = replace(WEEKLY, remind_hours=48)
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, pulses=(pulse,))) as bot:
        yield bot


async def test_somebody_is_reminded_again_tomorrow_if_they_wish_and_then_no_more(early: SandboxBot) -> None:
    await early.tick(SLOT)
    await early.tick(SLOT + DAY)
    (first,) = await early.dms(CARLA)
    early.at = SLOT + DAY + HOUR
    said = await early.press(CARLA, find_button(first, "Tomorrow at this time"))
    assert said.heading == "I'll remind you on Thursday 26 November, 10:00 (Europe/Berlin)"
    counts = []
    for at in (SLOT + 2 * DAY, SLOT + 2 * DAY + HOUR, SLOT + 2 * DAY + 2 * HOUR, CLOSING - HOUR):
        await early.tick(at)
        counts.append(len(await early.dms(CARLA)))
    assert counts == [1, 2, 2, 2]
    labels = [
        option.label
        for block in (await early.dms(CARLA))[1].blocks
        if isinstance(block, Choices)
        for option in block.options
    ]
    assert "Tomorrow at this time" not in labels
    await early.press(CARLA, find_button(first, "Tomorrow at this time"), CLOSING - HOUR)
    await early.tick(CLOSING)
    assert len(await early.dms(CARLA)) == 2
    assert len(await early.dms(LIAM)) == 1


async def test_whoever_answers_before_is_not_reminded_again(early: SandboxBot) -> None:
    await early.tick(SLOT)
    await early.tick(SLOT + DAY)
    (first,) = await early.dms(CARLA)
    await early.press(CARLA, find_button(first, "Tomorrow at this time"))
    await early.answer(CARLA, 4)
    await early.tick(SLOT + 2 * DAY)
    assert len(await early.dms(CARLA)) == 1


async def test_a_reminder_after_the_closing_is_refused(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(REMINDER)
    (first,) = await bot.dms(CARLA)
    said = await bot.press(CARLA, find_button(first, "Tomorrow at this time"))
    assert said.heading == "There is no later reminder"
    assert (await bot.type(CARLA, "later")).heading == "This pulse is closed"


async def test_not_this_month_ends_with_the_month_and_keeps_the_place_on_the_roster(bot: SandboxBot) -> None:
    start = SLOT + WEEK  # 1 December
    await bot.tick(start)
    await bot.tick(start + 48 * HOUR)
    (first,) = await bot.dms(CARLA)
    said = await bot.press(CARLA, find_button(first, "Not this month"))
    assert said.heading == "No reminders before 1 January 2027"
    counts = []
    for week in range(1, 6):
        await bot.tick(start + week * WEEK)
        (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
        assert (await bot.store.rounds.count_turnout(asked.id)).invited[Side.SPONSOR] == 9
        await bot.tick(start + week * WEEK + 48 * HOUR)
        counts.append((len(await bot.dms(CARLA)), len(await bot.dms(LIAM))))
    assert counts == [(1, 2), (1, 3), (1, 4), (1, 5), (2, 6)]


@pytest.mark.parametrize(
    ("words", "heading", "weeks"),
    [
        ("pause", "Paused until Monday 7 December, 09:00 (Europe/Berlin)", 2),
        ("pause 1 week", "Paused until Monday 30 November, 09:00 (Europe/Berlin)", 1),
        ("pause for a week", "Paused until Monday 30 November, 09:00 (Europe/Berlin)", 1),
        ("stop", "You get no more reminders", 4),
        ("opt out", "You get no more reminders", 4),
    ],
)
async def test_paused_people_are_neither_on_the_roster_nor_reminded(
    bot: SandboxBot, words: str, heading: str, weeks: int
) -> None:
    bot.at = SLOT - DAY
    assert (await bot.type(CARLA, words)).heading == heading
    for week in range(4):
        await bot.tick(SLOT + week * WEEK)
        (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
        invited = (await bot.store.rounds.count_turnout(asked.id)).invited
        assert (invited[Side.SPONSOR], invited[Side.CRO]) == (8 if week < weeks else 9, 9)
        await bot.tick(SLOT + week * WEEK + 48 * HOUR)
        assert len(await bot.dms(CARLA)) == max(0, week + 1 - weeks)


async def test_whoever_resumes_is_asked_again_and_may_answer_while_paused(bot: SandboxBot) -> None:
    bot.at = SLOT - DAY
    await bot.type(CARLA, "stop")
    await bot.tick(SLOT)
    assert (await bot.answer(CARLA, 4)).heading == "You answered 4 · Agree"
    assert await bot.answered() == 1
    assert (await bot.type(CARLA, "resume")).heading == "Welcome back"
    assert (await bot.type(CARLA, "resume")).heading == "Nothing was paused"
    await bot.tick(SLOT + WEEK)
    (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, bot.at)
    assert (await bot.store.rounds.count_turnout(asked.id)).invited[Side.SPONSOR] == 9


async def test_nobody_is_told_who_paused_and_a_stranger_cannot(bot: SandboxBot) -> None:
    await bot.type(CARLA, "pause 2 weeks", None)
    assert await bot.everything() == []
    assert (await bot.type(SAM, "pause")).heading == "You are not part of this alliance yet"
    assert bot.rows("SELECT count(*) FROM wish") == [(1,)]
    assert b"carla" not in bot.bytes()


@pytest.mark.parametrize(
    "length", ["0 days", "13 months", "99 weeks", "soon", "2", "-1 week", "week 2", "2 weeks please"]
)
async def test_a_length_that_is_none_is_refused_and_changes_nothing(bot: SandboxBot, length: str) -> None:
    assert parse_length(length) is None
    said = await bot.type(CARLA, f"pause {length}")
    assert said.heading == "How long should I pause?"
    assert bot.rows("SELECT count(*) FROM wish") == [(0,)]
    said = await bot.press(CARLA, find_button(said, "2 weeks"))
    assert said.heading.startswith("Paused until")


async def test_who_has_answered_is_explained_to_everybody_alike(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.answer(CARLA, 4)
    cards = [await bot.type(who, "who has answered?") for who in (ANNA, LIAM)]
    assert list_headings(cards) == ["Nobody can see who answered"] * 2
    assert cards[0] == cards[1]

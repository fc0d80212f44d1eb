"""A pulse is due: its question comes into the channel, once, on its local date, or not at all."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model.alliance import Alliance
from tests.use_cases.sandbox_bot import (
    DAY,
    ELSEWHERE,
    HOUR,
    JOINT,
    NORTHWIND,
    SLOT,
    WEEK,
    WEEKLY,
    SandboxBot,
    list_headings,
    open_sandbox_bot,
)

ASKED = "Northwind × Meridian: pulse of 24 Nov"


async def test_nothing_is_asked_before_its_time(bot: SandboxBot) -> None:
    await bot.tick(SLOT - timedelta(seconds=1))
    assert await bot.everything() == []


async def test_a_due_pulse_is_asked_once_however_often_the_clock_ticks(bot: SandboxBot) -> None:
    assert (await bot.tick(SLOT))["ask"] == 1
    assert (await bot.tick(SLOT))["ask"] == 0
    await bot.tick(SLOT + HOUR)
    assert list_headings(await bot.channel()) == [ASKED]


async def test_each_alliance_is_asked_in_its_own_channel(two: SandboxBot) -> None:
    await two.tick(SLOT)
    assert list_headings(await two.channel(JOINT)) == [ASKED]
    assert list_headings(await two.channel(ELSEWHERE)) == ["Harbour × Aster: pulse of 24 Nov"]


async def test_a_question_comes_into_every_channel_of_its_alliance(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, channels=(JOINT, ELSEWHERE))) as bot:
        await bot.tick(SLOT)
        assert (
            list_headings(await bot.channel(JOINT)) == list_headings(await bot.channel(ELSEWHERE)) == [ASKED]
        )


async def test_the_next_week_asks_the_next_items(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(SLOT + WEEK)
    first, second = await bot.channel()
    assert second.heading == "Northwind × Meridian: pulse of 1 Dec"
    assert first.blocks[1] != second.blocks[1]


async def test_a_bot_that_comes_back_within_the_catch_up_time_asks_late(bot: SandboxBot) -> None:
    await bot.tick(SLOT + 2 * HOUR)
    assert list_headings(await bot.channel()) == [ASKED]


async def test_a_slot_missed_by_more_is_never_asked_late_but_counted(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(SLOT + WEEK + 2 * HOUR + timedelta(seconds=1))
    await bot.tick(SLOT + WEEK + 5 * HOUR)
    assert list_headings(await bot.channel()) == [ASKED]
    assert [str(day) for day in await bot.store.pulses.list_missed(NORTHWIND.key)] == ["2026-12-01"]
    await bot.tick(SLOT + 2 * WEEK)
    assert len(await bot.channel()) == 2


async def test_weeks_of_absence_leave_no_pile_of_questions(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.tick(SLOT + 4 * WEEK)
    assert len(await bot.channel()) == 2
    assert len(await bot.store.pulses.list_missed(NORTHWIND.key)) == 3


async def test_a_paused_pulse_is_not_asked_and_a_resumed_one_is(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, paused(NORTHWIND)) as bot:
        await bot.tick(SLOT)
        assert await bot.everything() == []
        await bot.store.alliances.declare([NORTHWIND])
        await bot.tick(SLOT + HOUR)
        assert len(await bot.channel()) == 1


async def test_pausing_a_pulse_leaves_its_open_round_open(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.store.alliances.declare([paused(NORTHWIND)])
    await bot.tick(SLOT + DAY)
    (question,) = await bot.channel()
    assert "Closed." not in str(question)


@pytest.mark.parametrize(
    ("slot", "why"),
    [
        (datetime(2027, 3, 28, 1, tzinfo=UTC), "02:30 does not exist: an hour later on the same day"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30 comes twice: the first time"),
    ],
)
async def test_a_clock_change_neither_skips_nor_repeats_a_slot(
    tmp_path: Path, slot: datetime, why: str
) -> None:
    night = replace(WEEKLY, days=frozenset({6}), time=WEEKLY.time.replace(hour=2, minute=30))
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, pulses=(night,))) as bot:
        for minutes in range(-30, 181, 30):
            await bot.tick(slot + timedelta(minutes=minutes))
        assert len(await bot.channel()) == 1, why


async def test_two_bots_on_one_database_ask_once(bot: SandboxBot) -> None:
    async with bot.another() as other:
        await asyncio.gather(bot.tick(SLOT), other.tick(SLOT))
        assert list_headings(await bot.channel()) == [ASKED]


def paused(alliance: Alliance) -> Alliance:
    return replace(alliance, pulses=tuple(replace(pulse, paused=True) for pulse in alliance.pulses))


async def test_nobody_misses_what_was_paused_or_on_another_day(bot: SandboxBot) -> None:
    await bot.store.alliances.declare([NORTHWIND], SLOT - DAY)
    await bot.tick(SLOT)
    await bot.store.alliances.declare([paused(NORTHWIND)], SLOT + DAY)
    await bot.tick(SLOT + WEEK)
    await bot.store.alliances.declare([NORTHWIND], SLOT + WEEK + DAY)
    await bot.tick(SLOT + WEEK + DAY)
    fridays = replace(WEEKLY, days=frozenset({4}))
    await bot.store.alliances.declare([replace(NORTHWIND, pulses=(fridays,))], SLOT + WEEK + 4 * DAY)
    await bot.tick(SLOT + WEEK + 4 * DAY)
    assert list_headings(await bot.channel()) == [ASKED]
    assert await bot.store.pulses.list_missed(NORTHWIND.key) == ()


async def test_a_first_slot_that_nobody_could_ask_is_missed_too(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, NORTHWIND) as bot:
        changed = replace(NORTHWIND, timezone="Europe/Vienna")
        await bot.store.alliances.declare([changed], SLOT - DAY)
        await bot.tick(SLOT + 3 * HOUR)
        assert [str(day) for day in await bot.store.pulses.list_missed(NORTHWIND.key)] == ["2026-11-24"]


async def test_an_alliance_that_cannot_be_asked_keeps_no_other_waiting(two: SandboxBot) -> None:
    atlantis = "replace(declared, 'Europe/Berlin', 'Europe/Atlantis')"
    two.damage(f"UPDATE alliance SET declared = {atlantis} WHERE key = '{NORTHWIND.key}'")
    await two.tick(SLOT)
    assert list_headings(await two.channel(ELSEWHERE)) == ["Harbour × Aster: pulse of 24 Nov"]


async def test_between_slots_nothing_is_looked_at_again(bot: SandboxBot) -> None:
    """Ten thousand alliances cost a tick nothing while none of them is due."""
    assert (await bot.tick(SLOT - 2 * DAY))["ask"] == 0
    assert await bot.store.pulses.list_due(SLOT - DAY) == ()
    (one,) = await bot.store.pulses.list_due(SLOT)
    assert one.pulse == WEEKLY
    await bot.tick(SLOT)
    await bot.store.alliances.declare([replace(NORTHWIND, timezone="Europe/Vienna")], SLOT + HOUR)
    assert (await bot.tick(SLOT + HOUR))["ask"] == 0
    assert await bot.store.pulses.list_due(SLOT + DAY) == ()


async def test_a_holiday_is_asked_on_the_next_day_of_work_once(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, holidays=frozenset({SLOT.date()}))) as bot:
        asked = [(await bot.tick(at))["ask"] for at in (SLOT, SLOT + DAY - HOUR, SLOT + DAY, SLOT + 2 * DAY)]
        assert asked == [0, 0, 1, 0]
        (round,) = await bot.store.rounds.list_open(NORTHWIND.key, SLOT + DAY)
        assert (round.slot, round.opens_at, round.holiday) == (SLOT.date(), SLOT + DAY, False)
        assert round.closes_at - round.opens_at == timedelta(hours=WEEKLY.open_hours)
        (card,) = await bot.channel()
        assert "24 Nov is a holiday at one of the companies, so I ask today." in str(card)
        assert (await bot.tick(SLOT + WEEK))["ask"] == 1
        assert await bot.store.pulses.list_missed(NORTHWIND.key) == ()


async def test_a_holiday_without_a_day_to_move_to_is_asked_and_known_as_one(tmp_path: Path) -> None:
    closed = frozenset(SLOT.date() + timedelta(days=ahead) for ahead in range(4))
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, holidays=closed)) as bot:
        for slot, holiday in ((SLOT, True), (SLOT + WEEK, False)):
            await bot.tick(slot)
            (round,) = await bot.store.rounds.list_open(NORTHWIND.key, slot)
            assert (round.holiday, round.opens_at) == (holiday, slot)


async def test_a_holiday_that_is_declared_after_its_pulse_was_asked_changes_nothing(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    closed = replace(NORTHWIND, holidays=frozenset({SLOT.date()}))
    await bot.store.alliances.declare([closed], SLOT + HOUR)
    assert [(await bot.tick(SLOT + HOUR))["ask"], (await bot.tick(SLOT + DAY))["ask"]] == [0, 0]
    (round,) = await bot.store.rounds.list_open(NORTHWIND.key, SLOT + DAY)
    assert (round.opens_at, round.holiday) == (SLOT, False)


async def test_what_was_due_in_the_moment_of_the_declaration_can_be_missed(bot: SandboxBot) -> None:
    await bot.store.alliances.declare([replace(NORTHWIND, timezone="Europe/Vienna")], SLOT)
    await bot.tick(SLOT + 3 * HOUR)
    assert [str(day) for day in await bot.store.pulses.list_missed(NORTHWIND.key)] == ["2026-11-24"]

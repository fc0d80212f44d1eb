"""A wrong clock is noticed, said, and does no harm: the machine's clock is moved here as an administrator would."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from cryptography.fernet import Fernet

from bot.app.clock.clock import Clock
from bot.app.clock.clock_care import Care, watch_clock
from bot.app.clock.clock_watch import ClockWatch, read_date_header
from bot.app.config.load import load_settings
from bot.app.runtime.bot import Bot
from bot.app.runtime.health import Health
from bot.app.runtime.web import make_application
from bot.app.runtime.worker import TickMonitor, run_worker
from bot.app.wiring import assemble_bot
from bot.model.cards import to_plain_text
from bot.model.events import Answered
from tests.databases import fresh
from tests.use_cases.sandbox_bot import CARLA, NORTHWIND

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True)
class Machine:
    """A machine whose clock can be set; a platform far away, whose clock is right."""

    true: datetime = NOW
    off: timedelta = timedelta()
    answers: bool = True
    watch: ClockWatch | None = None

    def wall(self) -> datetime:
        return self.true + self.off

    def steady(self) -> float:
        return (self.true - NOW).total_seconds()

    async def tell_time(self) -> None:
        if self.watch and self.answers:
            self.watch.see("far", self.true)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
async def bot(tmp_path: Path, machine: Machine) -> AsyncIterator[Bot]:
    with fresh("sqlite", tmp_path) as url:
        environment = {
            "DATABASE_URL": url,
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        machine.watch = ClockWatch(machine.wall, machine.steady, has_platforms=True)
        async with assemble_bot(load_settings(None, environment), Clock(watch=machine.watch)) as bot:
            await bot.store.alliances.declare([NORTHWIND])
            yield replace(bot, time_sources=(machine.tell_time,))


def test_a_leap_is_noticed_at_once_and_the_platforms_time_is_gone_by(machine: Machine) -> None:
    watch = ClockWatch(machine.wall, machine.steady, has_platforms=True)
    watch.see("far", machine.true)
    for off in (timedelta(seconds=75), MINUTE, -HOUR, HOUR, 30 * DAY, -30 * DAY, 400 * DAY, -400 * DAY):
        machine.true, machine.off = machine.true + MINUTE, off
        assert watch.judge().may_work is (abs(off) <= 2 * MINUTE)
        assert watch.correction() == -off
    machine.off = timedelta(seconds=14)
    assert watch.judge().may_delete
    assert watch.correction() == timedelta()


def test_a_platforms_word_does_not_count_for_ever(machine: Machine) -> None:
    watch = ClockWatch(machine.wall, machine.steady, has_platforms=True)
    watch.see("far", machine.true)
    machine.true += 61 * MINUTE
    assert watch.judge().may_work and not watch.judge().may_delete


def test_the_platforms_time_is_carried_on_and_never_later_than_theirs(machine: Machine) -> None:
    watch = ClockWatch(machine.wall, machine.steady)
    assert watch.earliest() is None
    watch.see("far", machine.true)
    watch.see("other", machine.true + MINUTE)
    assert watch.earliest() == machine.true
    for off in (75 * timedelta(seconds=1), -HOUR, 400 * DAY):
        machine.true, machine.off = machine.true + HOUR, off
        told = watch.earliest()
        assert told and timedelta() < machine.true - told < 0.0011 * 3 * HOUR


def test_an_event_says_that_it_is_not_earlier(machine: Machine) -> None:
    watch = ClockWatch(machine.wall, machine.steady)
    watch.hear(NOW - 5 * DAY)  # delivered late: no matter
    assert watch.judge().may_work
    watch.hear(NOW + 3 * MINUTE)
    assert watch.judge().doubt == "events"


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"Date": "Tue, 24 Nov 2026 08:00:00 GMT"}, NOW),
        ({"Date": "Tue, 24 Nov 2026 07:00:00 GMT", "Age": "3600"}, NOW),
        ({"Date": "Tue, 24 Nov 2026 07:00:00 GMT", "Age": "soon"}, None),
        ({"Date": "Tue, 24 Nov 2026 07:00:00 GMT", "Age": "9" * 30}, None),
        ({"Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_time_in_an_answer(headers: dict[str, str], at: datetime | None) -> None:
    assert read_date_header(headers) == at


async def test_a_wrong_clock_is_said_in_readiness_log_and_metrics(
    bot: Bot, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    care, health = Care(bot), Health(bot, None)
    assert (await care.look()).may_delete
    machine.off = 400 * DAY
    async with TestClient(TestServer(make_application(health), host="127.0.0.1")) as client:
        with caplog.at_level(logging.WARNING):
            for _ in range(50):
                machine.true += MINUTE / 6
                assert not (await care.look()).may_work
        assert [record.message for record in caplog.records] == [
            "clock: this machine's clock is 400 days ahead of the platforms' clocks; nothing is asked, closed or "
            "deleted until it is right"
        ]
        async with client.get("/readyz") as answer:
            told = await answer.json()
        assert answer.status == 503 and told["clock"] is False
        assert told["why"]["clock"].startswith("this machine's clock is 400 days ahead")
        async with client.get("/metrics") as answer:
            assert "pulse_clock_is_trusted 0.0" in await answer.text()
        machine.off = timedelta()
        assert (await care.look()).may_delete
        assert caplog.records[-1].message.startswith("clock: it can be believed again")
        async with client.get("/readyz") as answer:
            assert answer.status == 200 and "why" not in await answer.json()


async def test_leads_hear_once_of_a_clock_that_was_wrong_for_a_day(bot: Bot, machine: Machine) -> None:
    machine.off = 400 * DAY
    for _ in range(23):
        await Care(bot).look()  # of a process that is started anew every hour
        machine.true += HOUR
    assert await bot.store.outbox.list_statuses(None, 10) == ()
    for _ in range(30):
        machine.true += HOUR
        await Care(bot).look()
    told = await bot.store.outbox.list_statuses(None, 10)
    assert sorted(letter.key.partition(":")[0] for letter in told) == [
        "clock",
        "clock",
    ]  # a lead of each side


async def test_a_start_at_a_wrong_time_is_noticed_before_anything_is_done(bot: Bot, machine: Machine) -> None:
    assert (await Care(bot).look()).may_delete
    machine.true += DAY
    for off in (500 * DAY, -500 * DAY):
        machine.off = off
        fresh = ClockWatch(machine.wall, lambda: 0.0, has_platforms=True)
        other = replace(bot, clock=Clock(watch=fresh), time_sources=())  # no platform answers
        verdict = await Care(other).look()
        assert not verdict.may_work and not verdict.may_delete


@pytest.mark.parametrize("off", [HOUR, -HOUR, 400 * DAY])
async def test_while_the_clock_is_wrong_the_worker_rests_and_afterwards_asks(
    bot: Bot, machine: Machine, off: timedelta
) -> None:
    await machine.tell_time()
    machine.off = off
    async with watch_clock(bot), run_worker(bot, TickMonitor(0.05)):
        await asyncio.sleep(0.3)
        assert await bot.store.rounds.list_open("northwind-meridian", NOW) == ()
        assert await bot.store.leases.find_end("retention") is None
        machine.off = timedelta()
        async with asyncio.timeout(5):
            while not await bot.store.rounds.list_open("northwind-meridian", NOW):
                await asyncio.sleep(0.05)
    async with watch_clock(bot), run_worker(bot, TickMonitor(0.05)), asyncio.timeout(5):
        while await bot.store.leases.find_end("retention") != NOW + 23 * HOUR:
            await asyncio.sleep(0.05)


async def test_answers_are_taken_by_the_platforms_time(bot: Bot, machine: Machine) -> None:
    await bot.ticker.tick(NOW)
    (asked,) = await bot.store.rounds.list_open("northwind-meridian", NOW)
    await machine.tell_time()
    for off in (400 * DAY, -400 * DAY):
        machine.off = off
        pressed = Answered(by=CARLA, at=NOW + MINUTE, round=asked.id, item=asked.items[0].id, value=4)
        card = await bot.inbox.take(pressed)
        assert card and "You answered" in to_plain_text(card)
    machine.true += 73 * HOUR  # the round's time is over, whatever the machine's clock says
    await machine.tell_time()
    card = await bot.inbox.take(replace(pressed, at=machine.true, value=1))
    assert card and "You answered" not in to_plain_text(card)

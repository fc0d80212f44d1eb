"""Pulses at awkward hours in many zones, over both clock changes of a year, with restarts: each local date once."""

import asyncio
import time as machine
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import storage
from bot.model.alliance import Alliance, Channel, Organisation, Pulse
from bot.model.delivery import DeliveryState
from storage.engine.connect import sqlite
from tests.databases import fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_state import Room, two_companies
from tests.faults.scale import scaled
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import HOST, Clock, settings_for

TIMES = (time(0), time(0, 30), time(2), time(2, 30), time(3), time(9))
MONDAY, EVERY_DAY = frozenset({0}), frozenset(range(7))
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Europe/London": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Chicago": ("2026-03-08", "2026-11-01"),
    "America/St_Johns": ("2026-03-08", "2026-11-01"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "Australia/Sydney": ("2026-04-05", "2026-10-04"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Pacific/Auckland": ("2026-04-05", "2026-09-27"),
    "Africa/Cairo": ("2026-04-24", "2026-10-30"),
    # Without a change, beside the others.
    "America/Sao_Paulo": ("2026-03-08", "2026-11-01"),
    "Asia/Tehran": ("2026-03-29", "2026-10-25"),
    "Asia/Kolkata": ("2026-03-29", "2026-10-25"),
    "UTC": ("2026-03-29", "2026-10-25"),
}
DAYS = scaled((1, 2), (1, 3))
"""Before a change, and from it on: always with a Monday."""
STEP = timedelta(minutes=30)
UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Window:
    """Around one date on which clocks are changed somewhere."""

    change: date
    zones: tuple[str, ...]

    @property
    def start(self) -> datetime:
        return datetime.combine(self.change - timedelta(days=DAYS[0] + 1), time(9, 45), UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.change + timedelta(days=DAYS[1]), time(9, 45), UTC)

    def steps(self, slots: Iterable[datetime]) -> list[datetime]:
        """Each slot, half an hour before it and an hour after, when a doubled hour shows the same time again."""
        around = {slot + shift for slot in slots for shift in (-STEP, timedelta(), 2 * STEP)}
        return sorted(at for at in {*around, self.end} if self.start < at <= self.end)


def _windows() -> list[Window]:
    dates = sorted({day for both in CHANGES.values() for day in both})
    chosen = scaled(["2026-03-29", dates[-1]], dates)
    zones = {day: tuple(zone for zone, both in CHANGES.items() if day in both) for day in sorted(chosen)}
    return [Window(date.fromisoformat(name), found) for name, found in zones.items()]


def _alliance(zone: str) -> Alliance:
    key = zone.lower().replace("/", "-").replace("_", "-")
    pulses = [
        Pulse(f"{name}-{at:%H%M}", days, at, open_hours=336, remind_hours=0, paused=True)
        for name, days in (("daily", EVERY_DAY), ("weekly", MONDAY))
        for at in TIMES
    ]
    channel = Channel("slack", f"T{key}", f"C-{key}")
    return Alliance(
        key,
        key,
        zone,
        Organisation("N", frozenset()),
        Organisation("M", frozenset()),
        channels=(channel,),
        pulses=tuple(pulses),
    )


def _expected(alliance: Alliance, window: Window) -> Iterator[tuple[str, str, str, datetime]]:
    """(alliance, pulse, local date, instant) of every slot in the window, from what clocks on the wall show."""
    zone = ZoneInfo(alliance.timezone)
    shown = [(at, at.astimezone(zone)) for at in _minutes(window)]
    by_wall: dict[datetime, datetime] = {}
    for at, wall in shown:
        by_wall.setdefault(wall.replace(tzinfo=None), at)
    first, last = (wall.date() for _, wall in (shown[0], shown[-1]))
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        for pulse in alliance.pulses:
            wall = datetime.combine(day, pulse.time)
            at = by_wall.get(wall) or by_wall.get(wall + _gap(by_wall, wall))
            if day.weekday() in pulse.days and at is not None:
                yield alliance.key, pulse.key, day.isoformat(), at


def _minutes(window: Window) -> Iterator[datetime]:
    """Slots of up to two hours before the window are caught up in it."""
    at = window.start - timedelta(hours=2)
    while at < window.end:
        at += timedelta(minutes=5)
        yield at


def _gap(by_wall: dict[datetime, datetime], wall: datetime) -> timedelta:
    """How much the clocks jumped at this time; nothing where they did not."""
    ends = (wall + timedelta(minutes=5 * n) for n in range(25))
    after = next((end for end in ends if end in by_wall), wall)
    begins = (after - timedelta(minutes=5 * n) for n in range(1, 26))
    before = next((begin for begin in begins if begin in by_wall), after)
    return after - before - timedelta(minutes=5)


async def test_every_slot_is_asked_once_on_its_local_date(tmp_path: Path) -> None:
    alliances = [_alliance(zone) for zone in CHANGES]
    clock, key = Clock(tmp_path / "clock"), storage.make_key()
    state = two_companies(clock.seconds, 2)
    bot_user = state.workspaces[HOST].bot_user
    for alliance in alliances:
        address = alliance.channels[0].address
        state.rooms[address] = Room(address, alliance.key, HOST, [bot_user])
    wanted: list[tuple[str, str, str, datetime]] = []
    began = machine.monotonic()
    with fresh("sqlite", tmp_path) as url:
        async with serving(state) as far:
            given = settings_for(far, key, url) | {
                "PULSE_CLOCK_FILE": str(clock.file),
                "PULSE_SLACK__WORKSPACE": "",
                # Twenty seconds pass here while one does elsewhere: a send is not slower for that.
                "PULSE_SCHEDULE__LEASE_SECONDS": "600",
                "PULSE_SCHEDULE__SETTLE_SECONDS": "600",
            }
            bot, store = BotProcess(tmp_path, given), storage.open_store(url, [key])
            for window in _windows():
                active = [alliance for alliance in alliances if alliance.timezone in window.zones]
                slots = [slot for alliance in active for slot in _expected(alliance, window)]
                wanted += slots
                await _live_through(bot, store, clock, window, active, [slot[-1] for slot in slots])
            await store.aclose()
            await _all_posted(far, len(wanted))
            await bot.kill()
        asked = _rounds(url)
        print(f"{len(asked)} slots, {machine.monotonic() - began:.0f} s")
        assert Counter(asked) == Counter(wanted)
        assert len(asked) >= scaled(250, 500)
        for alliance in alliances:
            headings = [
                posted.text.splitlines()[0] for posted in state.rooms[alliance.channels[0].address].messages
            ]
            assert len(headings) == sum(slot[0] == alliance.key for slot in wanted)


async def _live_through(
    bot: BotProcess,
    store: storage.DatabaseStore,
    clock: Clock,
    window: Window,
    active: list[Alliance],
    slots: list[datetime],
) -> None:
    """From step to step as fast as all is done; now and then the bot is killed, and time goes on before it is back."""
    clock.move_to(window.start)
    awake = [replace(a, pulses=tuple(replace(p, paused=False) for p in a.pulses)) for a in active]
    await store.alliances.declare(awake, window.start)
    await bot.start()
    for number, at in enumerate(window.steps(slots)):
        if number % 25 == 24:
            await bot.kill()
            await asyncio.sleep(0.2)  # what it had sent arrives: hours pass in no time here
            clock.move_to(at)
            await bot.start()
        clock.move_to(at)
        async with asyncio.timeout(PATIENCE):
            while await store.pulses.list_due(at) or any(
                [await store.outbox.list_statuses(state, 1) for state in UNDER_WAY]
            ):
                await asyncio.sleep(0.05)
                clock.move_to(clock.at + timedelta(seconds=1))
    await store.alliances.declare(active, window.end)
    await bot.kill()


async def _all_posted(far: FarSlack, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while sum(len(room.messages) for room in far.state.rooms.values()) < count:
            await asyncio.sleep(0.1)


def _rounds(url: str) -> list[tuple[str, str, str, datetime]]:
    with sqlite.connect(url.removeprefix("sqlite:///")) as connection:
        rows = connection.execute('SELECT alliance, pulse, slot, opens_at FROM "round"').fetchall()
    connection.close()
    return [(a, pulse, slot, datetime.fromisoformat(at).replace(tzinfo=UTC)) for a, pulse, slot, at in rows]

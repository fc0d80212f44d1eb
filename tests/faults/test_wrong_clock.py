"""The whole process under a wrong system clock: nothing erased, doubled or silenced, and it is said meanwhile."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import text

from bot.model.delivery import DeliveryState
from storage.engine.connect import open_engine
from tests.databases import KINDS, Kind
from tests.far.slack_state import Room
from tests.faults.clock_case import (
    AT_ONCE,
    CHANNELS,
    DAY,
    ERRORS,
    SLOT,
    START_TAKES,
    WRONG,
    Case,
    When,
    count_posted,
    set_up,
)
from tests.faults.scale import FULL
from tests.slow.slack_testbed import list_buttons
from tests.storage.filled_store import count_rows

USED_UP = {"alert_reminder": 1}
"""Rows that go because what was due is sent: of these so many, and no more."""


async def go_wrong(case: Case) -> None:
    """The clock is wrong around the moment of the slot, while posts are accepted whose answers are lost."""
    world, seconds = case.world, case.error.total_seconds()
    if case.when == "at start":
        world.move_to(SLOT - timedelta(seconds=WRONG / 2 + START_TAKES / 4))
        world.set_error(seconds)
        case.far.mix = case.lose_answers
        await case.enqueue("news")
        await case.begin()
    else:
        world.move_to(SLOT - timedelta(seconds=WRONG / 2 + START_TAKES))
        await case.begin()
        await case.until(case.is_ready, "it is ready while the clock is right")
        await case.until(lambda: world.now > SLOT - timedelta(seconds=WRONG / 2), "the moment has come")
        case.far.mix = case.lose_answers
        world.set_error(seconds)
        await case.enqueue("news")
    began = asyncio.get_running_loop().time()
    await case.until(case.says_so, "readiness says that the clock is wrong", 20.0)
    if FULL or case.is_examined:
        told = await case.ask_doctor()
        assert "clock" in told, f"{case.name}: the doctor says: {told}"
    while world.now < SLOT or asyncio.get_running_loop().time() - began < WRONG:
        await asyncio.sleep(0.1)
    world.set_error(0.0)


async def be_right_again(case: Case) -> int:
    """The slot is asked, the same process takes answers, all is settled; how many answers."""
    await case.until(case.is_ready, "it is ready again")
    await case.until(lambda: case.asked() == [1] * CHANNELS, "the slot is asked, once in each channel")
    await case.until(case.has_settled, "what was unknown is settled")
    case.far.mix = None
    return await case.press_all()


async def live_on(case: Case) -> int:
    """A day later: the round is closed, the next slot asked on time, and the week's digest sent. How many answers."""
    await case.bot.stop()
    case.world.move_to(SLOT + DAY - timedelta(seconds=4))
    await case.begin()
    await case.until(
        lambda: (
            all(len([m for m in room.messages if list_buttons(m)]) == 1 for room in case.rooms())
            and case.world.now >= SLOT + DAY
            and all("clos" in room.messages[_first_question(room)].text.lower() for room in case.rooms())
        ),
        "the round is closed and the next slot asked",
    )
    await case.until(lambda: _has_digest(case), "the digest is sent")
    await case.until(case.has_settled, "all is settled")
    return await case.press_all()


def _first_question(room: Room) -> int:
    return next(n for n, message in enumerate(room.messages) if "news" not in message.text.lower())


async def _has_digest(case: Case) -> bool:
    kept = await case.store.outbox.list_statuses(DeliveryState.SENT, 1_000)
    return sum(delivery.key.startswith("digest:north:") for delivery in kept) == 2


async def run_case(folder: Path, kind: Kind, name: str, when: When) -> None:
    async with set_up(folder, kind, name, when) as case:
        before = count_rows(case.url)
        await go_wrong(case)
        answers = await be_right_again(case)
        answers += await live_on(case)
        after = count_rows(case.url)
        gone = {
            table: (count, after[table])
            for table, count in before.items()
            if after[table] < count - USED_UP.get(table, 0)
        }
        assert not gone, f"{case.name}: erased {gone}"
        assert after["answer"] == before["answer"] + answers // CHANNELS, case.name
        assert set(count_posted(case.far.state).values()) == {1}, (
            f"{case.name}: {count_posted(case.far.state)}"
        )
        asked, missed = await _slots(case, "round"), await _slots(case, "missed")
        assert asked == [SLOT.date(), (SLOT + DAY).date()], f"{case.name}: {asked}"
        assert missed == [], f"{case.name}: {missed}"
        states = {status.state for status in await case.store.outbox.list_statuses(None, 1_000)}
        assert states == {DeliveryState.SENT}, f"{case.name}: {states}"
        assert "Traceback" not in case.bot.log, case.bot.log[-3000:]


async def _slots(case: Case, table: Literal["round", "missed"]) -> list[date]:
    def read() -> list[date]:
        engine = open_engine(case.url)
        with engine.connect() as connection:
            query = text(f"SELECT slot FROM {table} WHERE alliance = 'clocked' ORDER BY slot")
            found = [datetime.fromisoformat(str(slot)).date() for slot in connection.scalars(query)]
        engine.dispose()
        return list(found)

    return await asyncio.to_thread(read)


NAMES = tuple(sign + name for name in ERRORS for sign in ("", "-"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_clock_erases_doubles_and_silences_nothing(tmp_path: Path, kind: Kind) -> None:
    short: When = "while running" if kind == "sqlite" else "at start"
    moments: tuple[When, ...] = ("at start", "while running") if FULL else (short,)
    turns, cases = asyncio.Semaphore(AT_ONCE), [(name, when) for name in NAMES for when in moments]

    async def run(number: int, name: str, when: When) -> None:
        async with turns:
            await run_case(tmp_path / str(number), kind, name, when)

    tasks = [run(number, name, when) for number, (name, when) in enumerate(cases)]
    found = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [error for error in found if error is not None]
    print(f"{kind}: {len(cases)} cases, {len(failed)} failed")
    if failed:
        raise ExceptionGroup("wrong clocks", [e for e in failed if isinstance(e, Exception)])

"""Cards shown after an acknowledgement: commands first, each workspace for itself, and never without bound."""

import asyncio
import gc
import logging

import pytest

from adapters.shared import reply_lanes
from adapters.shared.reply_lanes import CONFIRMATION_HANDS, MOST_WAITING, ReplyLanes

CANARY = "canary-7f3a"


class Clicks:
    """Cards that take long to be shown; which of them were, in order."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.shown: list[str] = []

    def show(self, name: str) -> reply_lanes.Show:
        async def show() -> None:
            await asyncio.sleep(self.seconds)
            self.shown.append(name)

        return show


async def test_a_command_does_not_wait_behind_a_crowd_of_confirmations() -> None:
    lanes, slow, quick = ReplyLanes(), Clicks(60.0), Clicks(0.0)
    for number in range(2_500):
        lanes.start("T0NORTHWIND", False, slow.show(str(number)))
    lanes.start("T0NORTHWIND", True, quick.show("score"))
    lanes.start("T0MERIDIAN", False, quick.show("of another company"))
    await asyncio.sleep(0.05)
    assert sorted(quick.shown) == ["of another company", "score"]
    await _end(lanes)


async def test_what_waits_is_bounded_and_what_is_dropped_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lanes, slow = ReplyLanes(), Clicks(60.0)
    for number in range(2_500):
        lanes.start("T0NORTHWIND", False, slow.show(str(number)))
        await asyncio.sleep(0)
    assert len(lanes.under_way) == CONFIRMATION_HANDS
    assert sum(len(lane.waiting) for lane in lanes.lanes.values()) == MOST_WAITING
    await _end(lanes)
    told = [one.getMessage() for one in caplog.records if one.name == reply_lanes.__name__]
    assert told == [f"{2_500 - CONFIRMATION_HANDS} confirmations were not shown: too many, or too late"]


async def test_a_confirmation_that_comes_too_late_is_dropped_and_a_commands_answer_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reply_lanes, "TOO_LATE", 0.1)
    lanes, cards = ReplyLanes(), Clicks(0.15)
    for number in range(2 * CONFIRMATION_HANDS):
        lanes.start("T0NORTHWIND", False, cards.show(str(number)))
    for number in range(2 * reply_lanes.COMMAND_HANDS):
        lanes.start("T0NORTHWIND", True, cards.show(f"score {number}"))
    await lanes.drain(5)
    confirmed = [name for name in cards.shown if name.isdigit()]
    assert confirmed == ["0", "1", "2", "3"]
    assert len(cards.shown) - len(confirmed) == 2 * reply_lanes.COMMAND_HANDS
    assert not lanes.lanes, "nothing stays behind"


async def test_at_the_end_what_was_asked_for_is_shown_and_nothing_new_begins() -> None:
    lanes, slow, quick = ReplyLanes(), Clicks(60.0), Clicks(0.05)
    for number in range(100):
        lanes.start("T0NORTHWIND", False, slow.show(str(number)))
    for number in range(20):
        lanes.start("T0NORTHWIND", True, quick.show(f"score {number}"))
    await lanes.drain(1.0)
    assert len(quick.shown) == 20 and slow.shown == []
    assert sum(len(lane.waiting) for lane in lanes.lanes.values()) == 0
    await _end(lanes)


async def test_what_fails_is_told_by_its_kind_alone_and_the_next_is_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    caplog.set_level(logging.ERROR)
    lanes, cards = ReplyLanes(), Clicks(0.0)
    lanes.start("T0NORTHWIND", True, fail)
    lanes.start("T0NORTHWIND", True, cards.show("score"))
    await lanes.drain(1.0)
    gc.collect()  # asyncio tells of errors that nobody asked for when their task goes
    await asyncio.sleep(0)
    assert [one.getMessage() for one in caplog.records] == ["failed after the acknowledgement: ValueError"]
    assert cards.shown == ["score"]


async def _end(lanes: ReplyLanes) -> None:
    """Nothing of a test goes on after it."""
    await lanes.drain(0.0)
    for task in lanes.under_way:
        task.cancel()

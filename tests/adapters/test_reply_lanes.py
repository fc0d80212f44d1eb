"""Test the order and the bounds of cards that are shown after an acknowledgement."""

import asyncio
import gc
import logging

import pytest

from adapters.shared import reply_lanes
from adapters.shared.reply_lanes import CONFIRMATION_WORKERS, QUEUE_LIMIT, ReplyLanes

CANARY = "canary-7f3a"


class SlowCards:
    """Cards that take `seconds` to be shown; `shown` lists their names in that order."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.shown: list[str] = []

    def make_reply(self, name: str) -> reply_lanes.SendReply:
        async def show() -> None:
            await asyncio.sleep(self.seconds)
            self.shown.append(name)

        return show


async def test_a_command_does_not_wait_behind_a_crowd_of_confirmations() -> None:
    lanes, slow, quick = ReplyLanes(), SlowCards(60.0), SlowCards(0.0)
    for number in range(2_500):
        lanes.start("T0NORTHWIND", False, slow.make_reply(str(number)))
    lanes.start("T0NORTHWIND", True, quick.make_reply("score"))
    lanes.start("T0MERIDIAN", False, quick.make_reply("of another company"))
    await asyncio.sleep(0.05)
    assert sorted(quick.shown) == ["of another company", "score"]
    await cancel_replies(lanes)


async def test_the_queue_is_bounded_and_dropped_replies_are_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lanes, slow = ReplyLanes(), SlowCards(60.0)
    for number in range(2_500):
        lanes.start("T0NORTHWIND", False, slow.make_reply(str(number)))
        await asyncio.sleep(0)
    assert len(lanes.running) == CONFIRMATION_WORKERS
    assert sum(len(lane.waiting) for lane in lanes.lanes.values()) == QUEUE_LIMIT
    await cancel_replies(lanes)
    logged = [record.getMessage() for record in caplog.records if record.name == reply_lanes.__name__]
    assert logged == [f"{2_500 - CONFIRMATION_WORKERS} confirmations were not shown: too many, or too late"]


async def test_a_late_confirmation_is_dropped_and_a_late_reply_to_a_command_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reply_lanes, "EXPIRY", 0.1)
    lanes, cards = ReplyLanes(), SlowCards(0.15)
    for number in range(2 * CONFIRMATION_WORKERS):
        lanes.start("T0NORTHWIND", False, cards.make_reply(str(number)))
    for number in range(2 * reply_lanes.COMMAND_WORKERS):
        lanes.start("T0NORTHWIND", True, cards.make_reply(f"score {number}"))
    await lanes.drain(5)
    confirmed = [name for name in cards.shown if name.isdigit()]
    assert confirmed == ["0", "1", "2", "3"]
    assert len(cards.shown) - len(confirmed) == 2 * reply_lanes.COMMAND_WORKERS
    assert not lanes.lanes, "an empty lane is deleted"


async def test_draining_shows_replies_to_commands_and_drops_waiting_confirmations() -> None:
    lanes, slow, quick = ReplyLanes(), SlowCards(60.0), SlowCards(0.05)
    for number in range(100):
        lanes.start("T0NORTHWIND", False, slow.make_reply(str(number)))
    for number in range(20):
        lanes.start("T0NORTHWIND", True, quick.make_reply(f"score {number}"))
    await lanes.drain(1.0)
    assert len(quick.shown) == 20 and slow.shown == []
    assert sum(len(lane.waiting) for lane in lanes.lanes.values()) == 0
    await cancel_replies(lanes)


async def test_a_failure_is_logged_by_its_type_alone_and_the_next_reply_is_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    caplog.set_level(logging.ERROR)
    lanes, cards = ReplyLanes(), SlowCards(0.0)
    lanes.start("T0NORTHWIND", True, fail)
    lanes.start("T0NORTHWIND", True, cards.make_reply("score"))
    await lanes.drain(1.0)
    gc.collect()  # asyncio reports unread errors when their task is collected
    await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records] == [
        "failed after the acknowledgement: ValueError"
    ]
    assert cards.shown == ["score"]


async def cancel_replies(lanes: ReplyLanes) -> None:
    """Cancel everything, so that nothing runs on into the next test."""
    await lanes.drain(0.0)
    for task in lanes.running:
        task.cancel()


async def test_replies_for_later_are_bounded_too_and_hold_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    lanes, cards = ReplyLanes(), SlowCards(0.0)
    for number in range(QUEUE_LIMIT + 100):
        lanes.start("T0NORTHWIND", False, cards.make_reply(str(number)), 60.0)
    assert len(lanes.running) == QUEUE_LIMIT
    lanes.start("T0NORTHWIND", False, cards.make_reply("now"))
    await asyncio.sleep(0.05)
    assert cards.shown == ["now"]
    assert sum("dropped" in record.getMessage() for record in caplog.records) == 100
    await cancel_replies(lanes)

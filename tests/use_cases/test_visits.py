"""Platforms that hang: each workspace has a small share of what is asked, and nobody waits for another's."""

import asyncio
import logging

import pytest

from bot.ports import StoreUnavailable
from bot.use_cases import visits as visiting
from bot.use_cases.visits import MOST, SHARE, Visit, Visits


class Far:
    """Workspaces of which some never answer; whom it was asked about, in order."""

    def __init__(self, *hanging: str) -> None:
        self.hanging = hanging
        self.asked: list[str] = []

    def visit(self, workspace: str, number: int, key: str = "") -> Visit:
        async def step() -> int:
            self.asked.append(workspace)
            if workspace in self.hanging:
                await asyncio.sleep(3600)
            return 1

        return Visit(key or f"{workspace} {number}", frozenset({workspace}), step)


async def test_who_hangs_holds_a_share_and_the_others_are_asked_at_once() -> None:
    far, visits = Far("T1", "T2", "T3"), Visits()
    stuck = [far.visit(name, number) for name in far.hanging for number in range(200)]
    assert await visits.run_visits([*stuck, far.visit("T4", 0)], 0.05) == 1, (
        "it came last, and is done in the first run"
    )
    for run in range(1, 4):
        assert (
            await visits.run_visits(
                [*stuck, *(far.visit("T4", 10 * run + index) for index in range(8))], 0.05
            )
            == 8
        )
    assert {name: far.asked.count(name) for name in far.hanging} == dict.fromkeys(far.hanging, SHARE)
    await visits.cancel()
    assert not visits.under_way


async def test_a_hundred_that_hang_hold_up_nobody() -> None:
    names = [f"T{number}" for number in range(100)]
    far, visits = Far(*names), Visits()
    stuck = [far.visit(name, number) for name in names for number in range(20)]
    for _ in range(3 * len(names) * SHARE // MOST):
        await visits.run_visits(stuck, 0.001)
    assert await visits.run_visits([*stuck, far.visit("T", 0)], 0.05) == 1
    await visits.cancel()


async def test_the_same_is_never_under_way_twice_and_may_come_again_afterwards() -> None:
    far, visits = Far("T1"), Visits()
    for _ in range(3):
        await visits.run_visits([far.visit("T1", 0)], 0.01)
    assert far.asked == ["T1"]
    assert [await visits.run_visits([far.visit("T2", 0)], 0.05) for _ in range(2)] == [1, 1]
    await visits.cancel()
    await visits.run_visits([far.visit("T1", 0)], 0.01)
    assert far.asked.count("T1") == 2
    await visits.cancel()


async def test_what_takes_too_long_is_given_up_and_frees_its_share(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(visiting, "LONGEST", 0.05)
    far, visits = Far("T1"), Visits()
    assert await visits.run_visits([far.visit("T1", number) for number in range(3 * SHARE)]) == 0
    assert len(far.asked) == 3 * SHARE
    assert {record.getMessage() for record in caplog.records} == {
        "a platform took too long to answer; asked again later"
    }


async def test_a_step_that_fails_stops_no_other_and_a_store_that_is_away_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> int:
        raise ValueError("canary-7f3a")

    async def be_away() -> int:
        raise StoreUnavailable("away")

    caplog.set_level(logging.ERROR)
    far, visits = Far(), Visits()
    assert await visits.run_visits([Visit("bad", frozenset({"T1"}), fail), far.visit("T1", 0)]) == 1
    assert "canary" not in caplog.records[0].getMessage()
    with pytest.raises(StoreUnavailable):
        await visits.run_visits([Visit("away", frozenset({"T1"}), be_away), far.visit("T1", 1)])
    assert not visits.under_way

"""What is to be shown goes out once, whatever the platform does: the real adapter against a Slack that misbehaves."""

import asyncio
from datetime import timedelta

import pytest

from bot.model.alliance import Channel, Member
from bot.model.cards import to_plain_text
from bot.model.delivery import Delivery, DeliveryState
from bot.use_cases.deliver import find_next_try
from tests.use_cases.desk import CARD, CHANGED, PATIENCE, SECOND, Desk, question

DAY = timedelta(days=1)


async def test_it_is_posted_and_marked_as_sent(desk: Desk) -> None:
    await desk.enqueue(question())
    assert await desk.deliver() == 1
    assert await desk.stands() == [CARD.heading]
    assert (await desk.status()).state is DeliveryState.SENT


async def test_enqueued_twice_and_delivered_often_it_stands_once(desk: Desk) -> None:
    await desk.enqueue(question())
    await desk.enqueue(question())
    for _ in range(3):
        await desk.deliver(SECOND)
        await desk.look_up(SECOND)
    assert await desk.stands() == [CARD.heading]


async def test_two_workers_post_it_once(desk: Desk) -> None:
    await desk.enqueue(*(question(key=f"q{number}") for number in range(2)))
    await asyncio.gather(*(desk.deliver() for _ in range(4)))
    while await desk.deliver(SECOND):
        pass
    assert len(desk.slack.far.called("chat.postMessage")) == 2


async def test_a_member_is_written_to_directly(desk: Desk) -> None:
    ben = Member("slack", "U0BEN", ("T0MERIDIAN",), "T0NORTHWIND")
    await desk.enqueue(question(ben))
    await desk.deliver()
    assert await desk.stands(ben) == [CARD.heading]
    assert await desk.stands() == []


async def test_what_is_not_due_yet_waits(desk: Desk) -> None:
    later = Delivery("question", "north", desk.slack.channel, CARD, not_before=desk.at + 60 * SECOND)
    await desk.enqueue(later)
    assert await desk.deliver(59 * SECOND) == 0
    assert await desk.deliver(1 * SECOND) == 1


async def test_a_revision_replaces_the_message_and_waits_until_it_stands(desk: Desk) -> None:
    revision = Delivery("closed", "north", desk.slack.channel, CHANGED, revises="question")
    await desk.enqueue(question(), revision)
    await desk.deliver()
    await desk.deliver(SECOND)
    assert await desk.stands() == ["Closed"]


# Certainly not done: again, later.


async def test_a_platform_that_is_busy_is_asked_again_when_it_said(desk: Desk) -> None:
    desk.slack.far.fail("chat.postMessage", "429", 7)
    await desk.enqueue(question())
    await desk.deliver()
    assert (await desk.status()).state is DeliveryState.PENDING
    assert await desk.deliver(6 * SECOND) == 0
    assert await desk.deliver(1 * SECOND) == 1
    assert await desk.stands() == [CARD.heading]


async def test_a_busy_platform_is_not_asked_for_ever(desk: Desk) -> None:
    await desk.enqueue(question())
    for _ in range(PATIENCE.attempts):
        desk.slack.far.fail("chat.postMessage", "429", 1)
        await desk.deliver(10 * SECOND)
    status = await desk.status()
    assert (status.state, status.reason) == (DeliveryState.FAILED, "gave up")


# Never possible: failed, with a reason for operators.


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "invalid_auth"])
async def test_what_is_refused_has_failed_with_the_reason_and_is_not_repeated(desk: Desk, code: str) -> None:
    desk.slack.far.fail("chat.postMessage", f"refuse:{code}")
    await desk.enqueue(question())
    await desk.deliver()
    status = await desk.status()
    assert (status.state, status.reason) == (DeliveryState.FAILED, code)
    assert await desk.deliver(3600 * SECOND) == 0
    assert await desk.stands() == []


async def test_a_platform_that_is_not_configured_is_a_failure_and_harms_no_other(desk: Desk) -> None:
    await desk.enqueue(question(Channel("teams", "t", "c"), key="teams"), question())
    await desk.deliver()
    assert (await desk.status("teams")).reason == "platform not configured"
    assert await desk.stands() == [CARD.heading]


async def test_a_revision_of_what_was_refused_fails_with_it(desk: Desk) -> None:
    desk.slack.far.fail("chat.postMessage", "refuse:channel_not_found")
    revision = Delivery("closed", "north", desk.slack.channel, CHANGED, revises="question")
    await desk.enqueue(question(), revision)
    await desk.deliver()
    assert (await desk.status("closed")).state is DeliveryState.FAILED


# Nobody knows: looked up, never repeated blindly.


@pytest.mark.parametrize("fault", ["reset_after", "hang_after", "503", "reset_before", "hang", "late"])
async def test_whatever_was_lost_on_the_way_it_stands_once_in_the_end(desk: Desk, fault: str) -> None:
    desk.slack.far.fail("chat.postMessage", fault, 0.8)
    await desk.enqueue(question())
    await desk.deliver()
    assert (await desk.status()).state is DeliveryState.UNKNOWN
    assert await desk.deliver(60 * SECOND) == 0  # not sent again while nobody knows
    await asyncio.sleep(0.5 if fault == "late" else 0)
    await desk.look_up(31 * SECOND)
    await desk.deliver(1 * SECOND)
    assert await desk.stands() == [CARD.heading]
    assert (await desk.status()).state is DeliveryState.SENT


async def test_it_is_left_alone_until_a_late_message_must_have_arrived(desk: Desk) -> None:
    desk.slack.far.fail("chat.postMessage", "reset_before")
    await desk.enqueue(question())
    await desk.deliver()
    await desk.look_up(89 * SECOND)
    assert (await desk.status()).state is DeliveryState.UNKNOWN


@pytest.mark.parametrize("fault", ["503", "empty"])
async def test_while_the_platform_cannot_tell_it_stays_unknown(desk: Desk, fault: str) -> None:
    desk.slack.far.fail("chat.postMessage", "reset_after")
    await desk.enqueue(question())
    await desk.deliver()
    desk.slack.far.fail("conversations.history", fault)
    await desk.look_up(91 * SECOND)
    assert (await desk.status()).state is DeliveryState.UNKNOWN
    await desk.look_up(SECOND)
    assert (await desk.status()).state is DeliveryState.SENT


async def test_an_operator_decides_what_the_platform_cannot(desk: Desk) -> None:
    desk.slack.far.fail("chat.postMessage", "reset_before")
    await desk.enqueue(question())
    await desk.deliver()
    assert await desk.store.outbox.resolve((await desk.status()).id, is_sent=False, now=desk.at)
    await desk.deliver(SECOND)
    assert await desk.stands() == [CARD.heading]


async def test_the_delivery_of_a_worker_that_vanished_is_looked_up(desk: Desk) -> None:
    await desk.enqueue(question())
    (claim,) = await desk.store.claims.take_due(desk.at, desk.at + PATIENCE.lease, 1)
    await desk.slack.platform.post(claim.delivery.place, claim.delivery.card, claim.id)
    assert await desk.deliver(59 * SECOND) == 0
    await desk.look_up(SECOND)
    assert (await desk.status()).state is DeliveryState.UNKNOWN
    await desk.look_up(91 * SECOND)
    await desk.deliver(SECOND)
    assert (await desk.status()).state is DeliveryState.SENT
    assert await desk.stands() == [CARD.heading]


async def test_a_vanished_worker_that_had_not_posted_yet_loses_nothing(desk: Desk) -> None:
    await desk.enqueue(question())
    await desk.store.claims.take_due(desk.at, desk.at + PATIENCE.lease, 1)
    await desk.look_up(60 * SECOND)
    await desk.look_up(91 * SECOND)
    await desk.deliver(SECOND)
    assert await desk.stands() == [CARD.heading]


async def test_a_revision_may_simply_be_repeated(desk: Desk) -> None:
    revision = Delivery("closed", "north", desk.slack.channel, CHANGED, revises="question")
    await desk.enqueue(question(), revision)
    await desk.deliver()
    desk.slack.far.fail("chat.update", "reset_after")
    await desk.deliver(SECOND)
    assert (await desk.status("closed")).state is DeliveryState.PENDING
    await desk.deliver(10 * SECOND)
    assert await desk.stands() == ["Closed"]
    assert (await desk.status("closed")).state is DeliveryState.SENT


async def test_what_operators_see_holds_no_words_and_no_person(desk: Desk) -> None:
    ben = Member("slack", "U0BEN", ("T0MERIDIAN",), "T0NORTHWIND")
    desk.slack.far.fail("chat.postMessage", "refuse:channel_not_found")
    await desk.enqueue(question(ben))
    await desk.deliver()
    told = str(await desk.status())
    assert "U0BEN" not in told
    assert "work together" not in told
    assert to_plain_text(CARD) not in told


def test_waiting_grows_and_has_an_end() -> None:
    waits = [find_next_try(attempts) for attempts in range(1, 20)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2.0, 300.0)


# A clock that is wrong: what was posted is looked for by the platform's time, not by ours.


@pytest.mark.parametrize("error", [-400 * DAY, -75 * SECOND, 75 * SECOND, 3600 * SECOND, 400 * DAY])
async def test_what_was_posted_under_a_wrong_clock_is_found_and_not_repeated(
    desk: Desk, error: timedelta
) -> None:
    true = desk.at
    desk.at += error
    desk.slack.far.fail("chat.postMessage", "reset_after")
    await desk.enqueue(question())
    await desk.deliver(since=true)
    await desk.look_up(91 * SECOND)
    assert (await desk.status()).state is DeliveryState.SENT
    assert await desk.stands() == [CARD.heading]


async def test_where_no_platform_told_the_time_everything_is_looked_through(desk: Desk) -> None:
    desk.at += 400 * DAY
    desk.slack.far.fail("chat.postMessage", "reset_after")
    await desk.enqueue(question())
    await desk.deliver()
    await desk.look_up(91 * SECOND)
    assert (await desk.status()).state is DeliveryState.SENT
    assert await desk.stands() == [CARD.heading]
    assert [call["oldest"] for call in desk.slack.far.called("conversations.history")] == ["0.000000"]


async def test_a_look_up_starts_a_minute_before_the_claim_by_the_platforms_time(desk: Desk) -> None:
    desk.slack.far.fail("chat.postMessage", "reset_before")
    await desk.enqueue(question())
    await desk.deliver(since=desk.at - 75 * SECOND)
    await desk.look_up(91 * SECOND)
    (asked,) = desk.slack.far.called("conversations.history")
    assert float(asked["oldest"]) == pytest.approx((desk.at - (91 + 75 + 60) * SECOND).timestamp(), abs=1e-3)

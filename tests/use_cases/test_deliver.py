"""What is to be shown goes out once, whatever the platform does: the real adapter against a Slack that misbehaves."""

import asyncio
from datetime import timedelta

import pytest

from bot.model.alliance import Channel, Member
from bot.model.cards import to_plain_text
from bot.model.delivery import Delivery, DeliveryState
from bot.use_cases.deliver import find_next_try
from tests.use_cases.delivery_testbed import CARD, CHANGED, PATIENCE, SECOND, DeliveryTestbed, make_question

DAY = timedelta(days=1)


async def test_it_is_posted_and_marked_as_sent(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    assert await testbed.deliver() == 1
    assert await testbed.stands() == [CARD.heading]
    assert (await testbed.status()).state is DeliveryState.SENT


async def test_enqueued_twice_and_delivered_often_it_stands_once(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    await testbed.enqueue(make_question())
    for _ in range(3):
        await testbed.deliver(SECOND)
        await testbed.look_up(SECOND)
    assert await testbed.stands() == [CARD.heading]


async def test_two_workers_post_it_once(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(*(make_question(key=f"q{number}") for number in range(2)))
    await asyncio.gather(*(testbed.deliver() for _ in range(4)))
    while await testbed.deliver(SECOND):
        pass
    assert len(testbed.slack.far.called("chat.postMessage")) == 2


async def test_a_member_is_written_to_directly(testbed: DeliveryTestbed) -> None:
    ben = Member("slack", "U0BEN", ("T0MERIDIAN",), "T0NORTHWIND")
    await testbed.enqueue(make_question(ben))
    await testbed.deliver()
    assert await testbed.stands(ben) == [CARD.heading]
    assert await testbed.stands() == []


async def test_what_is_not_due_yet_waits(testbed: DeliveryTestbed) -> None:
    later = Delivery("question", "north", testbed.slack.channel, CARD, not_before=testbed.at + 60 * SECOND)
    await testbed.enqueue(later)
    assert await testbed.deliver(59 * SECOND) == 0
    assert await testbed.deliver(1 * SECOND) == 1


async def test_a_revision_replaces_the_message_and_waits_until_it_stands(testbed: DeliveryTestbed) -> None:
    revision = Delivery("closed", "north", testbed.slack.channel, CHANGED, revises="question")
    await testbed.enqueue(make_question(), revision)
    await testbed.deliver()
    await testbed.deliver(SECOND)
    assert await testbed.stands() == ["Closed"]


# Certainly not done: again, later.


async def test_a_platform_that_is_busy_is_asked_again_when_it_said(testbed: DeliveryTestbed) -> None:
    testbed.slack.far.fail("chat.postMessage", "429", 7)
    await testbed.enqueue(make_question())
    await testbed.deliver()
    assert (await testbed.status()).state is DeliveryState.PENDING
    assert await testbed.deliver(6 * SECOND) == 0
    assert await testbed.deliver(1 * SECOND) == 1
    assert await testbed.stands() == [CARD.heading]


async def test_a_busy_platform_is_not_asked_for_ever(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    for _ in range(PATIENCE.attempts):
        testbed.slack.far.fail("chat.postMessage", "429", 1)
        await testbed.deliver(10 * SECOND)
    status = await testbed.status()
    assert (status.state, status.reason) == (DeliveryState.FAILED, "gave up")


# Never possible: failed, with a reason for operators.


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "invalid_auth"])
async def test_what_is_refused_has_failed_with_the_reason_and_is_not_repeated(
    testbed: DeliveryTestbed, code: str
) -> None:
    testbed.slack.far.fail("chat.postMessage", f"refuse:{code}")
    await testbed.enqueue(make_question())
    await testbed.deliver()
    status = await testbed.status()
    assert (status.state, status.reason) == (DeliveryState.FAILED, code)
    assert await testbed.deliver(3600 * SECOND) == 0
    assert await testbed.stands() == []


async def test_a_platform_that_is_not_configured_is_a_failure_and_harms_no_other(
    testbed: DeliveryTestbed,
) -> None:
    await testbed.enqueue(make_question(Channel("teams", "t", "c"), key="teams"), make_question())
    await testbed.deliver()
    assert (await testbed.status("teams")).reason == "platform not configured"
    assert await testbed.stands() == [CARD.heading]


async def test_a_revision_of_what_was_refused_fails_with_it(testbed: DeliveryTestbed) -> None:
    testbed.slack.far.fail("chat.postMessage", "refuse:channel_not_found")
    revision = Delivery("closed", "north", testbed.slack.channel, CHANGED, revises="question")
    await testbed.enqueue(make_question(), revision)
    await testbed.deliver()
    assert (await testbed.status("closed")).state is DeliveryState.FAILED


# Nobody knows: looked up, never repeated blindly.


@pytest.mark.parametrize("fault", ["reset_after", "hang_after", "503", "reset_before", "hang", "late"])
async def test_whatever_was_lost_on_the_way_it_stands_once_in_the_end(
    testbed: DeliveryTestbed, fault: str
) -> None:
    testbed.slack.far.fail("chat.postMessage", fault, 0.8)
    await testbed.enqueue(make_question())
    await testbed.deliver()
    assert (await testbed.status()).state is DeliveryState.UNKNOWN
    assert await testbed.deliver(60 * SECOND) == 0  # not sent again while nobody knows
    await asyncio.sleep(0.5 if fault == "late" else 0)
    await testbed.look_up(31 * SECOND)
    await testbed.deliver(1 * SECOND)
    assert await testbed.stands() == [CARD.heading]
    assert (await testbed.status()).state is DeliveryState.SENT


async def test_it_is_left_alone_until_a_late_message_must_have_arrived(testbed: DeliveryTestbed) -> None:
    testbed.slack.far.fail("chat.postMessage", "reset_before")
    await testbed.enqueue(make_question())
    await testbed.deliver()
    await testbed.look_up(89 * SECOND)
    assert (await testbed.status()).state is DeliveryState.UNKNOWN


@pytest.mark.parametrize("fault", ["503", "empty"])
async def test_while_the_platform_cannot_tell_it_stays_unknown(testbed: DeliveryTestbed, fault: str) -> None:
    testbed.slack.far.fail("chat.postMessage", "reset_after")
    await testbed.enqueue(make_question())
    await testbed.deliver()
    testbed.slack.far.fail("conversations.history", fault)
    await testbed.look_up(91 * SECOND)
    assert (await testbed.status()).state is DeliveryState.UNKNOWN
    await testbed.look_up(SECOND)
    assert (await testbed.status()).state is DeliveryState.SENT


async def test_an_operator_decides_what_the_platform_cannot(testbed: DeliveryTestbed) -> None:
    testbed.slack.far.fail("chat.postMessage", "reset_before")
    await testbed.enqueue(make_question())
    await testbed.deliver()
    assert await testbed.store.outbox.resolve((await testbed.status()).id, is_sent=False, now=testbed.at)
    await testbed.deliver(SECOND)
    assert await testbed.stands() == [CARD.heading]


async def test_the_delivery_of_a_worker_that_vanished_is_looked_up(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    (claim,) = await testbed.store.claims.take_due(testbed.at, testbed.at + PATIENCE.lease, 1)
    await testbed.slack.platform.post(claim.delivery.place, claim.delivery.card, claim.id)
    assert await testbed.deliver(59 * SECOND) == 0
    await testbed.look_up(SECOND)
    assert (await testbed.status()).state is DeliveryState.UNKNOWN
    await testbed.look_up(91 * SECOND)
    await testbed.deliver(SECOND)
    assert (await testbed.status()).state is DeliveryState.SENT
    assert await testbed.stands() == [CARD.heading]


async def test_a_vanished_worker_that_had_not_posted_yet_loses_nothing(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    await testbed.store.claims.take_due(testbed.at, testbed.at + PATIENCE.lease, 1)
    await testbed.look_up(60 * SECOND)
    await testbed.look_up(91 * SECOND)
    await testbed.deliver(SECOND)
    assert await testbed.stands() == [CARD.heading]


async def test_a_revision_may_simply_be_repeated(testbed: DeliveryTestbed) -> None:
    revision = Delivery("closed", "north", testbed.slack.channel, CHANGED, revises="question")
    await testbed.enqueue(make_question(), revision)
    await testbed.deliver()
    testbed.slack.far.fail("chat.update", "reset_after")
    await testbed.deliver(SECOND)
    assert (await testbed.status("closed")).state is DeliveryState.PENDING
    await testbed.deliver(10 * SECOND)
    assert await testbed.stands() == ["Closed"]
    assert (await testbed.status("closed")).state is DeliveryState.SENT


async def test_what_operators_see_holds_no_words_and_no_person(testbed: DeliveryTestbed) -> None:
    ben = Member("slack", "U0BEN", ("T0MERIDIAN",), "T0NORTHWIND")
    testbed.slack.far.fail("chat.postMessage", "refuse:channel_not_found")
    await testbed.enqueue(make_question(ben))
    await testbed.deliver()
    told = str(await testbed.status())
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
    testbed: DeliveryTestbed, error: timedelta
) -> None:
    true = testbed.at
    testbed.at += error
    testbed.slack.far.fail("chat.postMessage", "reset_after")
    await testbed.enqueue(make_question())
    await testbed.deliver(since=true)
    await testbed.look_up(91 * SECOND)
    assert (await testbed.status()).state is DeliveryState.SENT
    assert await testbed.stands() == [CARD.heading]


async def test_where_no_platform_told_the_time_everything_is_looked_through(testbed: DeliveryTestbed) -> None:
    testbed.at += 400 * DAY
    testbed.slack.far.fail("chat.postMessage", "reset_after")
    await testbed.enqueue(make_question())
    await testbed.deliver()
    await testbed.look_up(91 * SECOND)
    assert (await testbed.status()).state is DeliveryState.SENT
    assert await testbed.stands() == [CARD.heading]
    assert [call["oldest"] for call in testbed.slack.far.called("conversations.history")] == ["0.000000"]


async def test_a_look_up_starts_a_minute_before_the_claim_by_the_platforms_time(
    testbed: DeliveryTestbed,
) -> None:
    testbed.slack.far.fail("chat.postMessage", "reset_before")
    await testbed.enqueue(make_question())
    await testbed.deliver(since=testbed.at - 75 * SECOND)
    await testbed.look_up(91 * SECOND)
    (asked,) = testbed.slack.far.called("conversations.history")
    assert float(asked["oldest"]) == pytest.approx(
        (testbed.at - (91 + 75 + 60) * SECOND).timestamp(), abs=1e-3
    )

"""What goes wrong on our own side of a delivery: frozen workers, faulty adapters, lost revisions."""

from itertools import chain, repeat

from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Delivery, DeliveryState
from bot.ports import ChatPlatform
from bot.use_cases.deliver import deliver_waiting, look_up_unknown
from tests.use_cases.delivery_testbed import CARD, CHANGED, PATIENCE, SECOND, DeliveryTestbed, make_question


async def test_a_worker_that_was_frozen_since_it_claimed_posts_nothing(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    thawed = testbed.at + PATIENCE.lease

    times = chain((testbed.at, testbed.at), repeat(thawed))
    await deliver_waiting(testbed.store, testbed.platforms, lambda: next(times), PATIENCE)
    assert testbed.slack.far.called("chat.postMessage") == []
    assert (await testbed.status()).attempts == 0, "it was not tried"
    await testbed.deliver(PATIENCE.lease)
    assert await testbed.stands() == [CARD.heading]


async def test_a_worker_posts_as_long_as_its_lease_lasts_for_the_send(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    times = chain((testbed.at, testbed.at), repeat(testbed.at + PATIENCE.lease - PATIENCE.send_timeout))
    await deliver_waiting(testbed.store, testbed.platforms, lambda: next(times), PATIENCE)
    assert await testbed.stands() == [CARD.heading]


async def test_waiting_for_its_turn_is_never_the_try_too_many(testbed: DeliveryTestbed) -> None:
    await testbed.enqueue(make_question())
    for _ in range(PATIENCE.attempts - 1):
        testbed.slack.far.fail("chat.postMessage", "429", 1)
        await testbed.deliver(10 * SECOND)
    testbed.at += 10 * SECOND
    thawed = testbed.at + PATIENCE.lease
    times = chain((testbed.at, testbed.at), repeat(thawed))
    await deliver_waiting(testbed.store, testbed.platforms, lambda: next(times), PATIENCE)
    assert (await testbed.status()).state is DeliveryState.PENDING
    await testbed.deliver(PATIENCE.lease)
    assert await testbed.stands() == [CARD.heading]


class Broken:
    """A platform whose adapter has a fault."""

    name = "teams"

    async def post(self, *_: object) -> MessageRef:
        raise KeyError("activity")

    async def find(self, *_: object) -> None:
        return None


async def test_a_fault_in_an_adapter_is_not_tried_for_ever_and_harms_no_other(
    testbed: DeliveryTestbed,
) -> None:
    platforms: dict[str, ChatPlatform] = {**testbed.platforms, "teams": Broken()}  # type: ignore[dict-item]
    await testbed.enqueue(make_question(Channel("teams", "t", "c"), key="teams"), make_question())
    for _ in range(PATIENCE.attempts):
        await deliver_waiting(testbed.store, platforms, lambda: testbed.at, PATIENCE)
        assert (await testbed.status("teams")).state is DeliveryState.UNKNOWN
        testbed.at += PATIENCE.settle
        await look_up_unknown(testbed.store, platforms, lambda: testbed.at, PATIENCE)
    status = await testbed.status("teams")
    assert (status.state, status.reason) == (DeliveryState.FAILED, "gave up")
    assert await testbed.stands() == [CARD.heading]


class Unfindable(Broken):
    """One that cannot read what the platform says of its own messages."""

    async def find(self, *_: object) -> None:
        raise KeyError("channel")


async def test_a_fault_in_looking_up_leaves_it_unknown_and_harms_no_other(testbed: DeliveryTestbed) -> None:
    platforms: dict[str, ChatPlatform] = {**testbed.platforms, "teams": Unfindable()}  # type: ignore[dict-item]
    testbed.slack.far.fail("chat.postMessage", "reset_after")
    await testbed.enqueue(make_question(Channel("teams", "t", "c"), key="teams"), make_question())
    await deliver_waiting(testbed.store, platforms, lambda: testbed.at, PATIENCE)
    testbed.at += 91 * SECOND
    await look_up_unknown(testbed.store, platforms, lambda: testbed.at, PATIENCE)
    assert (await testbed.status("teams")).state is DeliveryState.UNKNOWN
    assert (await testbed.status()).state is DeliveryState.SENT


async def test_a_revision_of_unknown_outcome_is_repeated_without_looking(testbed: DeliveryTestbed) -> None:
    revision = Delivery("closed", "north", testbed.slack.channel, CHANGED, revises="question")
    await testbed.enqueue(make_question(), revision)
    await testbed.deliver()
    await testbed.store.claims.take_due(
        testbed.at, testbed.at + PATIENCE.lease, 1
    )  # by a worker that vanishes
    await testbed.look_up(PATIENCE.lease)
    await testbed.look_up(91 * SECOND)
    await testbed.deliver()
    assert await testbed.stands() == ["Closed"]
    assert testbed.slack.far.called("conversations.history") == []

"""What goes wrong on our own side of a delivery: frozen workers, faulty adapters, lost revisions."""

from itertools import chain, repeat

from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Delivery, DeliveryState
from bot.ports import ChatPlatform
from bot.use_cases.deliver import deliver_waiting, look_up_unknown
from tests.use_cases.desk import CARD, CHANGED, PATIENCE, SECOND, Desk, question


async def test_a_worker_that_was_frozen_since_it_claimed_posts_nothing(desk: Desk) -> None:
    await desk.enqueue(question())
    thawed = desk.at + PATIENCE.lease

    times = chain((desk.at, desk.at), repeat(thawed))
    await deliver_waiting(desk.store, desk.platforms, lambda: next(times), PATIENCE)
    assert desk.slack.far.called("chat.postMessage") == []
    assert (await desk.status()).attempts == 0, "it was not tried"
    await desk.deliver(PATIENCE.lease)
    assert await desk.stands() == [CARD.heading]


async def test_a_worker_posts_as_long_as_its_lease_lasts_for_the_send(desk: Desk) -> None:
    await desk.enqueue(question())
    times = chain((desk.at, desk.at), repeat(desk.at + PATIENCE.lease - PATIENCE.send_timeout))
    await deliver_waiting(desk.store, desk.platforms, lambda: next(times), PATIENCE)
    assert await desk.stands() == [CARD.heading]


async def test_waiting_for_its_turn_is_never_the_try_too_many(desk: Desk) -> None:
    await desk.enqueue(question())
    for _ in range(PATIENCE.attempts - 1):
        desk.slack.far.fail("chat.postMessage", "429", 1)
        await desk.deliver(10 * SECOND)
    desk.at += 10 * SECOND
    thawed = desk.at + PATIENCE.lease
    times = chain((desk.at, desk.at), repeat(thawed))
    await deliver_waiting(desk.store, desk.platforms, lambda: next(times), PATIENCE)
    assert (await desk.status()).state is DeliveryState.PENDING
    await desk.deliver(PATIENCE.lease)
    assert await desk.stands() == [CARD.heading]


class Broken:
    """A platform whose adapter has a fault."""

    name = "teams"

    async def post(self, *_: object) -> MessageRef:
        raise KeyError("activity")

    async def find(self, *_: object) -> None:
        return None


async def test_a_fault_in_an_adapter_is_not_tried_for_ever_and_harms_no_other(desk: Desk) -> None:
    platforms: dict[str, ChatPlatform] = {**desk.platforms, "teams": Broken()}  # type: ignore[dict-item]
    await desk.enqueue(question(Channel("teams", "t", "c"), key="teams"), question())
    for _ in range(PATIENCE.attempts):
        await deliver_waiting(desk.store, platforms, lambda: desk.at, PATIENCE)
        assert (await desk.status("teams")).state is DeliveryState.UNKNOWN
        desk.at += PATIENCE.settle
        await look_up_unknown(desk.store, platforms, lambda: desk.at, PATIENCE)
    status = await desk.status("teams")
    assert (status.state, status.reason) == (DeliveryState.FAILED, "gave up")
    assert await desk.stands() == [CARD.heading]


class Unfindable(Broken):
    """One that cannot read what the platform says of its own messages."""

    async def find(self, *_: object) -> None:
        raise KeyError("channel")


async def test_a_fault_in_looking_up_leaves_it_unknown_and_harms_no_other(desk: Desk) -> None:
    platforms: dict[str, ChatPlatform] = {**desk.platforms, "teams": Unfindable()}  # type: ignore[dict-item]
    desk.slack.far.fail("chat.postMessage", "reset_after")
    await desk.enqueue(question(Channel("teams", "t", "c"), key="teams"), question())
    await deliver_waiting(desk.store, platforms, lambda: desk.at, PATIENCE)
    desk.at += 91 * SECOND
    await look_up_unknown(desk.store, platforms, lambda: desk.at, PATIENCE)
    assert (await desk.status("teams")).state is DeliveryState.UNKNOWN
    assert (await desk.status()).state is DeliveryState.SENT


async def test_a_revision_of_unknown_outcome_is_repeated_without_looking(desk: Desk) -> None:
    revision = Delivery("closed", "north", desk.slack.channel, CHANGED, revises="question")
    await desk.enqueue(question(), revision)
    await desk.deliver()
    await desk.store.claims.take_due(desk.at, desk.at + PATIENCE.lease, 1)  # by a worker that vanishes
    await desk.look_up(PATIENCE.lease)
    await desk.look_up(91 * SECOND)
    await desk.deliver()
    assert await desk.stands() == ["Closed"]
    assert desk.slack.far.called("conversations.history") == []

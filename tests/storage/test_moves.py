"""A channel that got another address is the same channel: for what comes in, what goes out and what is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.alliance import Channel, Member, MessageRef, Side
from bot.model.commands import GivenReading
from bot.model.delivery import Refused, Sent
from storage import DatabaseStore
from tests.storage.factories import JOINT, START, claim_due, make_alliance, make_delivery

OLD = replace(JOINT, address="C-north")
NEW = replace(JOINT, address="C-new")
OTHER = replace(JOINT, workspace="T0MERIDIAN")


def reading(channel: Channel, message: str = "m1") -> GivenReading:
    return GivenReading("north", channel, message, "p1", Side.SPONSOR, 0.5, START)


async def test_the_declared_channel_is_known_by_its_address(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance(), make_alliance("south")])
    for told in (OLD, replace(OTHER, address="C-north")):
        assert await store.alliances.resolve_channel(told) == OLD
        assert (
            await store.alliances.find_by_channel(await store.alliances.resolve_channel(told))
        ) == make_alliance()
    elsewhere = replace(OTHER, address="C-elsewhere")
    assert await store.alliances.resolve_channel(elsewhere) == elsewhere


async def test_it_follows_and_what_was_posted_there_is_found_and_revised_there(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    await store.alliances.declare([make_alliance()])
    await store.outbox.enqueue([make_delivery("question", OLD), make_delivery("dm", Member("slack", "U1"))])
    question, dm = await claim_due(store)
    await store.claims.settle(question.id, question.token, Sent(MessageRef("C-north", "m1")), START)
    await store.claims.settle(dm.id, dm.token, Sent(MessageRef("D1", "m2")), START)
    await store.outbox.enqueue(
        [make_delivery("waiting", OLD), make_delivery("closed", OLD, revises="question")]
    )
    await store.readings.save_reading(reading(OLD))
    assert await store.alliances.move_channel(OLD, "C-new") and not await store.alliances.move_channel(
        OLD, "C-new"
    )
    (waiting,) = await claim_due(other)
    await other.claims.settle(waiting.id, waiting.token, Sent(MessageRef("C-new", "m3")), START)
    (closed,) = await claim_due(other)
    assert waiting.delivery.place == closed.delivery.place == NEW
    assert closed.target == MessageRef("C-new", "m1")
    assert await other.outbox.has_posted(NEW, "m1") and not await other.outbox.has_posted(OLD, "m1")
    assert (await other.alliances.find_by_channel(NEW)) == make_alliance(channels=(NEW,))
    await other.readings.delete_reading(
        await other.alliances.resolve_channel(OLD), "m1", START + timedelta(minutes=1)
    )


async def test_what_is_not_declared_or_is_another_channels_address_is_not_moved(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance(), make_alliance("south")])
    assert not await store.alliances.move_channel(replace(JOINT, address="C-elsewhere"), "C-new")
    assert not await store.alliances.move_channel(replace(OTHER, address="C-north"), "C-new")
    assert not await store.alliances.move_channel(OLD, "C-south")
    assert await store.alliances.resolve_channel(OLD) == OLD


async def test_a_chain_of_moves_and_a_way_back(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    for before, after in (("C-north", "C-2"), ("C-2", "C-3"), ("C-3", "C-north"), ("C-north", "C-4")):
        assert await store.alliances.move_channel(replace(JOINT, address=before), after)
    for address in ("C-north", "C-2", "C-3", "C-4"):
        for workspace in ("T0NORTHWIND", "T0MERIDIAN"):
            assert (
                await store.alliances.resolve_channel(Channel("slack", workspace, address))
            ).address == "C-4"


@pytest.mark.parametrize("address", ["C-north", "C-new"])
async def test_declared_again_it_may_be_named_either_way(store: DatabaseStore, address: str) -> None:
    await store.alliances.declare([make_alliance()])
    await store.alliances.move_channel(OLD, "C-new")
    await store.alliances.declare([make_alliance(vision="New", channels=(replace(JOINT, address=address),))])
    found = await store.alliances.find_by_key("north")
    assert found and found.channels == (NEW,) and await store.alliances.find_by_channel(NEW) == found


async def test_an_address_is_one_alliances_whatever_the_workspace(store: DatabaseStore) -> None:
    with pytest.raises(ValueError, match="listed twice"):
        await store.alliances.declare([make_alliance(channels=(OLD, replace(OTHER, address="C-north")))])


async def test_what_failed_is_tried_anew_and_nothing_else(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b", Member("slack", "U1"))])
    failed, sent = await claim_due(store)
    await store.claims.settle(failed.id, failed.token, Refused("is_archived"), START)
    await store.claims.settle(sent.id, sent.token, Sent(MessageRef("D1", "m1")), START)
    again = [make_delivery("a"), make_delivery("b", Member("slack", "U1")), make_delivery("never")]
    assert await store.outbox.enqueue_again(again) == 1
    assert await store.outbox.enqueue_again(again) == 0
    (one,) = await claim_due(store)
    assert (one.delivery, one.attempts) == (make_delivery("a"), 1)

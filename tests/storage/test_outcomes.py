"""The outcome of a delivery: lost, unknown, looked up, refused, resolved by an operator."""

from datetime import timedelta

import pytest

from bot.model.alliance import Member, MessageRef
from bot.model.delivery import Again, DeliveryState, OutcomeUnknown, Refused, Sent
from storage import DatabaseStore
from tests.storage.factories import JOINT, START, claim_due, make_delivery, settle_sent

LEASE = START + timedelta(seconds=60)
ANNA, BEN = Member("slack", "U0ANNA", ("T1",), "T1"), Member("slack", "U0BEN")


def states(shown: tuple[object, ...]) -> dict[str, str]:
    return {status.key: status.state.value for status in shown}  # type: ignore[attr-defined]


async def test_a_lost_lease_becomes_unknown_and_is_never_claimed_again(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b")])
    (lost,) = await claim_due(store)
    assert await store.claims.expire_leases(LEASE - timedelta(seconds=1)) == 0
    assert await store.claims.expire_leases(LEASE) == 1
    assert [claimed.delivery.key for claimed in await claim_due(store, LEASE)] == ["b"]
    assert await store.claims.list_unsettled(LEASE - timedelta(seconds=1), 9) == ()
    (found,) = await store.claims.list_unsettled(LEASE, 9)
    assert (found.id, found.delivery, found.since) == (lost.id, lost.delivery, START)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Sent(MessageRef("C", "m")), "sent"),
        (Again(START), "pending"),
        (Refused("not_in_channel"), "failed"),
        (OutcomeUnknown("timeout"), "unknown"),
    ],
)
async def test_an_outcome_counts_once_and_for_its_lease_only(
    store: DatabaseStore, outcome: Sent | Again | Refused | OutcomeUnknown, state: str
) -> None:
    await store.outbox.enqueue([make_delivery("a")])
    (one,) = await claim_due(store)
    assert not await store.claims.settle(one.id, "another", outcome, START)
    assert await store.claims.settle(one.id, one.token, outcome, LEASE)
    (status,) = await store.outbox.list_statuses(DeliveryState(state), 9)
    assert (status.key, status.platform, status.attempts, status.changed_at) == ("a", "slack", 1, LEASE)
    assert status.reason == getattr(outcome, "reason", "")
    if state != "unknown":
        assert not await store.claims.settle(one.id, one.token, Refused("too late"), LEASE)
        assert states(await store.outbox.list_statuses(None, 9)) == {"a": state}


async def test_an_unknown_one_is_settled_by_looking_it_up(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("posted"), make_delivery("lost", ANNA)])
    for claimed in await claim_due(store):
        await store.claims.settle(claimed.id, claimed.token, OutcomeUnknown("timeout"), START)
    posted, lost = await store.claims.list_unsettled(START, 9)
    assert await store.claims.settle(posted.id, posted.token, Sent(MessageRef("C", "m9")), LEASE)
    assert await store.claims.settle(lost.id, lost.token, Again(LEASE), LEASE)
    assert not await store.claims.settle(lost.id, lost.token, Again(LEASE), LEASE)
    assert states(await store.outbox.list_statuses(None, 9)) == {"posted": "sent", "lost": "pending"}
    assert await store.outbox.has_posted(JOINT, "m9")
    assert len(await claim_due(store, LEASE)) == 1


async def test_what_cannot_be_looked_up_keeps_no_other_waiting(store: DatabaseStore) -> None:
    places = [Member("slack", f"U{n}") for n in range(5)]
    await store.outbox.enqueue([make_delivery(f"d{n}", place) for n, place in enumerate(places)])
    for claimed in await claim_due(store):
        await store.claims.settle(claimed.id, claimed.token, OutcomeUnknown("timeout"), START)
    seen = [claimed.delivery.key for _ in range(3) for claimed in await store.claims.list_unsettled(START, 2)]
    assert set(seen) == {f"d{n}" for n in range(5)}


async def test_a_revision_waits_for_its_target(store: DatabaseStore) -> None:
    await store.outbox.enqueue(
        [make_delivery("q"), make_delivery("closed", revises="q"), make_delivery("next")]
    )
    (question,) = await claim_due(store)
    assert await claim_due(store) == []
    await settle_sent(store, question, "m7")
    (revision,) = await claim_due(store)
    assert (revision.delivery.key, revision.target) == ("closed", MessageRef("C", "m7"))


async def test_a_revision_fails_with_its_target(store: DatabaseStore) -> None:
    await store.outbox.enqueue(
        [
            make_delivery("q"),
            make_delivery("r1", revises="q"),
            make_delivery("r2", revises="r1"),
            make_delivery("n"),
        ]
    )
    (question,) = await claim_due(store)
    await store.claims.settle(question.id, question.token, Refused("gone"), START)
    assert states(await store.outbox.list_statuses(None, 9)) == {
        "q": "failed",
        "r1": "failed",
        "r2": "failed",
        "n": "pending",
    }
    await store.outbox.enqueue([make_delivery("r3", revises="q"), make_delivery("r4", revises="never")])
    shown = states(await store.outbox.list_statuses(None, 9))
    assert (shown["r3"], shown["r4"]) == ("failed", "failed")


async def test_an_operator_resolves_the_unknown(store: DatabaseStore) -> None:
    await store.outbox.enqueue(
        [
            make_delivery("a"),
            make_delivery("b", ANNA),
            make_delivery("c", BEN),
            make_delivery("r", revises="a"),
        ]
    )
    claims = {claimed.delivery.key: claimed for claimed in await claim_due(store)}
    for claimed in claims.values():
        await store.claims.settle(claimed.id, claimed.token, OutcomeUnknown("timeout"), START)
    assert await store.outbox.resolve(claims["a"].id, is_sent=True, now=LEASE)
    assert await store.outbox.resolve(claims["b"].id, is_sent=False, now=LEASE)
    assert not await store.outbox.resolve(claims["b"].id, is_sent=True, now=LEASE)
    assert not await store.outbox.resolve("nothing", is_sent=True, now=LEASE)
    shown = states(await store.outbox.list_statuses(None, 9))
    assert shown == {"a": "sent", "b": "pending", "c": "unknown", "r": "failed"}
    (again,) = await claim_due(store, LEASE)
    assert (again.delivery.key, again.attempts) == ("b", 2)


@pytest.mark.parametrize("sent", [True, False])
async def test_what_changes_a_message_that_an_operator_saw_fails_as_nobody_knows_which_it_is(
    store: DatabaseStore, sent: bool
) -> None:
    await store.outbox.enqueue(
        [make_delivery("question"), make_delivery("closed", revises="question"), make_delivery("else")]
    )
    (one,) = await claim_due(store, limit=1)
    await store.claims.settle(one.id, one.token, OutcomeUnknown("timeout"), START)
    assert await store.outbox.resolve(one.id, is_sent=sent, now=LEASE)
    found = states(await store.outbox.list_statuses(None, 9))
    assert found["closed"] == ("failed" if sent else "pending")
    assert found["else"] == "pending"


async def test_what_failed_is_tried_as_if_it_were_new(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b", ANNA)])
    for claimed in await claim_due(store):
        await store.claims.settle(claimed.id, claimed.token, Refused("not_in_channel"), START)
    assert await store.outbox.enqueue_again([make_delivery("a"), make_delivery("nobody's")]) == 1
    assert states(await store.outbox.list_statuses(None, 9)) == {"a": "pending", "b": "failed"}
    (one,) = await claim_due(store, LEASE)
    assert (one.delivery.key, one.attempts, one.since) == ("a", 1, LEASE)


async def test_only_our_messages_in_that_channel_are_ours(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b", ANNA)])
    for claimed in await claim_due(store):
        await settle_sent(store, claimed, "m1")
    assert await store.outbox.has_posted(JOINT, "m1")
    assert not await store.outbox.has_posted(JOINT, "m2")
    assert not await store.outbox.has_posted(JOINT.__class__("slack", "T", "C-else"), "m1")

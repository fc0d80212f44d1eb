import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, text

import storage
from bot.model.alliance import Member, MessageRef
from bot.model.delivery import NOT_ITS_TURN, Again, DeliveryState, OutcomeUnknown, Refused, Sent
from storage import DatabaseStore
from storage.engine.connect import open_engine
from storage.engine.encryption import Vault
from storage.outbox import claims
from tests.databases import fresh
from tests.storage.factories import CARD, JOINT, START, claim_due, make_delivery, settle_sent

LEASE = START + timedelta(seconds=60)
ANNA, BEN = Member("slack", "U0ANNA", ("T1",), "T1"), Member("slack", "U0BEN")


def states(shown: tuple[object, ...]) -> dict[str, str]:
    return {status.key: status.state.value for status in shown}  # type: ignore[attr-defined]


async def test_what_is_enqueued_twice_goes_out_once(store: DatabaseStore) -> None:
    assert await store.outbox.enqueue([make_delivery("a"), make_delivery("b", ANNA)]) == 2
    assert await store.outbox.enqueue([make_delivery("a"), make_delivery("c", BEN)]) == 1
    claims = await claim_due(store)
    assert [claimed.delivery for claimed in claims] == [
        make_delivery("a"),
        make_delivery("b", ANNA),
        make_delivery("c", BEN),
    ]
    assert claims[1].delivery.place.home == ("T1",)  # type: ignore[union-attr]
    assert all((claimed.attempts, claimed.since, claimed.target) == (1, START, None) for claimed in claims)
    assert await claim_due(store) == []


async def test_a_place_is_served_in_order(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("first"), make_delivery("second"), make_delivery("else", ANNA)])
    first, other = await claim_due(store)
    assert (first.delivery.key, other.delivery.key) == ("first", "else")
    await store.claims.settle(first.id, first.token, Again(START + timedelta(seconds=30)), START)
    assert await claim_due(store) == []
    (first,) = await claim_due(store, START + timedelta(seconds=30))
    assert (first.delivery.key, first.attempts, first.since) == ("first", 2, START)
    await settle_sent(store, first)
    assert [claimed.delivery.key for claimed in await claim_due(store)] == ["second"]


async def test_one_meant_for_later_keeps_no_other_waiting(store: DatabaseStore) -> None:
    tomorrow = START + timedelta(days=1)
    await store.outbox.enqueue([make_delivery("later", not_before=tomorrow), make_delivery("now")])
    assert [claimed.delivery.key for claimed in await claim_due(store)] == ["now"]


async def test_one_that_is_due_in_this_moment_is_not_overtaken(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("first", not_before=LEASE), make_delivery("second")])
    assert [claimed.delivery.key for claimed in await claim_due(store, LEASE)] == ["first"]


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


async def test_many_workers_claim_each_delivery_once(store: DatabaseStore, other: DatabaseStore) -> None:
    places = [Member("slack", f"U{n}") for n in range(120)]
    await store.outbox.enqueue([make_delivery(f"d{n}", place) for n, place in enumerate(places)])
    stores = (store, other)

    async def work(mine: DatabaseStore) -> list[str]:
        done: list[str] = []
        while claims := await claim_due(mine, limit=7):
            done += [claimed.delivery.key for claimed in claims]
            await asyncio.gather(*(settle_sent(mine, claimed) for claimed in claims))
        return done

    workers = await asyncio.gather(*(work(stores[n % 2]) for n in range(4)))
    taken = [slot for done in workers for slot in done]
    assert len(taken) == len(set(taken)) == 120
    assert {status.state for status in await store.outbox.list_statuses(None, 200)} == {DeliveryState.SENT}


async def test_a_worker_does_not_wait_for_what_another_is_claiming(tmp_path: Path, key: str) -> None:
    with fresh("postgres", tmp_path) as url:
        store, other = (storage.open_store(url, [key]) for _ in range(2))
        await store.outbox.enqueue([make_delivery("a"), make_delivery("b", ANNA)])
        claimed, commit = Event(), Event()

        def hold(connection: Connection) -> None:
            assert len(claims.take_due(connection, Vault([key]), START, LEASE, 1, (), None)) == 1
            claimed.set()
            assert commit.wait(5)

        holding = asyncio.create_task(store.writer.run(hold))
        await asyncio.to_thread(claimed.wait, 5)
        assert [claimed.delivery.key for claimed in await claim_due(other)] == ["b"]
        commit.set()
        await holding
        await store.aclose()
        await other.aclose()


async def test_one_that_cannot_be_read_back_fails_alone(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("spoilt"), make_delivery("good", ANNA)])

    def spoil(connection: Connection) -> None:
        swap = (
            "UPDATE delivery SET body = (SELECT body FROM delivery WHERE slot = 'good') WHERE slot = 'spoilt'"
        )
        connection.execute(text(swap))

    await store.writer.run(spoil)
    assert [claimed.delivery.card for claimed in await claim_due(store)] == [CARD]
    assert states(await store.outbox.list_statuses(None, 9)) == {"spoilt": "failed", "good": "sending"}


async def test_what_only_waited_for_its_turn_was_not_tried_and_says_so(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("one")])
    told = []
    for tried in (False, True, False):
        (held,) = await store.claims.take_due(START, LEASE, 9)
        await store.claims.settle(held.id, held.token, Again(START, tried), START)
        (status,) = await store.outbox.list_statuses(None, 9)
        told.append((status.attempts, status.reason))
    assert told == [(0, NOT_ITS_TURN), (1, ""), (1, NOT_ITS_TURN)]


async def test_what_waits_for_its_turn_is_not_overtaken(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("older"), make_delivery("newer")])
    (held,) = await store.claims.take_due(START, LEASE, 9)
    await store.claims.settle(held.id, held.token, Again(LEASE, tried=False), START)
    assert [claimed.delivery.key for claimed in await store.claims.take_due(START, LEASE, 9)] == []
    assert [
        claimed.delivery.key for claimed in await store.claims.take_due(LEASE, LEASE + (LEASE - START), 9)
    ] == ["older"]


async def test_an_echo_settles_whoever_holds_it_and_nothing_else(store: DatabaseStore) -> None:
    await store.outbox.enqueue([make_delivery("one")])
    (status,) = await store.outbox.list_statuses(None, 9)
    message = MessageRef("C", "m")
    assert not await store.outbox.confirm(status.id, message, START)  # nobody tried yet
    (held,) = await store.claims.take_due(START, LEASE, 9)
    assert await store.outbox.confirm(held.id, message, START)
    assert not await store.outbox.confirm(held.id, message, START)
    assert not await store.claims.settle(held.id, held.token, Refused("gone"), START)
    assert not await store.outbox.confirm("unknown", message, START)


async def test_a_claim_does_not_join_all_that_waits_with_all_that_waits(
    url: str, store: DatabaseStore
) -> None:
    """As PostgreSQL would, which knows nothing yet of so many: with 10,000 that took 38 seconds."""
    many = [make_delivery(f"d{n}", replace(JOINT, address=f"C{n}")) for n in range(300)]
    await store.outbox.enqueue(many)
    engine = open_engine(url)
    with engine.connect() as connection:
        wanted = claims.build_claim_query().params(now=START, limit=20, busy=["T0HANGS"])
        written = wanted.compile(connection, compile_kwargs={"literal_binds": True})
        word = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = "\n".join(str(row) for row in connection.execute(text(f"{word} {written}")))
    engine.dispose()
    assert "Anti Join" not in plan and "hashed" not in plan, plan
    assert "ix_delivery_waiting_place" in plan, plan
    assert len(await claim_due(store, limit=80)) == 80


async def test_nothing_is_claimed_of_workspaces_that_are_busy(store: DatabaseStore) -> None:
    elsewhere = replace(JOINT, workspace="T0MERIDIAN")
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b", ANNA), make_delivery("c", elsewhere)])
    (one,) = await store.claims.take_due(START, LEASE, 9, ["T0NORTHWIND", "T1"])
    assert one.delivery.key == "c"
    assert await store.claims.take_due(START, LEASE, 9, ["T0MERIDIAN", "T0NORTHWIND", "T1"]) == ()
    assert [claimed.delivery.key for claimed in await store.claims.take_due(START, LEASE, 9)] == ["a", "b"]


async def test_where_no_platform_told_the_time_a_lost_one_is_looked_for_from_the_beginning(
    store: DatabaseStore,
) -> None:
    await store.outbox.enqueue([make_delivery("a")])
    (lost,) = await store.claims.take_due(START, LEASE, 1)
    assert await store.claims.settle(lost.id, lost.token, OutcomeUnknown("timeout"), START)
    (found,) = await store.claims.list_unsettled(LEASE, 1)
    assert found.since == lost.since == datetime(1970, 1, 1, tzinfo=UTC)

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from sqlalchemy import Connection, text

import storage
from bot.model.alliance import Member, MessageRef
from bot.model.delivery import NOT_ITS_TURN, Again, DeliveryState, OutcomeUnknown, Refused
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

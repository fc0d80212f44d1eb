"""What was kept long enough goes, and nothing that is still needed."""

import asyncio
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, select

import storage
from bot.model.delivery import DeliveryState, Refused
from storage.data_rights.retention import delete_ended
from storage.engine.connect import open_engine
from storage.engine.encryption import Vault
from storage.outbox.enqueue import enqueue_deliveries
from storage.tables import audit, deliveries
from tests.databases import fresh
from tests.storage.factories import (
    START,
    ask_round,
    claim_due,
    make_delivery,
    settle_sent,
)
from tests.storage.filled_store import DAY, SECRET, TERMS, count_rows, fill_alliance, make_entry


async def test_a_message_that_is_still_to_be_changed_is_not_forgotten(store: storage.DatabaseStore) -> None:
    """The bot was away for long: at its first look around a round closes, and its old question is to say so."""
    await ask_round(store)
    await store.outbox.enqueue([make_delivery("question")])
    (asked,) = await claim_due(store)
    assert await settle_sent(store, asked)
    await store.outbox.enqueue([make_delivery("closed", revises="question")])
    await store.retention.delete_expired(TERMS, START + 1_200 * DAY)
    (closing,) = await claim_due(store, START + 1_200 * DAY)
    assert closing.target is not None
    assert await settle_sent(store, closing)
    await store.retention.delete_expired(TERMS, START + 1_200 * DAY)
    assert await store.outbox.list_statuses(None, 10) == ()


@pytest.mark.parametrize("first", ["the round closes", "the message is forgotten"])
async def test_a_round_that_closes_just_when_its_question_is_forgotten_leaves_nothing_waiting_for_ever(
    first: str, tmp_path: Path, key: str
) -> None:
    """On PostgreSQL both go on at once, and neither sees what the other has not committed."""
    with fresh("postgres", tmp_path) as url:
        one, other = (storage.open_store(url, [key], SECRET) for _ in range(2))
        await one.outbox.enqueue([make_delivery("question")])
        (asked,) = await claim_due(one)
        assert await settle_sent(one, asked)
        vault, places = Vault([key]), await one.outbox.place_keys.load()
        closing = partial(
            enqueue_deliveries,
            vault=vault,
            places=places,
            wanted=[make_delivery("closed", revises="question")],
        )
        forgetting = partial(delete_ended, before=START + DAY)
        steps = (closing, forgetting) if first == "the round closes" else (forgetting, closing)
        held, commit = Event(), Event()

        def hold(connection: Connection) -> None:
            steps[0](connection)
            held.set()
            assert commit.wait(5)

        holding = asyncio.create_task(one.writer.run_long(hold))
        await asyncio.to_thread(held.wait, 5)
        second = asyncio.create_task(other.writer.run_long(steps[1]))
        await asyncio.wait([second], timeout=0.3)
        commit.set()
        await asyncio.gather(holding, second)
        waiting = await one.outbox.list_statuses(DeliveryState.PENDING, 9)
        assert len(waiting) == len(await claim_due(one)) == (first == "the round closes")
        await one.aclose()
        await other.aclose()


async def test_each_kind_of_data_goes_when_its_time_is_over(store: storage.DatabaseStore, url: str) -> None:
    await fill_alliance(store)
    await store.audit.note(make_entry())
    expected = {"comment": (180, 181), "reading": (220, 221), "answer": (403, 404), "invitation": (403, 404)}
    for days in sorted({day for pair in expected.values() for day in pair}):
        await store.retention.delete_expired(TERMS, START + days * DAY)
        for table, (kept, gone) in expected.items():
            assert count_rows(url)[table] == (2 if days <= kept else 0), (table, days, gone)
    assert count_rows(url)["wish"] == 2
    await store.retention.delete_expired(TERMS, START + 1_200 * DAY)
    assert count_rows(url)["wish"] == 0  # a pause of 500 days is over
    assert count_rows(url)["delivery"] == 2  # never sent: nothing that waits is thrown away
    assert count_rows(url)["released"] == 2
    engine = open_engine(url)
    with engine.connect() as connection:
        acts = connection.scalars(select(audit.c.act).order_by(audit.c.seq)).all()
    engine.dispose()
    assert "erase" not in acts
    assert (await store.audit.verify_chain()).faults == ()


async def test_a_delivery_that_ended_goes_and_one_that_waits_stays(
    store: storage.DatabaseStore, url: str
) -> None:
    await ask_round(store)
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b")])
    (claimed, *_) = await store.claims.take_due(START, START + DAY, 1)
    await store.claims.settle(claimed.id, claimed.token, Refused("no"), START)
    await store.retention.delete_expired(TERMS, START + 91 * DAY)
    assert [status.key for status in await store.outbox.list_statuses(None, 10)] == ["b"]


async def test_the_audit_log_says_how_much_was_deleted(store: storage.DatabaseStore) -> None:
    await fill_alliance(store)
    done = await store.retention.delete_expired(TERMS, START + 190 * DAY)
    (entry,) = [entry for entry in await store.audit.list_newest(10) if entry.act == "retention"]
    assert done and all(f"{kind} {count}" in entry.detail for kind, count in done.items())


async def test_of_a_card_that_was_sent_no_byte_is_kept(store: storage.DatabaseStore, url: str) -> None:
    await ask_round(store)
    await store.outbox.enqueue([make_delivery("a")])
    assert all(_read_bodies(url))
    (claimed,) = await claim_due(store)
    await settle_sent(store, claimed)
    assert _read_bodies(url) == [None]


def _read_bodies(url: str) -> list[str | None]:
    engine = open_engine(url)
    with engine.connect() as connection:
        bodies = connection.scalars(select(deliveries.c.body)).all()
    engine.dispose()
    return list(bodies)


async def test_a_run_deletes_a_share_at_most_whatever_time_it_believes(
    store: storage.DatabaseStore, url: str
) -> None:
    for index in range(20):
        await fill_alliance(store, index)
    kept = ("comment", "reading", "delivery")
    before = count_rows(url)
    late = START + 2_000 * DAY
    done = await store.retention.delete_expired(TERMS, late, share=0.1)
    assert (done["rounds"], done["comments"], done["readings"]) == (2, 4, 4)
    after = count_rows(url)
    assert all(after[table] >= 0.9 * before[table] for table in kept)
    assert after["answer"] == before["answer"] * 0.9
    over = await store.retention.count_expired(TERMS, late)
    assert (over["rounds"], over["comments"], over["readings"]) == (18, 36, 36)
    assert await store.rounds.find_round("north-0") is not None
    assert all(count > 1 for count in (await store.retention.delete_expired(TERMS, late)).values())
    assert await store.retention.count_expired(TERMS, late) == {}


async def test_of_little_something_goes_all_the_same(store: storage.DatabaseStore, url: str) -> None:
    await fill_alliance(store)
    for _ in range(2):
        assert (await store.retention.delete_expired(TERMS, START + 190 * DAY, share=0.1))["comments"] == 1
    assert count_rows(url)["comment"] == 0

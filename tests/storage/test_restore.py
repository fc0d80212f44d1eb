"""What a restore brings back: all of it or nothing, nothing doubled, nothing of the erased.

Here from SQLite; the same tests from PostgreSQL take longer, and are in `tests/slow/test_backup_from_postgres.py`.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import storage
from bot.model.delivery import DeliveryState
from bot.ports import StoreUnavailable
from storage import NotDone
from storage.engine.connect import allow_writes, open_engine, sqlite
from tests.databases import Kind, empty, fresh
from tests.storage.backups import LATER, SECRET, back_up, entry, kept, secrets
from tests.storage.factories import ANNA, ask_round, claim_due, make_delivery
from tests.storage.filled_store import count_rows, fill_alliance


@pytest.fixture
def kind() -> Kind:
    return "sqlite"


@pytest.fixture
async def store(url: str, key: str) -> AsyncIterator[storage.DatabaseStore]:
    opened = storage.open_store(url, [key], SECRET)
    yield opened
    await opened.aclose()


async def test_who_was_erased_since_stays_erased(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    await store.subject_data.erase_member(ANNA, ["north"], entry("erase"))
    done = storage.restore_backup(url, file, secrets(key), entry(), replace=True)
    assert done.erased == {
        "answer": 1,
        "comment": 1,
        "invitation": 1,
        "reading": 1,
        "lead": 1,
        "delivery": 1,
        "wish": 1,
    }
    again = storage.open_store(url, [key], SECRET)
    (copy,) = await again.subject_data.copy_member(ANNA, ["north"], [], entry("subject-data"))
    assert [copy[name] for name in ("answers", "comments", "rosters", "moods_of_messages")] == [[]] * 4
    assert (await again.audit.verify_chain()).faults == ()
    await again.aclose()


async def test_an_alliance_that_began_anew_outlives_that_it_was_erased_once(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await fill_alliance(store)
    before = back_up(url, tmp_path / "before")
    await store.subject_data.erase_alliance("north", entry("erase"))
    await ask_round(store, index=3)
    since = back_up(url, tmp_path / "since")
    done = storage.restore_backup(
        url, since, secrets(key), entry(), await store.subject_data.list_erasures(), replace=True
    )
    assert done.erased == {}
    again = storage.open_store(url, [key], SECRET)
    assert [alliance.key for alliance in await again.alliances.list_all()] == ["north"]
    assert [asked_round.index for asked_round in await again.rounds.list_open("north", LATER)] == [3]
    await again.aclose()
    storage.restore_backup(url, before, secrets(key), entry(), replace=True)
    again = storage.open_store(url, [key], SECRET)
    assert await again.alliances.list_all() == ()
    await again.aclose()


async def test_with_the_database_lost_the_list_that_was_kept_apart_does_it(
    store: storage.DatabaseStore, url: str, key: str, kind: Kind, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    _, listed = await store.subject_data.erase_member(ANNA, ["north"], entry("erase"))
    with fresh(kind, tmp_path) as target:
        assert storage.restore_backup(target, file, secrets(key), entry(), listed).erased["comment"] == 1


async def test_what_may_have_been_sent_since_is_not_sent_on_a_guess(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await ask_round(store)
    await store.outbox.enqueue(
        [
            make_delivery("waits"),
            make_delivery("held"),
            make_delivery("not due", not_before=LATER + timedelta(days=1)),
            make_delivery("revises", revises="waits"),
        ]
    )
    await claim_due(store, limit=1)
    file = back_up(url, tmp_path / "backup")
    assert storage.restore_backup(url, file, secrets(key), entry(), replace=True).unsure == 2
    again = storage.open_store(url, [key], SECRET)
    states = {status.key: status.state for status in await again.outbox.list_statuses(None, 10)}
    unknown, pending = DeliveryState.UNKNOWN, DeliveryState.PENDING
    assert states == {"waits": unknown, "held": unknown, "not due": pending, "revises": pending}
    looked_up = await again.claims.list_unsettled(LATER + timedelta(minutes=5), 10)
    assert {claimed.delivery.key for claimed in looked_up} == {"waits", "held"}
    await again.aclose()


async def test_what_was_due_since_is_looked_up_under_the_id_it_had(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await ask_round(store)
    file = back_up(url, tmp_path / "backup")
    since = [replace(make_delivery(f"at {hour}"), due=LATER + timedelta(hours=hour)) for hour in (-1, 0, 1)]
    both = [
        *since,
        make_delivery("done just now"),
        replace(make_delivery("closed", revises="at -1"), due=LATER),
    ]
    await store.outbox.enqueue(both)
    ids = {status.key: status.id for status in await store.outbox.list_statuses(None, 10)}
    storage.restore_backup(url, file, secrets(key), entry(), replace=True)
    again = storage.open_store(url, [key], SECRET)
    await again.outbox.enqueue(both)
    found = {status.key: status for status in await again.outbox.list_statuses(None, 10)}
    assert {slot: status.id for slot, status in found.items()} == ids
    unknown = {slot for slot, status in found.items() if status.state is DeliveryState.UNKNOWN}
    assert unknown == {"at -1", "at 0"}
    (early, now) = await again.claims.list_unsettled(LATER, 10)
    assert {early.since, now.since} == {LATER - timedelta(hours=1), LATER}
    await again.aclose()


async def test_a_full_database_is_not_replaced_unasked(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await ask_round(store)
    file = back_up(url, tmp_path / "backup")
    before = count_rows(url)
    with pytest.raises(NotDone, match="--replace"):
        storage.restore_backup(url, file, secrets(key), entry())
    assert count_rows(url) == before


@pytest.mark.parametrize(
    ("which", "says"),
    [("key", "encryption_keys"), ("secret", r"privacy\.secret"), ("file", "not a whole backup")],
)
async def test_what_cannot_be_opened_is_refused_and_nothing_changes(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path, which: str, says: str
) -> None:
    await fill_alliance(store)
    await store.audit.note(entry("backup"))
    file = back_up(url, tmp_path / "backup")
    if which == "file":
        file.write_bytes(file.read_bytes()[:-5000])
    used = secrets(storage.make_key() if which == "key" else key, b"t" * 40 if which == "secret" else SECRET)
    before = count_rows(url)
    with pytest.raises(NotDone, match=says):
        storage.restore_backup(url, file, used, entry(), replace=True)
    assert count_rows(url) == before


async def test_a_restore_that_fails_midway_changes_nothing(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    with sqlite.connect(file) as opened:
        opened.execute("PRAGMA foreign_keys = OFF")
        opened.execute("UPDATE reading SET alliance = 'nowhere'")
    opened.close()
    before = count_rows(url)
    with pytest.raises(StoreUnavailable, match="could not be saved"):
        storage.restore_backup(url, file, secrets(key), entry(), replace=True)
    assert count_rows(url) == before
    assert await store.ready()


async def test_a_database_in_use_is_not_replaced_under_anybodys_hands(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    engine = allow_writes(open_engine(url))
    with engine.begin() as busy:
        busy.execute(text("UPDATE alliance SET revision = 9"))
        with pytest.raises(StoreUnavailable):
            storage.restore_backup(url, file, secrets(key), entry(), replace=True)
    engine.dispose()
    assert (await store.audit.verify_chain()).entries == 0


async def test_a_database_that_a_bot_works_on_is_not_replaced_until_it_is_stopped(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    name = f"{storage.PROCESS_LEASE}1"
    await store.leases.hold_until(name, LATER + timedelta(seconds=50))
    before = count_rows(url)
    with pytest.raises(NotDone, match="a bot is at work on this database"):
        storage.restore_backup(url, file, secrets(key), entry(), replace=True)
    assert count_rows(url) == before
    await store.leases.hold_until(name, LATER - timedelta(seconds=1))  # killed a minute ago
    storage.restore_backup(url, file, secrets(key), entry(), replace=True)


async def test_it_comes_back_where_there_is_nothing_yet(
    store: storage.DatabaseStore, url: str, key: str, kind: Kind, tmp_path: Path
) -> None:
    await fill_alliance(store)
    file = back_up(url, tmp_path / "backup")
    with empty(kind, tmp_path) as target:
        storage.restore_backup(target, file, secrets(key), entry())
        assert kept(target) == kept(url)

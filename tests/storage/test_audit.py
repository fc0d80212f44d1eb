"""The audit log: nothing can be changed, taken out, cut off or put in without its showing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

import storage
from bot.model.audit import AuditEntry
from storage.engine.connect import allow_writes, open_engine
from storage.engine.writer import Writer
from storage.governance.audit_log import NOWHERE, audit_key, prune_entries
from tests.storage.factories import START, make_alliance

SECRET = b"s" * 40


@pytest.fixture
async def store(url: str, key: str) -> AsyncIterator[storage.DatabaseStore]:
    opened = storage.open_store(url, [key], SECRET)
    for number in range(6):
        await opened.audit.note(
            AuditEntry("score", "north", "member:abc", START + timedelta(days=number), f"look {number}")
        )
    yield opened
    await opened.aclose()


@contextmanager
def without_triggers(url: str) -> Iterator[Connection]:
    """What somebody with the whole database in hand can do."""
    engine = allow_writes(open_engine(url))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            for name in ("update", "delete", "replace"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_{name}")
        yield connection
    engine.dispose()


async def faults(store: storage.DatabaseStore) -> str:
    return "; ".join((await store.audit.verify_chain()).faults)


async def test_a_log_as_it_was_written_is_whole(store: storage.DatabaseStore) -> None:
    verdict = await store.audit.verify_chain()
    assert (verdict.entries, verdict.head.seq, verdict.faults) == (6, 6, ())
    assert (await store.audit.list_newest(1))[0].detail == "look 5"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = 'nothing' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 6",
        "DELETE FROM audit",
    ],
)
async def test_the_database_refuses_to_change_it(
    store: storage.DatabaseStore, url: str, statement: str
) -> None:
    engine = allow_writes(open_engine(url))
    with pytest.raises(Exception, match="only grows"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert await faults(store) == ""


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET detail = 'look 9' WHERE seq = 2", "entry 2 was changed"),
        ("UPDATE audit SET at = '2026-02-01 00:00:00+00' WHERE seq = 4", "entry 4 was changed"),
        ("DELETE FROM audit WHERE seq = 3", "between entry 2 and entry 4 entries are missing"),
        ("DELETE FROM audit WHERE seq = 6", "ends with entry 5, its head says 6"),
        ("DELETE FROM audit WHERE seq = 1", "between entry 0 and entry 2"),
        ("DELETE FROM audit", "ends with entry 0, its head says 6"),
        (
            "INSERT INTO audit SELECT 7, at, act, alliance, by, detail, mac FROM audit WHERE seq = 6",
            "entry 7 was changed or put in",
        ),
        ("UPDATE audit_head SET base_seq = 3", "the head was changed"),
        ("DELETE FROM audit_head", "ends with entry 6, its head says 0"),
    ],
)
async def test_whoever_gets_round_the_triggers_is_found_out(
    store: storage.DatabaseStore, url: str, statement: str, says: str
) -> None:
    with without_triggers(url) as connection:
        connection.execute(text(statement))
    assert says in await faults(store)


async def test_that_log_and_head_are_both_gone_shows_and_goes_on_showing(
    store: storage.DatabaseStore, url: str
) -> None:
    await store.alliances.declare([make_alliance()])
    assert await faults(store) == ""
    with without_triggers(url) as connection:
        connection.execute(text("DELETE FROM audit"))
        connection.execute(text("DELETE FROM audit_head"))
    assert "the log has no head, though an alliance is declared" in await faults(store)
    for number in range(2):
        await store.audit.note(AuditEntry("score", "north", "member:abc", START, f"later {number}"))
    assert "between entry 0 and entry 2 entries are missing" in await faults(store)


async def test_the_end_cannot_be_cut_off_with_the_head_moved_back(
    store: storage.DatabaseStore, url: str
) -> None:
    with without_triggers(url) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = 6"))
        connection.execute(text("UPDATE audit_head SET seq = 5, mac = (SELECT mac FROM audit WHERE seq = 5)"))
    assert "the head was changed" in await faults(store)


async def test_an_older_log_with_its_own_head_is_found_out_by_what_was_kept_elsewhere(
    store: storage.DatabaseStore, url: str
) -> None:
    with without_triggers(url) as connection:
        old = connection.execute(text("SELECT * FROM audit_head")).mappings().one()
    await store.audit.note(AuditEntry("export", "north", "operator:x", START))
    head = (await store.audit.verify_chain()).head
    kept = (head.seq, head.mac)
    assert (await store.audit.verify_chain(kept)).faults == ()
    engine = allow_writes(open_engine(url))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.execute(text("DELETE FROM audit WHERE seq = 7"))
        connection.execute(
            text("UPDATE audit_head SET seq = :seq, mac = :mac, seal = :seal"),
            {name: old[name] for name in ("seq", "mac", "seal")},
        )
    engine.dispose()
    assert (await store.audit.verify_chain()).faults == ()
    assert (await store.audit.verify_chain(kept)).faults == ("entry 7, which was kept elsewhere, is missing",)
    assert (await store.audit.verify_chain((3, NOWHERE))).faults == (
        "entry 3 is another one than was kept elsewhere",
    )


async def test_another_secret_verifies_nothing(store: storage.DatabaseStore, url: str, key: str) -> None:
    stranger = storage.open_store(url, [key], b"t" * 40)
    assert "the head was changed, or privacy.secret is another one" in await faults(stranger)
    await stranger.aclose()


async def test_without_a_secret_nothing_is_noted(url: str, key: str) -> None:
    bare = storage.open_store(url, [key])
    with pytest.raises(ValueError, match=r"privacy\.secret"):
        await bare.audit.note(AuditEntry("export", "", "worker", START))
    await bare.aclose()


async def test_old_entries_go_and_the_rest_stays_verifiable(store: storage.DatabaseStore, url: str) -> None:
    writer = Writer(allow_writes(engine := open_engine(url)))
    assert await writer.run(prune_entries, audit_key(SECRET), START + timedelta(days=4), 100) == 4
    assert await writer.run(prune_entries, audit_key(SECRET), START + timedelta(days=4), 100) == 0
    writer.close()
    engine.dispose()
    verdict = await store.audit.verify_chain()
    assert (verdict.entries, verdict.head.base_seq, verdict.faults) == (2, 4, ())
    await store.audit.note(AuditEntry("export", "", "worker", START + timedelta(days=9)))
    assert (await store.audit.verify_chain()).entries == 3
    with without_triggers(url) as connection:
        connection.execute(text("DELETE FROM audit WHERE seq = 5"))
    assert "between entry 4 and entry 6" in await faults(store)


async def test_two_processes_write_one_chain(store: storage.DatabaseStore, url: str, key: str) -> None:
    other = storage.open_store(url, [key], SECRET)
    await asyncio.gather(
        *(
            (store, other)[n % 2].audit.note(AuditEntry("export", "", "worker", START, str(n)))
            for n in range(40)
        )
    )
    await other.aclose()
    verdict = await store.audit.verify_chain()
    assert (verdict.entries, verdict.faults) == (46, ())

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

import storage
from bot.ports import StoreUnavailable
from storage import DatabaseStore
from storage.engine import connect as database
from storage.engine import writer
from storage.engine.connect import allow_writes, open_engine
from tests.databases import Kind, empty, fresh
from tests.storage.factories import START, ask_round, make_answer, make_delivery


class Gate:
    """Holds the writer's thread inside a transaction until it is opened."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self.entered.set()
        assert self.opened.wait(5)

    async def hold(self, store: DatabaseStore) -> "asyncio.Task[None]":
        task = asyncio.create_task(store.writer.run(self))
        await asyncio.to_thread(self.entered.wait, 5)
        return task


async def test_a_poison_command_harms_no_other_and_never_stops_the_writer(store: DatabaseStore) -> None:
    await ask_round(store)
    gate = Gate()
    held = await gate.hold(store)
    good = [asyncio.create_task(store.answers.save_answer(make_answer(f"p{n}"), START)) for n in range(20)]
    bad = asyncio.create_task(store.answers.save_answer(make_answer("bad", value=9), START))
    naive = asyncio.create_task(
        store.answers.save_answer(make_answer("naive", at=START.replace(tzinfo=None)), START)
    )
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    assert await asyncio.gather(*good) == ["saved"] * 20
    with pytest.raises(StoreUnavailable, match="could not be saved"):
        await bad
    with pytest.raises(ValueError, match="time zone"):
        await naive
    assert await store.answers.list_respondents("north-0") == {f"p{n}" for n in range(20)}
    assert await store.answers.save_answer(make_answer("after"), START) == "saved"
    assert await store.ready()


async def test_everything_waiting_is_committed_together(store: DatabaseStore) -> None:
    await ask_round(store)
    commits: list[int] = []
    begin = store.writer._begin_commit
    store.writer._begin_commit = lambda batch: (commits.append(len(batch)), begin(batch))[1]  # type: ignore[method-assign]
    gate = Gate()
    held = await gate.hold(store)
    waiting = [
        asyncio.create_task(store.answers.save_answer(make_answer(f"p{n}"), START)) for n in range(200)
    ]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(held, *waiting)
    assert commits == [1, 200]


async def test_who_waits_too_long_is_told_and_nothing_is_written_later(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_round(store)
    monkeypatch.setattr(writer, "PATIENCE", 0.1)
    gate = Gate()
    held = await gate.hold(store)
    with pytest.raises(StoreUnavailable, match="too long"):
        await store.answers.save_answer(make_answer("late"), START)
    with pytest.raises(StoreUnavailable):
        await held
    gate.opened.set()
    monkeypatch.undo()
    assert await store.answers.save_answer(make_answer("next"), START) == "saved"
    assert await store.answers.list_respondents("north-0") == {"next"}


async def test_a_command_given_up_while_it_is_carried_out_is_rolled_back(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_round(store)
    monkeypatch.setattr(writer, "PATIENCE", 0.1)
    entered = threading.Event()

    def slow(connection: Connection) -> None:
        connection.execute(text("INSERT INTO counter (name, value) VALUES ('slow', 1)"))
        entered.set()
        time.sleep(0.3)

    slow_one = asyncio.create_task(store.writer.run(slow))
    await asyncio.to_thread(entered.wait, 5)
    with pytest.raises(StoreUnavailable):
        await slow_one
    await asyncio.sleep(0.3)
    monkeypatch.undo()
    count = text("SELECT count(*) FROM counter WHERE name = 'slow'")
    assert await store._reader.run(lambda connection: connection.scalar(count)) == 0


async def test_a_caller_that_went_away_leaves_nothing_behind(store: DatabaseStore) -> None:
    await ask_round(store)
    gate = Gate()
    held = await gate.hold(store)
    gone = asyncio.create_task(store.answers.save_answer(make_answer("gone"), START))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    assert await store.answers.save_answer(make_answer("next"), START) == "saved"
    assert await store.answers.list_respondents("north-0") == {"next"}


async def test_the_queue_is_bounded(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask_round(store)
    monkeypatch.setattr(writer, "WAITING_AT_MOST", 10)
    gate = Gate()
    held = await gate.hold(store)
    tasks = [asyncio.create_task(store.answers.save_answer(make_answer(f"p{n}"), START)) for n in range(15)]
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[:10] == ["saved"] * 10
    assert all(isinstance(result, StoreUnavailable) for result in results[10:])
    assert len(await store.answers.list_respondents("north-0")) == 10


async def test_a_closed_store_says_so(url: str, key: str) -> None:
    store = storage.open_store(url, [key])
    assert await store.ready()
    await store.aclose()
    assert not await store.ready()
    with pytest.raises(StoreUnavailable):
        await store.outbox.enqueue([make_delivery("a")])


async def test_a_locked_database_is_an_outage_not_a_hang(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY", 0.3)
    with fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [key])
        await ask_round(store)
        blocker = open_engine(url)
        with allow_writes(blocker).begin():
            started = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await store.answers.save_answer(make_answer("p1"), START)
            assert time.monotonic() - started < 2.9
            assert not await store.ready()
        blocker.dispose()
        assert await store.answers.save_answer(make_answer("p2"), START) == "saved"
        assert await store.answers.list_respondents("north-0") == {"p2"}
        await store.aclose()


async def test_a_server_that_is_not_there_is_an_outage(tmp_path: Path, key: str) -> None:
    store = storage.open_store(f"postgres://postgres@/pulse?host={tmp_path}", [key])
    assert not await store.ready()
    for attempt in (
        store.answers.save_answer(make_answer(), START),
        store.alliances.list_all(),
        store.outbox.enqueue([make_delivery("a")]),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt
    await store.aclose()


async def test_a_server_that_hangs_up_is_called_again(tmp_path: Path, key: str) -> None:
    with fresh("postgres", tmp_path) as url:
        store = storage.open_store(url, [key])
        await ask_round(store)
        engine = open_engine(url)
        hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"{hang_up} AND datname = current_database()")
        engine.dispose()
        assert await store.answers.save_answer(make_answer("p1"), START) == "saved"
        assert await store.answers.list_respondents("north-0") == {"p1"}
        await store.aclose()


async def test_commits_reach_the_disk(store: DatabaseStore, kind: Kind) -> None:
    asked = "PRAGMA synchronous" if kind == "sqlite" else "SHOW synchronous_commit"
    full = 2 if kind == "sqlite" else "on"
    assert await store.writer.run(lambda connection: connection.exec_driver_sql(asked).scalar()) == full
    if kind == "sqlite":
        mode = "PRAGMA journal_mode"
        assert await store.writer.run(lambda connection: connection.exec_driver_sql(mode).scalar()) == "wal"


async def test_an_unmigrated_database_is_not_ready(kind: Kind, key: str, tmp_path: Path) -> None:
    with empty(kind, tmp_path) as url:
        store = storage.open_store(url, [key])
        assert not await store.ready()
        await asyncio.to_thread(storage.migrate, url)
        assert await store.ready()
        await store.aclose()

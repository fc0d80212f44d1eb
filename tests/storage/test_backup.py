"""A backup while the bot works: one moment, whole, nothing readable, and good for either kind of database.

Here from SQLite; the same tests from PostgreSQL take longer, and are in `tests/slow/test_backup_from_postgres.py`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import storage
from storage import NotDone
from storage.engine.connect import allow_writes, open_engine, sqlite
from tests.databases import KINDS, Kind, fresh
from tests.storage.backups import SECRET, back_up, entry, kept, secrets
from tests.storage.factories import ANNA, START, ask_round, make_answer, make_delivery
from tests.storage.filled_store import fill_alliance


@pytest.fixture
def kind() -> Kind:
    return "sqlite"


@pytest.fixture
async def store(url: str, key: str) -> AsyncIterator[storage.DatabaseStore]:
    opened = storage.open_store(url, [key], SECRET)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize("other", KINDS)
async def test_it_comes_back_whole_on_either_kind_of_database(
    store: storage.DatabaseStore, url: str, key: str, other: Kind, tmp_path: Path
) -> None:
    await fill_alliance(store)
    await store.audit.note(entry("backup"))
    file = back_up(url, tmp_path / "backup")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("backup")] == ["backup"]
    with fresh(other, tmp_path) as target:
        done = storage.restore_backup(target, file, secrets(key), entry())
        assert kept(target) == kept(url)
        assert done.erased == {}
        again = storage.open_store(target, [key], SECRET)
        assert await again.ready()
        assert await again.alliances.list_all() == await store.alliances.list_all()
        assert await again.closings.list_releases("north") == await store.closings.list_releases("north")
        (copy,) = await again.subject_data.copy_member(ANNA, ["north"], [], entry("subject-data"))
        assert copy["comments"][0]["text"] == "words of U0ANNA"
        assert (await again.audit.verify_chain()).faults == ()
        await again.outbox.enqueue([make_delivery("new")])
        await again.aclose()


async def test_a_file_of_any_name_is_checked_and_no_other_is_touched(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    """A name is no address with options, and no pattern."""
    await fill_alliance(store)
    beside = tmp_path / "backup 1.part of something"
    beside.write_text("mine")
    file = back_up(url, tmp_path / "backup [1]? 50 % #2.sqlite3")
    back_up(url, tmp_path / "backup *")
    assert beside.read_text() == "mine"
    with fresh("sqlite", tmp_path) as target:
        storage.restore_backup(target, file, secrets(key), entry())
        assert kept(target) == kept(url)


async def test_a_backup_of_a_later_version_or_over_another_file_is_refused(
    store: storage.DatabaseStore, url: str, key: str, tmp_path: Path
) -> None:
    await ask_round(store)
    file = back_up(url, tmp_path / "backup")
    with pytest.raises(NotDone, match="exists already"):
        back_up(url, file)
    engine = allow_writes(open_engine(f"sqlite:///{file}"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    engine.dispose()
    with pytest.raises(NotDone, match="later version"):
        storage.restore_backup(url, file, secrets(key), entry(), replace=True)


async def test_it_is_one_moment_of_a_database_that_never_rests(
    store: storage.DatabaseStore, url: str, key: str, kind: Kind, tmp_path: Path
) -> None:
    """Every person answers both questions in one go; in no backup has anybody answered one of them."""
    asked = await ask_round(store)
    stop = asyncio.Event()

    async def answering() -> int:
        people = 0
        while not stop.is_set():
            person = f"p{people}"
            await asyncio.gather(
                *(
                    store.answers.save_answer(make_answer(person, item=question, round_id=asked.id), START)
                    for question in ("vision@1", "roles@2")
                )
            )
            people += 1
        return people

    task = asyncio.create_task(answering())
    await asyncio.sleep(0.1)
    files = [await asyncio.to_thread(back_up, url, tmp_path / f"backup{n}") for n in range(3)]
    stop.set()
    people = await task
    seen = []
    for file in files:
        with sqlite.connect(file) as opened:
            per_person = opened.execute("SELECT count(*) FROM answer GROUP BY person").fetchall()
        opened.close()
        assert set(per_person) <= {(2,)}
        seen.append(len(per_person))
    assert 0 < seen[0] <= seen[1] <= seen[2] <= people


async def test_nothing_readable_is_in_a_backup(
    store: storage.DatabaseStore, url: str, tmp_path: Path
) -> None:
    canary = "canary-7a3c"
    await fill_alliance(store)
    await store.outbox.enqueue(
        [replace(make_delivery("x", ANNA), card=replace(make_delivery("x").card, heading=canary))]
    )
    await store.chat.append(f"dm:{canary}", canary, canary, START)
    await store.installations.keep("T1", canary, None)
    await store.values.save_value("k", canary)
    written = back_up(url, tmp_path / "backup").read_bytes()
    for words in (canary, "U0ANNA", "words of"):
        assert words.encode() not in written
    assert b"north-0" in written

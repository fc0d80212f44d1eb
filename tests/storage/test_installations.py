"""Installations: sealed, one a workspace, renewed only where they are still the same."""

import asyncio
from datetime import timedelta

import storage
from storage import DatabaseStore
from tests.storage.factories import START

HOUR = timedelta(hours=1)


async def test_one_is_kept_for_each_workspace(store: DatabaseStore, other: DatabaseStore) -> None:
    kept = store.installations
    await kept.keep("T1", "first", None)
    await kept.keep("T1", "second ✓", START)
    await kept.keep("T2", "third", START + HOUR)
    assert await other.installations.find("T1") == "second ✓"
    assert await other.installations.all() == {"T1": "second ✓", "T2": "third"}
    assert await kept.list_due(START) == {"T1": "second ✓"}
    assert await other.installations.drop("T1") and not await kept.drop("T1")
    assert await kept.find("T1") is None and await kept.list_due(START) == {}


async def test_only_the_one_that_was_read_is_renewed(store: DatabaseStore, other: DatabaseStore) -> None:
    await store.installations.keep("T1", "first", START)
    later = START + 12 * HOUR
    assert await other.installations.renew("T1", START, "second", later)
    assert not await store.installations.renew("T1", START, "too late", later)
    await store.installations.drop("T1")
    assert not await other.installations.renew("T1", later, "gone", later)
    assert await store.installations.all() == {}


async def test_of_many_who_finish_one_installation_one_does(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    tries = [side_store.installations.use("d1", START, START + HOUR) for side_store in (store, other) * 5]
    assert sorted(await asyncio.gather(*tries)) == [False] * 9 + [True]
    assert not await other.installations.use("d1", START + HOUR / 2, START + HOUR)


async def test_another_key_cannot_read_it(store: DatabaseStore, url: str) -> None:
    await store.installations.keep("T1", "token", None)
    stranger = storage.open_store(url, [storage.make_key()])
    try:
        await stranger.installations.find("T1")
    except storage.Unreadable as error:
        assert "token" not in str(error)
    else:
        raise AssertionError("read with another key")
    finally:
        await stranger.aclose()

import asyncio
from datetime import timedelta

from storage import DatabaseStore
from tests.storage.factories import START

MINUTE = timedelta(minutes=1)


async def test_only_one_of_many_processes_gets_it(store: DatabaseStore, other: DatabaseStore) -> None:
    asked = [(store, other)[n % 2].leases.take("rotate", START, START + MINUTE) for n in range(10)]
    assert sum(token is not None for token in await asyncio.gather(*asked)) == 1
    assert await other.leases.take("something else", START, START + MINUTE)


async def test_it_is_free_again_when_given_back_or_run_out(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    token = await store.leases.take("rotate", START, START + MINUTE)
    assert token
    assert await store.leases.give_back("rotate", token)
    second = await other.leases.take("rotate", START, START + MINUTE)
    assert second
    assert (
        await store.leases.take("rotate", START + MINUTE - timedelta(seconds=1), START + 2 * MINUTE) is None
    )
    third = await store.leases.take("rotate", START + MINUTE, START + 2 * MINUTE)
    assert third
    assert not await other.leases.give_back("rotate", second), "what ran out is no longer mine to give back"
    assert await other.leases.take("rotate", START + MINUTE, START + 2 * MINUTE) is None


async def test_who_may_be_made_to_wait_whoever_has_it(store: DatabaseStore, other: DatabaseStore) -> None:
    token = await store.leases.take("busy", START, START + MINUTE)
    assert token
    await other.leases.take("quiet", START, START + 9 * MINUTE)
    assert await other.leases.find_end("busy") == START + MINUTE
    await other.leases.hold_until("busy", START + 5 * MINUTE)
    assert await store.leases.find_end("busy") == START + 5 * MINUTE
    assert not await store.leases.give_back("busy", token)
    assert await store.leases.take("busy", START + 4 * MINUTE, START + 6 * MINUTE) is None
    assert await store.leases.take("busy", START + 5 * MINUTE, START + 6 * MINUTE)
    assert await store.leases.find_end("nobody's") is None

"""Two workers on one database do the same many things at once: each is done by one, and nobody waits for a ring."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text

from bot.model.alliance import Side
from storage import DatabaseStore
from storage.engine.connect import open_engine
from tests.storage.factories import START, empty_closing, make_alliance, make_delivery, make_round

KEYS = [f"a{number:02d}" for number in range(40)]
IDS = [f"{key}-0" for key in KEYS]
WEEK = timedelta(weeks=1)


async def both(
    store: DatabaseStore, other: DatabaseStore, step: Callable[[DatabaseStore, str], Awaitable[object]]
) -> list[object]:
    """The step for each alliance, by one store forwards and by the other backwards, all at once."""
    steps = [
        step(side, key)
        for pair in zip(KEYS, reversed(KEYS), strict=True)
        for side, key in _sides(pair, store, other)
    ]
    return await asyncio.gather(*steps)


def _sides(
    pair: tuple[str, str], store: DatabaseStore, other: DatabaseStore
) -> list[tuple[DatabaseStore, str]]:
    return [(store, pair[0]), (other, pair[1])]


async def test_a_whole_round_of_many_alliances_is_done_once(
    url: str, store: DatabaseStore, other: DatabaseStore
) -> None:
    await store.alliances.declare([make_alliance(key) for key in KEYS])

    async def ask(one: DatabaseStore, key: str) -> bool:
        return await one.pulses.ask(make_round(0, key), [make_delivery(f"question:{key}")], START + WEEK, 0)

    async def digest(one: DatabaseStore, key: str) -> None:
        await one.digests.send(key, [make_delivery(f"digest:{key}")], START + WEEK, 0)

    asked, _ = await asyncio.gather(both(store, other, ask), both(store, other, digest))
    for key in [
        key
        for key in KEYS
        if f"{key}-0" not in {asked_round.id for asked_round in await store.rounds.list_unenrolled(START)}
    ]:
        await ask(store, key)  # while its digest was looked at, it could not be asked: so at the next tick
    assert sum(map(bool, asked)) <= len(KEYS)
    await both(store, other, lambda opened, key: opened.rounds.enrol(f"{key}-0", [(Side.SPONSOR, "p1")]))
    due = START + timedelta(hours=48)
    reminded = await both(
        store,
        other,
        lambda opened, key: opened.rounds.remind(f"{key}-0", [make_delivery(f"reminder:{key}")], due, None),
    )
    await both(store, other, lambda opened, key: opened.closings.freeze_round(f"{key}-0"))
    closed = await both(
        store,
        other,
        lambda opened, key: opened.closings.close_round(
            f"{key}-0", empty_closing(), [make_delivery(f"closed:{key}")]
        ),
    )
    assert (sum(map(bool, reminded)), sum(map(bool, closed))) == (len(KEYS), len(KEYS))
    slots = [status.id for status in await store.outbox.list_statuses(None, 1_000)]
    assert len(slots) == len(set(slots)) >= 2 * len(KEYS)
    await asyncio.gather(store.aclose(), other.aclose())
    assert _rings(url) == 0


def _rings(url: str) -> int:
    """How often PostgreSQL had to break one."""
    engine = open_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return 0
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        found = int(connection.execute(text(query)).scalar_one())
    engine.dispose()
    return found


async def test_leases_taken_in_any_order_are_each_held_by_one(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    taken = await both(store, other, lambda opened, key: opened.leases.take(key, START, START + WEEK))
    assert sum(map(bool, taken)) == len(KEYS)
    await both(store, other, lambda opened, key: opened.leases.hold_until(key, START + 2 * WEEK))
    assert {await store.leases.find_end(key) for key in KEYS} == {START + 2 * WEEK}

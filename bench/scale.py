"""Does it cost more with ten thousand alliances than with ten? PostgreSQL with many answers beside one with few.

    python -m bench.scale [ALLIANCES]        (default 1,000; the promise is about 10,000 with 10 million answers)

Both databases lie on one server and are measured in turns. Every alliance has 1,000 answers. Prints medians, their
ratio, which of the queries behind them would read a whole table, and which large tables were read whole meanwhile.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text
from tqdm import tqdm

import storage
from bench.load import machine
from bot.model.alliance import Side
from bot.use_cases.ask import ask_due_pulses
from bot.use_cases.deliver import DeliveryPolicy, look_up_unknown
from bot.use_cases.digest import newest_digest
from bot.use_cases.score import score
from storage.engine.connect import allow_writes, open_engine
from storage.engine.json_codec import ITEMS
from storage.outbox import claims
from storage.rounds.closings import select_to_close
from storage.rounds.digests import select_due_digests
from storage.rounds.pulses import select_due_pulses
from storage.rounds.rounds import select_to_remind, select_unenrolled
from tests.databases import fresh
from tests.storage.factories import ITEMS as ASKED
from tests.storage.factories import START, make_alliance

SECRET = b"s" * 40
ROUNDS, PEOPLE, QUESTIONS = 17, 20, 3
"""Of every alliance: 17 × 20 × 3 answers."""
LATER = START + timedelta(weeks=ROUNDS)
TIMES = 200
CHUNK = 500

FILL = (
    """INSERT INTO round (id, alliance, pulse, slot, number, asked, opens_at, closes_at, minimum, holiday, state)
    SELECT a.key || '-' || n, a.key, 'weekly', DATE '2026-01-06' + 7 * n, n, :asked,
    :start + n * INTERVAL '7 days', :start + n * INTERVAL '7 days' + INTERVAL '72 hours', 5, false, 'closed'
    FROM alliance a, generate_series(0, :rounds - 1) n""",
    """INSERT INTO answer (round, person, item, side, value, at, spent)
    SELECT r.id, md5(r.alliance || p), 'item' || i || '@1', CASE WHEN p % 2 = 0 THEN 'sponsor' ELSE 'cro' END,
    1 + (p + i + r.number) % 5, r.opens_at, true
    FROM round r, generate_series(1, :people) p, generate_series(1, :questions) i""",
    """INSERT INTO released (alliance, number, side, dimension, slot, value, band)
    SELECT r.alliance, r.number, s, d, r.slot, 3.9, 10 FROM round r,
    unnest(ARRAY['', 'sponsor', 'cro']) s, unnest(ARRAY['alignment', 'vision', 'roles', 'trust']) d""",
    "INSERT INTO missed (alliance, pulse, slot) SELECT key, 'weekly', DATE '2025-12-30' FROM alliance",
    """INSERT INTO delivery (id, slot, alliance, platform, direct, place_key, state, attempts, looks, reason, message)
    SELECT r.id, 'question:' || r.id, r.alliance, 'slack', false, r.alliance, 'sent', 1, 0, '', r.id FROM round r""",
)


async def filled(url: str, key: str, alliances: int) -> storage.DatabaseStore:
    store = storage.open_store(url, [key], SECRET)
    for first in tqdm(range(0, alliances, CHUNK), desc=f"{alliances} alliances", leave=False):
        await store.alliances.declare(
            [make_alliance(f"a{n}") for n in range(first, min(first + CHUNK, alliances))], START
        )
    given = {
        "asked": ITEMS.write(ASKED),
        "start": START,
        "rounds": ROUNDS,
        "people": PEOPLE,
        "questions": QUESTIONS,
    }
    engine = allow_writes(open_engine(url))
    with engine.begin() as connection:
        for statement in tqdm(FILL, desc="rows", leave=False):
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
        connection.execute(text("UPDATE pulse SET look_at = :at"), {"at": LATER})
        connection.execute(text("UPDATE alliance SET digest_at = :at"), {"at": LATER})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return store


def steps(store: storage.DatabaseStore) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return the steps to measure, by name: those of one alliance, and those of the whole clock."""

    async def tick() -> None:
        await ask_due_pulses(store.pulses, LATER - timedelta(hours=1), timedelta(hours=2))
        for due in (
            store.rounds.list_unenrolled,
            store.rounds.list_to_remind,
            store.closings.list_to_close,
            store.digests.list_due,
        ):
            await due(LATER - timedelta(hours=1))
        await store.claims.take_due(LATER, LATER + timedelta(minutes=1), 20)
        await look_up_unknown(store, {}, lambda: LATER, DeliveryPolicy())

    async def score_looked_up() -> None:
        known = await store.alliances.find_by_key("a7")
        assert known
        await score(store, known, Side.SPONSOR)

    async def digest() -> None:
        known = await store.alliances.find_by_key("a7")
        assert known
        await newest_digest(store, known, Side.SPONSOR, LATER)

    async def record() -> None:
        await store.closings.load_record(f"a7-{ROUNDS - 1}", frozenset())

    return {"tick": tick, "score": score_looked_up, "digest": digest, "closing's record": record}


async def measure(stores: dict[str, storage.DatabaseStore]) -> dict[str, dict[str, float]]:
    """Median seconds of each step on each database, in turns."""
    made = {name: steps(store) for name, store in stores.items()}
    took: dict[str, dict[str, list[float]]] = {}
    for _ in range(TIMES):
        for name, them in made.items():
            for step, work in them.items():
                began = time.perf_counter()
                await work()
                took.setdefault(step, {}).setdefault(name, []).append(time.perf_counter() - began)
    return {step: {name: statistics.median(t) for name, t in of.items()} for step, of in took.items()}


def scans(url: str) -> list[str]:
    """Queries that would read a whole table."""
    queries = {
        "pulses due": select_due_pulses(START),
        "digests due": select_due_digests(START),
        "to close": select_to_close(START),
        "to remind": select_to_remind(START),
        "to enrol": select_unenrolled(START),
        "to claim": claims.build_claim_query().params(now=START, limit=20, busy=["T0HANGS"]),
    }
    engine = open_engine(url)
    with engine.connect() as connection:
        found = [name for name, query in queries.items() if "Seq Scan" in _plan(connection, query)]
    engine.dispose()
    return found


def read_whole(url: str) -> dict[str, int]:
    """How often each table of more than a thousand rows was read from end to end, as the server counted."""
    query = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE n_live_tup > 1000"
    engine = open_engine(url)
    with engine.connect() as connection:
        found = {row.relname: row.seq_scan for row in connection.execute(text(query))}
    engine.dispose()
    return found


def _plan(connection: Connection, query: object) -> str:
    written = query.compile(connection, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    return "\n".join(str(row[0]) for row in connection.execute(text(f"EXPLAIN {written}")))


async def run(alliances: int) -> None:
    few, key = 10, storage.make_key()
    with fresh("postgres", Path()) as one, fresh("postgres", Path()) as other:
        stores = {"few": await filled(one, key, few), "many": await filled(other, key, alliances)}
        answers = alliances * ROUNDS * PEOPLE * QUESTIONS
        print(f"{machine()}\n{alliances:,} alliances, {answers:,} answers beside {few}, on PostgreSQL:")
        before = read_whole(other)
        measured = await measure(stores)
        await asyncio.sleep(2)  # the server counts once a second
        whole = [
            f"{name} ({count - before[name]})"
            for name, count in read_whole(other).items()
            if count > before[name]
        ]
        for step, medians in measured.items():
            few_ms, many_ms = medians["few"] * 1000, medians["many"] * 1000
            print(f"  {step:16} {many_ms:6.1f} ms beside {few_ms:6.1f} ms: {many_ms / few_ms:.2f} times")
        print("  whole tables would be read by:", ", ".join(scans(other)) or "none")
        print("  whole tables were read:", ", ".join(whole) or "none")
        for store in stores.values():
            await store.aclose()


def main() -> None:
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))


if __name__ == "__main__":
    main()

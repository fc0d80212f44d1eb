"""Whoever has the database and can read the channel cannot tell whose a message, a tap or a comment is."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

import storage
from bot.model.alliance import Channel, Side
from bot.model.commands import GivenComment, GivenReading
from storage import DatabaseStore, open_engine
from storage.tables import answers, comments, metadata, readings, rounds
from tests.databases import fresh
from tests.golden.data import expected, opened
from tests.storage.factories import ANNA, START, ask_round, empty_closing, make_alliance, make_answer
from tests.storage.filled_store import DAY, SECRET, fill_alliance, make_entry, pseudonym_of

CHANNEL = make_alliance().channels[0]
TAPPED = START + timedelta(hours=1, minutes=23, microseconds=123_456)
MESSAGES = [(f"1767{n:06d}.{n * 7:06d}", TAPPED + timedelta(minutes=n)) for n in range(40)]
"""What the insider sees in the channel: ids and times, in order."""


async def talk(store: DatabaseStore) -> None:
    """Forty messages, and a tap and two comments of the same times; the round closes, and two days go by."""
    await ask_round(store)
    for n, (message, at) in enumerate(MESSAGES):
        given = GivenReading("north", CHANNEL, message, f"reader-{n % 5}", Side.CRO, 0.3, at)
        await store.readings.save_reading(given)
    await store.answers.save_answer(make_answer("p1", 4, at=TAPPED), START)
    for n, words in enumerate(("one", "another")):
        at = TAPPED + timedelta(minutes=n)
        await store.comments.save_comment(
            GivenComment("north-0", "p1", Side.CRO, words, False, at), START + DAY
        )
    await store.closings.close_round("north-0", empty_closing(), [])
    assert await store.retention.forget_times(START + 30 * DAY) == 1


def count_later(places: list[int]) -> int:
    """Return how many of 39 neighbours are in order of time: 39, or 0, if order tells it; else 8 to 31 (99.99 %)."""
    return sum(second > first for first, second in pairwise(places))


def dump(url: str) -> list[dict[str, Any]]:
    """Every row of every table, as somebody with the database reads it."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = [
            dict(row)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
        ]
    engine.dispose()
    return found


def read(url: str, table: Any, *columns: str) -> list[Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)))]
    engine.dispose()
    return found


async def test_no_message_of_the_channel_is_found_in_the_database(store: DatabaseStore, url: str) -> None:
    await talk(store)
    plain = "\n".join(map(str, dump(url)))
    assert not [message for message, _ in MESSAGES if message in plain]
    assert len(read(url, readings, "message")) == len(MESSAGES)


async def test_no_time_tells_whose_message_tap_or_comment_it_is(store: DatabaseStore, url: str) -> None:
    """Every time beside a pseudonym fits all that happened that day."""
    await talk(store)
    for table in (readings, answers, comments):
        for (at,) in read(url, table, "at"):
            assert at.replace(microsecond=0) == TAPPED.replace(hour=0, minute=0, second=0, microsecond=0)
    assert all(at.microsecond < 10 for (at,) in read(url, comments, "at"))
    exact = {at for _, at in MESSAGES}
    assert not [
        row for row in dump(url) for value in row.values() if isinstance(value, datetime) and value in exact
    ]


async def test_the_version_of_a_message_tells_neither_time_nor_order(store: DatabaseStore, url: str) -> None:
    """In order of versions, neighbours are as often later as earlier messages."""
    await talk(store)
    keys = await store._place_keys.load()
    order = [keys.hash_message(CHANNEL, message) for message, _ in MESSAGES]
    by_version = [
        order.index(message)
        for message, _ in sorted(read(url, readings, "message", "version"), key=lambda row: row[1])
    ]
    assert 8 <= count_later(by_version) <= 31


async def test_rows_lie_in_no_order_of_time_in_the_file(tmp_path: Path, key: str) -> None:
    """From the next day on: their places in the file are as often before as behind those of the message before."""
    with fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [key], SECRET)
        await talk(store)
        await store.retention.forget_times(START + DAY)
        keys = await store._place_keys.load()
        await store.aclose()
        order = [keys.hash_message(CHANNEL, message) for message, _ in MESSAGES]
        file = b"".join(part.read_bytes() for part in tmp_path.glob("fresh-*"))
        places = [file.find(message.encode()) for message in order]
        assert -1 not in places and 8 <= count_later(places) <= 31


async def test_rows_come_in_no_order_of_time_from_postgresql(tmp_path: Path, key: str) -> None:
    """As a dump would write them: in the order of their places, and of the transactions that wrote them."""
    with fresh("postgres", tmp_path) as url:
        store = storage.open_store(url, [key], SECRET)
        await talk(store)
        await store.retention.forget_times(START + DAY)
        keys = await store._place_keys.load()
        await store.aclose()
        order = [keys.hash_message(CHANNEL, message) for message, _ in MESSAGES]
        engine = open_engine(url)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT message, xmin::text FROM reading")).all()
        engine.dispose()
        assert len({row.xmin for row in rows}) == 1
        assert 8 <= count_later([order.index(row.message) for row in rows]) <= 31


async def test_of_what_is_erased_no_byte_is_left_in_the_file(tmp_path: Path, key: str) -> None:
    with fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [key], SECRET)
        await fill_alliance(store)
        mine = [pseudonym_of(ANNA).encode(), pseudonym_of(ANNA, "reading").encode()]
        await store.subject_data.erase_member(ANNA, ["north"], make_entry())
        engine = open_engine(url)
        with engine.connect() as connection:  # what is remembered, so that a restore erases it again
            kept = {row.person for row in connection.execute(text("SELECT person FROM erased"))}
        engine.dispose()
        assert {pseudonym.decode() for pseudonym in mine} <= kept
        await store.aclose()
        (file,) = tmp_path.glob("fresh-*.sqlite")
        assert [file.read_bytes().count(pseudonym) for pseudonym in mine] == [
            2,
            2,
        ]  # the row of `erased`, and its index


@pytest.mark.parametrize("form", ["sqlite", "postgres"])
async def test_ids_that_an_older_version_stored_are_hashed_at_the_next_start(
    form: Any, tmp_path: Path
) -> None:
    with opened(form, tmp_path) as url:
        secrets = expected()["secrets"]
        store = storage.open_store(url, [secrets["encryption_key"]], secrets["secret"].encode())
        old = {row[0] for row in read(url, readings, "message")}
        assert all(message.startswith("[") for message in old) and len(old) > 20
        assert await store.readings.hash_old() == len(old)
        assert await store.readings.hash_old() == 0
        channel = Channel("slack", "T0MERIDIAN", "C0SHARED")
        keys = await store._place_keys.load()
        now = dict(read(url, readings, "message", "deleted"))
        assert len(now) == len(old) and not any(message.startswith("[") for message in now)
        written = keys.hash_message(channel, "1767682800.000005")
        assert now[written] is False
        # a deletion finds it, and a late original of before does not bring it back
        await store.readings.delete_reading(channel, "1767682800.000005", START + 300 * DAY)
        assert dict(read(url, readings, "message", "deleted"))[written] is True
        assert {at.time().isoformat() for (at,) in read(url, readings, "at")} == {"00:00:00"}
        closed = {row[0] for row in read(url, rounds, "id", "coarse") if row[1]}
        given = [at for of, at in read(url, answers, "round", "at") if of in closed]
        assert len(given) > 100 and {at.time().isoformat() for at in given} == {"00:00:00"}
        await store.aclose()
        if form == "sqlite":
            assert b"1767682800.000005" not in (tmp_path / "golden.sqlite").read_bytes()


async def test_an_answer_after_a_departure_cancels_it_though_only_its_day_is_kept(
    store: DatabaseStore, url: str
) -> None:
    await fill_alliance(store)  # answers at START + 1 h
    await store.departures.record_departure("slack", "T-M-north", START + timedelta(minutes=30))
    assert await store.retention.forget_times(START + 30 * DAY) == 1
    assert await store.departures.cancel_answered() == 1
    await store.departures.record_departure("slack", "T-M-north", START + timedelta(hours=2))
    assert await store.departures.cancel_answered() == 0


async def test_times_are_kept_while_a_later_tap_may_come(store: DatabaseStore, url: str) -> None:
    await ask_round(store)
    await store.answers.save_answer(make_answer("p1", 4, at=TAPPED), START)
    assert await store.retention.forget_times(START + 30 * DAY) == 0
    assert read(url, answers, "at") == [(TAPPED,)]

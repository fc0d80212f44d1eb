import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from threading import Event

import pytest
from sqlalchemy import Connection, select

from bot.model.alliance import Side
from bot.model.closing import (
    CommentBlock,
    KeptComment,
)
from bot.model.commands import GivenComment, GivenReading
from bot.model.wish import Wish
from storage import DatabaseStore, make_key, open_store
from storage.rounds.answers import save_answers
from storage.rounds.comments import Comments
from storage.tables import readings
from tests.databases import fresh
from tests.storage.factories import (
    START,
    ask_round,
    empty_closing,
    make_alliance,
    make_answer,
    make_delivery,
    make_round,
)

LATER = START + timedelta(hours=1)
OVER = START + timedelta(hours=72)


async def test_a_slot_and_an_index_are_asked_once(store: DatabaseStore, other: DatabaseStore) -> None:
    asked = await ask_round(store)
    assert await store.rounds.find_round(asked.id) == asked
    assert not await other.pulses.ask(asked, [make_delivery("twice")], LATER, 0)
    assert not await other.pulses.ask(make_round(5, slot=asked.slot), [make_delivery("slot")], LATER, 0)
    assert not await other.pulses.ask(
        make_round(0, id="x", slot=date(2026, 3, 3)), [make_delivery("index")], LATER, 0
    )
    assert await store.outbox.list_statuses(None, 10) == ()
    assert await store.rounds.list_open("north", LATER) == (asked,)
    assert await store.rounds.list_open("north", OVER) == ()


async def test_moments_come_back_aware_and_in_utc(store: DatabaseStore) -> None:
    there = timezone(timedelta(hours=-9, minutes=-30))
    asked = await ask_round(store, opens_at=datetime(2026, 1, 5, 22, 30, 0, 123456, tzinfo=there))
    kept = await store.rounds.find_round(asked.id)
    assert kept is not None and kept.opens_at.tzinfo is UTC
    assert kept.opens_at == asked.opens_at
    with pytest.raises(ValueError, match="time zone"):
        await store.pulses.ask(make_round(1, opens_at=datetime(2026, 1, 6, 9)), [], LATER, 0)


async def test_the_last_answer_by_platform_time_counts(store: DatabaseStore) -> None:
    await ask_round(store)
    taps = ((4, 10, "saved"), (2, 20, "saved"), (5, 15, "older"), (1, 20, "older"), (2, 20, "saved"))
    for value, minutes, kept in taps:
        assert await store.answers.save_answer(make_answer(value=value, minutes=minutes), LATER) == kept
    assert await store.answers.list_own("north-0", "p1") == {"vision@1": 2}
    assert await store.answers.save_answer(make_answer(value=None, minutes=30), LATER) == "saved"
    assert await store.answers.list_own("north-0", "p1") == {"vision@1": None}
    assert await store.answers.list_respondents("north-0") == {"p1"}


async def test_answers_in_any_order_end_the_same(store: DatabaseStore, other: DatabaseStore) -> None:
    await ask_round(store)
    chance = Random(7)
    given = [make_answer(f"p{n % 9}", n % 5 + 1, minutes=n) for n in range(200)]
    chance.shuffle(given)
    kept = await asyncio.gather(
        *(chance.choice((store, other)).answers.save_answer(own_answer, LATER) for own_answer in given)
    )
    assert set(kept) <= {"saved", "older"}
    newest = {max(n for n in range(200) if n % 9 == person) for person in range(9)}
    times = {START + timedelta(minutes=n) for n in newest}
    assert {kept[n] for n, tapped in enumerate(given) if tapped.at in times} == {"saved"}
    for person in range(9):
        last = max(n for n in range(200) if n % 9 == person)
        assert await store.answers.list_own("north-0", f"p{person}") == {"vision@1": last % 5 + 1}


async def test_nothing_is_frozen_while_answers_are_being_saved(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    await ask_round(store)
    written, commit = Event(), Event()

    def save(connection: Connection) -> None:
        save_answers(connection, [(make_answer("last"), LATER)])
        written.set()
        assert commit.wait(5)

    saving = asyncio.create_task(store.writer.run(save))
    await asyncio.to_thread(written.wait, 5)
    freezing = asyncio.create_task(other.closings.freeze_round("north-0"))
    await asyncio.sleep(0.1)
    assert not freezing.done() or not freezing.result()  # SQLite waits, PostgreSQL looks again later
    commit.set()
    await asyncio.gather(saving, freezing)
    assert await other.closings.freeze_round("north-0")
    record = await other.closings.load_record("north-0", frozenset())
    assert [own_answer.person for own_answer in record.answers] == ["last"]


async def test_answers_to_what_was_not_asked_are_unknown(store: DatabaseStore) -> None:
    await ask_round(store)
    assert await store.answers.save_answer(make_answer(round_id="else"), LATER) == "unknown"
    assert await store.answers.save_answer(make_answer(item="roles@1"), LATER) == "unknown"
    assert await store.answers.save_answer(make_answer(item="words@1"), LATER) == "unknown"
    assert await store.answers.save_answer(make_answer(item="roles@2"), LATER) == "saved"


async def test_no_answer_after_the_end_or_once_frozen(store: DatabaseStore) -> None:
    await ask_round(store)
    assert await store.answers.save_answer(make_answer(), OVER - timedelta(microseconds=1)) == "saved"
    assert await store.answers.save_answer(make_answer(value=1, minutes=9), OVER) == "closed"
    await store.closings.freeze_round("north-0")
    assert await store.answers.save_answer(make_answer(value=1, minutes=9), LATER) == "closed"
    comment = GivenComment("north-0", "p1", Side.CRO, "late", False, LATER)
    assert await store.comments.save_comment(comment, LATER) == "closed"
    assert await store.answers.list_own("north-0", "p1") == {"vision@1": 4}
    assert await store.rounds.list_open("north", LATER) == ()
    assert [asked_round.id for asked_round in await store.closings.list_to_close(OVER)] == ["north-0"]


async def test_the_roster_is_taken_once(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    assert await store.rounds.list_unenrolled(LATER) == (asked,)
    assert await store.rounds.list_unenrolled(OVER) == ()
    await store.rounds.enrol(asked.id, [(Side.CRO, "p1"), (Side.CRO, "p2"), (Side.SPONSOR, "p3")])
    await store.rounds.enrol(asked.id, [(Side.CRO, "p9")])
    assert await store.rounds.list_unenrolled(LATER) == ()
    await store.answers.save_answer(make_answer("p3"), LATER)
    await store.answers.save_answer(make_answer("p3", item="roles@2"), LATER)
    turnout = await store.rounds.count_turnout(asked.id)
    assert turnout.invited == {Side.SPONSOR: 1, Side.CRO: 2}
    assert turnout.answered == {Side.SPONSOR: 1, Side.CRO: 0}


async def test_a_round_is_reminded_once(store: DatabaseStore, other: DatabaseStore) -> None:
    asked = await ask_round(store)
    assert await store.rounds.list_to_remind(START + timedelta(hours=47)) == ()
    assert await store.rounds.list_to_remind(START + timedelta(hours=48)) == (asked,)
    due = START + timedelta(hours=48)
    assert await store.rounds.remind(asked.id, [make_delivery("r1")], due, None)
    assert not await other.rounds.remind(asked.id, [make_delivery("r2")], due, None)
    assert await store.rounds.list_to_remind(due) == ()
    assert [status.key for status in await store.outbox.list_statuses(None, 10)] == ["r1"]


async def test_a_round_is_due_for_reminders_when_somebody_waits_or_wishes(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    asked = await ask_round(store)
    due, hour = START + timedelta(hours=48), timedelta(hours=1)
    await other.wishes.save_wish(asked.alliance, "p1", Side.CRO, Wish("again", due + 3 * hour, asked.id), due)
    assert await store.rounds.remind(asked.id, [make_delivery("r1")], due, due + 6 * hour) == 1
    assert await store.rounds.list_to_remind(due + 2 * hour) == ()
    assert await store.rounds.list_to_remind(due + 3 * hour) == (asked,)
    assert await other.rounds.remind(asked.id, [make_delivery("r2")], due + 2 * hour, None) == 0  # not due
    assert await other.rounds.remind(asked.id, [make_delivery("r1")], due + 3 * hour, None) == 0  # not new
    assert await store.rounds.list_to_remind(due + 12 * hour) == ()
    await store.wishes.save_wish(asked.alliance, "p2", Side.CRO, Wish("again", due + 4 * hour, asked.id), due)
    assert await other.rounds.list_to_remind(due + 4 * hour) == (asked,)


async def test_the_same_words_sent_to_two_processes_at_once_are_stored_once(tmp_path: Path) -> None:
    """On SQLite there is one writer at a time; on PostgreSQL neither sees what the other has not committed."""
    key = make_key()
    with fresh("postgres", tmp_path) as url:
        first, second = open_store(url, [key]), open_store(url, [key])
        await ask_round(first)
        given = GivenComment("north-0", "p1", Side.CRO, "we need to talk", False, LATER)
        again = replace(given, at=LATER + timedelta(seconds=1))
        saved, commit = Event(), Event()

        def save_and_wait(connection: Connection) -> None:
            Comments.save_comment.__wrapped__(first.comments, connection, given, LATER)
            saved.set()
            assert commit.wait(5)

        holding = asyncio.create_task(first.writer.run(save_and_wait))
        await asyncio.to_thread(saved.wait, 5)
        pressing = asyncio.create_task(second.comments.save_comment(again, LATER))
        await asyncio.sleep(0.2)
        commit.set()
        await holding
        assert await pressing == "saved"
        assert len((await first.closings.load_record("north-0", frozenset())).comments) == 1
        await first.aclose()
        await second.aclose()


async def test_comments_wait_for_a_block_and_are_read_with_all_of_it(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    words = [GivenComment("north-0", f"p{n}", Side.CRO, f"word {n}", n == 1, LATER) for n in range(8)]
    for given in [*words, *words]:
        assert await store.comments.save_comment(given, LATER) == "saved"
    await store.comments.save_comment(
        GivenComment("north-0", "p9", Side.SPONSOR, "theirs", False, LATER), LATER
    )
    waiting = (await store.closings.load_record("north-0", frozenset())).comments
    assert {(comment.side, comment.person, comment.round) for comment in waiting} == {
        *((Side.CRO, f"p{n}", 0) for n in range(8)),
        (Side.SPONSOR, "p9", 0),
    }
    block = CommentBlock(
        Side.CRO, 0, asked.slot, tuple(comment.id for comment in waiting if comment.side is Side.CRO)
    )
    assert await store.comments.list_newest_blocks("north") == ()
    assert await store.closings.close_round("north-0", empty_closing(comments=(block,)), [])
    (kept,) = await store.comments.list_newest_blocks("north")
    assert (kept.side, kept.round, kept.slot) == (Side.CRO, 0, asked.slot)
    assert sorted(kept.comments, key=lambda comment: comment.text) == [
        KeptComment(f"word {n}", n == 1) for n in range(8)
    ]
    assert [
        comment.person for comment in (await store.closings.load_record("north-0", frozenset())).comments
    ] == ["p9"]
    assert (
        await store.comments.save_comment(words[0].__class__("x", "p", Side.CRO, "?", False, LATER), LATER)
        == "unknown"
    )


HERE = make_alliance().channels[0]


def reading(message: str, polarity: float | None, minutes: int) -> GivenReading:
    at = START + timedelta(minutes=minutes)
    return GivenReading("north", HERE, message, "r1", Side.CRO, polarity, at)


async def test_readings_follow_edits_and_deletions_in_any_order(store: DatabaseStore) -> None:
    await ask_round(store)
    for given in (reading("edited", 0.5, 1), reading("edited", None, 3), reading("edited", 0.1, 2)):
        await store.readings.save_reading(given)
    await store.readings.save_reading(reading("deleted", 0.9, 1))
    await store.readings.delete_reading(HERE, "deleted", START + timedelta(minutes=2))
    await store.readings.save_reading(reading("deleted", 0.9, 5))
    await store.readings.delete_reading(HERE, "early", START)
    await store.readings.save_reading(reading("early", 0.9, 5))
    await store.readings.save_reading(reading("kept", -0.25, 4))
    record = await store.closings.load_record("north-0", frozenset())
    found = [(mood.polarity, mood.person, mood.side) for mood in record.readings]
    assert sorted(found, key=str) == [(-0.25, "r1", Side.CRO), (None, "r1", Side.CRO)]
    left = select(readings.c.person, readings.c.polarity).where(readings.c.deleted)
    rows = await store._reader.run(lambda connection: connection.execute(left).all())
    assert [tuple(row) for row in rows] == [(None, None)] * 2


async def test_a_reading_is_erased_though_its_channel_is_no_longer_an_alliances(store: DatabaseStore) -> None:
    await ask_round(store)
    await store.readings.save_reading(reading("kept", 0.5, 1))
    await store.alliances.declare([make_alliance(channels=())])
    await store.readings.delete_reading(HERE, "kept", LATER)
    assert (await store.closings.load_record("north-0", frozenset())).readings == ()

"""Closing a round: what judging reads, and that it is written once and whole."""

from datetime import timedelta

import pytest

from bot.alarms.state import State, pack_memory, unpack_memory
from bot.model.alliance import Answer, Side
from bot.model.closing import (
    Alarm,
    Asked,
    Cell,
    Invitation,
    Memory,
    MoodLine,
    Release,
)
from storage import DatabaseStore
from tests.storage.factories import (
    ITEMS,
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


async def test_the_record_holds_what_closing_needs(store: DatabaseStore) -> None:
    await ask_round(store)
    await store.rounds.enrol("north-0", [(Side.CRO, "p2")])
    await store.answers.save_answer(make_answer("p1", 4), LATER)
    await store.answers.save_answer(make_answer("p2", None, side=Side.CRO), LATER)
    await store.answers.save_answer(make_answer("p3", 1, side=None, home=("slack", "T9")), LATER)
    first = empty_closing(
        releases=(
            Release(Cell(None, "vision"), 0, START.date(), 61.25, 5),
            Release(Cell(Side.CRO, "vision"), 0, START.date(), 1 / 3, 10, (40, 30, 55), False),
        ),
        spent=frozenset({("p1", 0, "vision@1")}),
        memory=Memory({"level": [0.1, 2.5], "n": 3}),
    )
    assert await store.closings.close_round("north-0", first, [])
    await ask_round(store, 1)
    await store.closings.freeze_round("north-1")
    record = await store.closings.load_record("north-1", frozenset({"lead"}))
    assert record.asked == (
        Asked(0, ITEMS, START.date()),
        Asked(1, ITEMS, START.date() + timedelta(weeks=1)),
    )
    assert record.answers == (Answer(Side.SPONSOR, "p1", 0, "vision@1", 4),)
    assert record.responded == {("p1", 0), ("p2", 0)}
    assert record.spent == first.spent
    assert record.roster == (Invitation(Side.CRO, "p2", 0),)
    assert record.leads == {"lead"}
    assert set(record.released) == set(first.releases)
    assert record.memory == first.memory
    assert not record.pooled


async def test_the_record_goes_back_thirty_rounds_and_leaves_open_ones_out(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    for index in range(33):
        await store.pulses.ask(make_round(index), [], START, 0)
        if index != 20:
            await store.closings.close_round(f"north-{index}", empty_closing(), [])
    record = await store.closings.load_record("north-32", frozenset())
    assert [asked_round.index for asked_round in record.asked] == [n for n in range(2, 33) if n != 20]
    with pytest.raises(LookupError):
        await store.closings.load_record("north-99", frozenset())


async def test_what_is_accepted_while_a_round_is_judged_is_not_lost(store: DatabaseStore) -> None:
    low = pack_memory(State(episodes={"cro": "cro", "level": "level"}))
    await ask_round(store)
    await store.closings.close_round("north-0", empty_closing(memory=low), [])
    await store.alarms.accept_new_normal("north", [Alarm("cro", "alert", 0, 0, -1.0)])
    await ask_round(store, 1)
    judged = await store.closings.load_record("north-1", frozenset())
    assert unpack_memory(judged.memory).episodes == {"level": "level"}
    await store.alarms.accept_new_normal("north", [Alarm("level", "alert", 0, 0, -1.0)])
    await store.closings.close_round("north-1", empty_closing(memory=judged.memory), [])
    await ask_round(store, 2)
    kept = unpack_memory((await store.closings.load_record("north-2", frozenset())).memory)
    assert kept.episodes == {} and kept.normal == {"cro": (0, -1.0), "level": (0, -1.0)}


async def test_how_many_answered_stays_as_it_was_at_closing(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    await store.answers.save_answer(make_answer("p1", 4), LATER)
    await store.closings.close_round(asked.id, empty_closing(), [])
    stranger = ("slack", "T9")
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 1, Side.CRO: 0}
    await ask_round(store, 1)
    await store.answers.save_answer(
        make_answer("p2", 4, round_id="north-1", side=None, home=stranger), LATER + timedelta(weeks=1)
    )
    await store.closings.close_round("north-1", empty_closing(), [])
    assert await store.companies.claim("north", Side.CRO, stranger, ())
    assert (await store.rounds.count_turnout("north-1")).answered == {Side.SPONSOR: 0, Side.CRO: 0}


async def test_closing_happens_once_and_all_of_it(store: DatabaseStore, other: DatabaseStore) -> None:
    asked = await ask_round(store)
    alarm = Alarm("gap", "alert", 0, 0, -0.5, ("vision",), reminder=True)
    mood = (MoodLine(Side.CRO, "tenser", 4, 9, 0.5), MoodLine(Side.SPONSOR, None, 0, 0, 0.0))
    closing = empty_closing(alarms=(alarm,), mood=mood)
    assert await store.rounds.find_last_closed("north") is None
    assert await store.closings.list_mood("north") == ()
    assert await store.closings.close_round(asked.id, closing, [make_delivery("alert")])
    assert not await other.closings.close_round(asked.id, closing, [make_delivery("again")])
    assert [status.key for status in await store.outbox.list_statuses(None, 10)] == ["alert"]
    assert await store.closings.list_to_close(OVER) == ()
    assert await store.rounds.find_last_closed("north") == asked
    assert await store.closings.list_mood("north") == mood
    (raised,) = await store.alarms.list_raised("north")
    assert (raised.alarm, raised.slot, raised.acknowledged) == (alarm, asked.slot, frozenset())
    assert await store.alarms.acknowledge(raised.id, Side.CRO)
    assert not await store.alarms.acknowledge(raised.id, Side.CRO)
    assert not await store.alarms.acknowledge("nobody", Side.CRO)
    assert (await store.alarms.list_raised("north"))[0].acknowledged == {Side.CRO}


async def test_a_closing_that_cannot_be_written_leaves_nothing(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    spent = frozenset({("p1", 7, "vision@1")})
    with pytest.raises(KeyError):
        await store.closings.close_round(
            asked.id, empty_closing(spent=spent, alarms=(Alarm("gap", "alert", 0, 0, 1.0),)), []
        )
    assert await store.alarms.list_raised("north") == ()
    assert [asked_round.id for asked_round in await store.closings.list_to_close(OVER)] == [asked.id]

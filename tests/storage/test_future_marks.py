"""A clock that was ahead left marks in the future: once it is right, each is taken back, and nothing else is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

import storage
from bot.model.alliance import Round
from bot.model.delivery import Again, DeliveryState, OutcomeUnknown
from storage.engine.connect import open_engine
from storage.tables import alliances, turns
from tests.storage.factories import (
    START,
    ask_round,
    claim_due,
    find_revision,
    make_alliance,
    make_delivery,
    make_round,
)
from tests.storage.filled_store import DAY

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEKS = timedelta(weeks=1)
NOW = START + HOUR


async def due(store: storage.DatabaseStore, at: datetime) -> list[object]:
    return [due_pulse.last_slot for due_pulse in await store.pulses.list_due(at)]


async def ask_early(store: storage.DatabaseStore, index: int) -> Round:
    """As a clock would that is ahead by so many weeks."""
    early = make_round(index)
    assert await store.pulses.ask(early, [], early.opens_at + WEEKS, await find_revision(store))
    return early


@pytest.mark.parametrize("weeks", [1, 4, 57, 500])
async def test_a_slot_asked_in_the_future_silences_nothing(store: storage.DatabaseStore, weeks: int) -> None:
    await ask_round(store)
    early = await ask_early(store, weeks)
    assert await due(store, NOW + 3 * DAY) == []  # silent until then …
    done = await store.future_marks.heal(NOW, was_wrong=False)
    assert done["rounds"] == 1 and done["pulses"] == 1
    assert await due(store, NOW) == [START.date()]  # … and due at once
    now_open = await store.rounds.find_round(early.id)
    assert now_open and (now_open.opens_at, now_open.closes_at) == (NOW, NOW + 72 * HOUR)
    assert [asked_round.id for asked_round in await store.closings.list_to_close(NOW + 73 * HOUR)] == [
        "north-0",
        early.id,
    ]
    assert await store.future_marks.heal(NOW, was_wrong=False) == {}


async def test_a_slot_missed_in_the_future_was_not(store: storage.DatabaseStore) -> None:
    await ask_round(store)
    seen = await find_revision(store)
    for weeks in (1, 2, 3):
        day = (START + weeks * WEEKS).date()
        await store.pulses.reschedule("north", "weekly", START + 4 * WEEKS, seen, missed_slot=day)
    await store.pulses.reschedule("north", "weekly", NOW, seen)
    assert await due(store, NOW) == [START.date()]  # what lies ahead is not yet done
    await store.pulses.reschedule("north", "weekly", START + 4 * WEEKS, seen)
    assert await store.future_marks.heal(NOW, was_wrong=False) == {"missed": 3, "pulses": 1}
    assert await store.pulses.list_missed("north") == ()
    assert await due(store, NOW) == [START.date()]


@pytest.mark.parametrize("ahead", [30 * DAY, 400 * DAY])
async def test_looks_come_back(store: storage.DatabaseStore, url: str, ahead: timedelta) -> None:
    await ask_round(store)
    seen = await find_revision(store)
    await store.pulses.reschedule("north", "weekly", NOW + ahead, seen)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(update(alliances).values(digest_at=NOW + ahead))
    engine.dispose()
    assert await store.future_marks.heal(NOW, was_wrong=True) == {"pulses": 1, "digests": 1}
    assert await due(store, NOW) == [START.date()]
    assert len(await store.digests.list_due(NOW)) == 1


async def test_what_is_in_order_stays(store: storage.DatabaseStore) -> None:
    await ask_round(store)
    seen = await find_revision(store)
    await store.pulses.reschedule("north", "weekly", NOW + 56 * DAY, seen, missed_slot=START.date())
    for due_digest in await store.digests.list_due(NOW):
        await store.digests.send("north", [], NOW + 7 * DAY, due_digest.revision)
    await store.outbox.enqueue([make_delivery("a"), make_delivery("b")])
    assert await store.leases.take("retention", NOW, NOW + 23 * HOUR)
    for claimed in await store.claims.take_due(NOW, NOW + 10 * MINUTE, 1):
        await store.claims.settle(claimed.id, claimed.token, Again(NOW + HOUR), NOW)
    assert await store.future_marks.heal(NOW, was_wrong=False) == {}
    assert await store.pulses.list_missed("north") == (START.date(),)


async def test_leases_and_turns_of_the_future_are_let_go(store: storage.DatabaseStore, url: str) -> None:
    assert await store.leases.take("retention", NOW + 400 * DAY, NOW + 401 * DAY)
    assert await store.leases.take("retention", NOW, NOW + HOUR) is None
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(turns.insert().values(name="x", booked=(NOW + 30 * DAY).timestamp(), invited=0.0))
    engine.dispose()
    assert await store.future_marks.heal(NOW, was_wrong=True) == {"leases": 1, "turns": 1}
    assert await store.leases.take("retention", NOW, NOW + HOUR)


async def test_a_delivery_that_waits_for_a_time_far_ahead_goes_out(store: storage.DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    await store.outbox.enqueue([make_delivery("a")])
    (one,) = await claim_due(store, NOW)
    await store.claims.settle(one.id, one.token, Again(NOW + 400 * DAY), NOW)
    assert await claim_due(store, NOW) == []
    assert await store.future_marks.heal(NOW, was_wrong=True) == {"deliveries": 1}
    assert [c.id for c in await claim_due(store, NOW)] == [one.id]


async def test_a_delivery_in_hand_in_the_future_is_looked_up(store: storage.DatabaseStore) -> None:
    """A worker that was 400 days ahead claimed it, and ended: whether it was posted is not known."""
    await store.alliances.declare([make_alliance()])
    await store.outbox.enqueue([make_delivery("in hand"), make_delivery("unknown")])
    ahead = NOW + 400 * DAY
    for claimed in await store.claims.take_due(ahead, ahead + MINUTE, 2, since=ahead):
        if claimed.delivery.key == "unknown":
            await store.claims.settle(claimed.id, claimed.token, OutcomeUnknown("timeout"), ahead)
    await store.claims.take_due(ahead, ahead + MINUTE, 2, since=ahead)
    assert await store.claims.expire_leases(NOW) == 0
    assert await store.claims.list_unsettled(NOW, 9) == ()
    await store.future_marks.heal(NOW, was_wrong=True)
    await store.claims.expire_leases(NOW + MINUTE)
    found = await store.claims.list_unsettled(NOW + MINUTE, 9)
    assert len(found) == len(await store.outbox.list_statuses(DeliveryState.UNKNOWN, 9)) > 0
    assert all(lookup.since <= NOW - 7 * DAY for lookup in found)  # looked for where it can be

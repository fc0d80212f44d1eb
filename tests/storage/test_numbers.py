"""What a channel is known by stays with it, whatever is declared around it, and however old the database is."""

from dataclasses import replace

import pytest
from sqlalchemy import text

import storage
from bot.model.alliance import Channel, MessageRef
from bot.model.delivery import Sent
from bot.use_cases.ask import make_questions
from bot.use_cases.close import close
from storage import DatabaseStore
from storage.engine.connect import open_engine
from tests.storage.factories import JOINT, START, claim_due, make_alliance, make_round

A, B, C = (replace(JOINT, address=f"C-{name}") for name in "abc")


async def numbers(store: DatabaseStore, *channels: Channel) -> dict[Channel, int]:
    await store.alliances.declare([make_alliance(channels=channels)])
    (found,) = await store.alliances.list_all()
    return {channel: found.number(channel) for channel in found.channels}


async def test_a_channel_keeps_its_number_and_no_other_ever_gets_it(store: DatabaseStore) -> None:
    assert await numbers(store, A, B) == {A: 0, B: 1}
    assert await numbers(store, B, A) == {B: 1, A: 0}
    assert await numbers(store, C, B) == {C: 2, B: 1}
    assert await numbers(store, A) == {A: 0}
    assert await numbers(store, C, B, A) == {C: 2, B: 1, A: 0}


async def test_each_alliance_counts_its_own(store: DatabaseStore) -> None:
    await store.alliances.declare(
        [make_alliance("north", channels=(A, B)), make_alliance("south", channels=(C,))]
    )
    await store.alliances.declare([make_alliance("north", channels=(A,))])
    await store.alliances.declare([make_alliance("south", channels=(B, C))])
    assert [declared.numbers for declared in await store.alliances.list_all()] == [(0,), (1, 0)]


@pytest.mark.parametrize("name", ["C-b", "C-moved"])
async def test_it_goes_with_a_channel_that_moves(store: DatabaseStore, name: str) -> None:
    await numbers(store, A, B)
    assert await store.alliances.move_channel(B, "C-moved")
    moved, named = replace(B, address="C-moved"), replace(B, address=name)
    assert await numbers(store, named, C, A) == {moved: 1, C: 2, A: 0}


async def test_it_goes_to_where_another_channel_once_was(store: DatabaseStore) -> None:
    await numbers(store, A, B)
    await numbers(store, B)
    assert await store.alliances.move_channel(B, A.address)
    assert await numbers(store, B, C) == {A: 1, C: 2}


async def test_what_was_asked_before_there_were_numbers_is_closed_where_it_was_asked(
    store: DatabaseStore, url: str
) -> None:
    """Their slots held the channels' places in the declaration, and one of them has moved since."""
    await store.alliances.declare([make_alliance(channels=(A, B))])
    (declared,) = await store.alliances.list_all()
    asked = make_round()
    assert await store.pulses.ask(asked, make_questions(declared, asked), asked.closes_at, 0)
    for claimed in await claim_due(store):
        place = claimed.delivery.place
        assert isinstance(place, Channel)
        await store.claims.settle(claimed.id, claimed.token, Sent(MessageRef(place.address, "m1")), START)
    assert await store.alliances.move_channel(B, "C-moved")
    _as_it_was(url)
    storage.migrate(url)
    await store.alliances.declare([make_alliance(channels=(C, B, A))])
    assert await close(store, b"s" * 32, asked.closes_at) == 1
    closing = await claim_due(store, asked.closes_at)
    assert {claimed.delivery.place: claimed.target and claimed.target.address for claimed in closing} == {
        A: "C-a",
        replace(B, address="C-moved"): "C-moved",
    }


def _as_it_was(url: str) -> None:
    """The shape that a database had before."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE channel_number"))
        connection.execute(text("ALTER TABLE delivery DROP COLUMN workspace"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0011_turns'"))
    engine.dispose()

"""What both sides must agree to: each transition once, by the right side, in time, with what is told about it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import storage
from bot.model.alliance import Side
from bot.model.proposal import Proposal
from tests.storage.factories import START, ask_round, make_alliance, make_delivery

UNTIL = START + timedelta(days=14)
ONE = Proposal("p1", "north", "minimum", "7", Side.SPONSOR, START, UNTIL)


async def test_it_holds_once_the_other_side_agreed_and_only_then(store: storage.DatabaseStore) -> None:
    await ask_round(store)
    assert await store.proposals.propose(ONE, [make_delivery("asked")])
    assert not await store.proposals.propose(replace(ONE, id="p2", value="9"), [make_delivery("asked too")])
    assert not await store.proposals.agree(ONE, Side.SPONSOR, [make_delivery("told")], START)
    assert await store.proposals.list_open("north", START) == (ONE,)
    agreed = [store.proposals.agree(ONE, Side.CRO, [make_delivery(f"told {n}")], START) for n in range(5)]
    assert sorted(await asyncio.gather(*agreed)) == [False] * 4 + [True]
    (found,) = await store.alliances.list_all()
    assert found == make_alliance(minimum=7)
    assert not await store.proposals.decline(ONE, [])
    slots = [status.key for status in await store.outbox.list_statuses(None, 10)]
    assert len(slots) == 2 and "asked" in slots


async def test_nothing_holds_after_its_time(store: storage.DatabaseStore) -> None:
    await ask_round(store)
    assert await store.proposals.propose(ONE, [])
    assert not await store.proposals.agree(ONE, Side.CRO, [], UNTIL)
    assert await store.proposals.list_open("north", UNTIL) == ()
    assert await store.proposals.propose(replace(ONE, id="p2", at=UNTIL), [])


async def test_an_alliance_is_deleted_only_by_both_and_in_time(store: storage.DatabaseStore) -> None:
    await ask_round(store)
    end = replace(ONE, term="erase", value="")
    assert await store.proposals.propose(end, [])
    assert not await store.proposals.may_erase("north", START)
    assert await store.proposals.agree(end, Side.CRO, [], START)
    assert await store.proposals.may_erase("north", START)
    assert not await store.proposals.may_erase("south", START)
    assert not await store.proposals.may_erase("north", UNTIL)
    assert await store.alliances.list_all() == (make_alliance(),)

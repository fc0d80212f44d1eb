"""A person, a side or an alliance is erased: what is gone, what stays, and that it does not come back."""

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

import storage
from bot.model.alliance import Channel, Organisation
from bot.model.cards import Card
from bot.model.delivery import Delivery, Refused
from storage.engine.connect import open_engine
from tests.storage.factories import (
    ANNA,
    JOINT,
    START,
    make_alliance,
    make_round,
)
from tests.storage.filled_store import BEN, DAY, TERMS, count_rows, fill_alliance, make_entry, pseudonym_of

PERSONAL = ("answer", "comment", "invitation", "reading", "delivery", "wish")


def kept(url: str, table: str, column: str) -> set[object]:
    """What still stands in a column."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = set(connection.scalars(text(f'SELECT {column} FROM "{table}"')))
    engine.dispose()
    return found


async def test_an_erased_person_is_nowhere_and_everybody_else_is_still_there(
    store: storage.DatabaseStore, url: str
) -> None:
    await fill_alliance(store)
    before = count_rows(url)
    done, listed = await store.subject_data.erase_member(ANNA, ["north"], make_entry())
    assert done == {**dict.fromkeys(PERSONAL, 1), "lead": 1}
    after = count_rows(url)
    for table in PERSONAL:
        assert after[table] == before[table] - 1, table
    for table in ("answer", "comment", "invitation", "wish"):
        assert kept(url, table, "person") == {pseudonym_of(BEN)}
    assert kept(url, "reading", "person") == {pseudonym_of(BEN, "reading")}
    assert after["released"] == before["released"] == 2
    (found,) = await store.alliances.list_all()
    assert (found.sponsor.leads, found.cro.leads) == ((), (BEN,))
    assert await store.subject_data.list_erasures() == tuple(sorted(listed, key=lambda place: place.purpose))
    assert (await store.subject_data.erase_member(ANNA, ["north"], make_entry()))[0] == {}
    assert (await store.audit.verify_chain()).entries == 2


async def test_a_copy_holds_all_of_one_person_and_nothing_of_another(store: storage.DatabaseStore) -> None:
    await fill_alliance(store)
    told = Delivery("copied:1", "north", ANNA, Card("A copy of your data was made"))
    (copy,) = await store.subject_data.copy_member(
        ANNA, ["north"], [told], replace(make_entry(), act="subject-data")
    )
    text = json.dumps(copy, default=str)
    assert "words of U0ANNA" in text
    assert "U0BEN" not in text
    own = ("answers", "comments", "rosters", "moods_of_messages", "wishes")
    assert [len(copy[name]) for name in own] == [1] * 5
    assert copy["answers"][0]["question"] == "We share a vision."
    assert copy["leads"] == ["sponsor"]
    assert "copied:1" in {status.key for status in await store.outbox.list_statuses(None, 10)}
    assert [noted.act for noted in await store.audit.list_newest(5)] == ["subject-data"]


async def test_what_is_erased_again_takes_only_what_was_there_then(store: storage.DatabaseStore) -> None:
    await fill_alliance(store)
    _, listed = await store.subject_data.erase_member(ANNA, ["north"], make_entry(2))
    await fill_alliance(store, 1)
    assert await store.subject_data.erase_again(listed, make_entry(3)) == {"lead": 1}
    (copy,) = await store.subject_data.copy_member(ANNA, ["north"], [], make_entry(3))
    assert [len(copy[name]) for name in ("answers", "comments", "moods_of_messages")] == [1, 1, 1]


async def test_what_was_there_in_the_very_moment_of_an_erasure_goes_again(
    store: storage.DatabaseStore,
) -> None:
    _, listed = await store.subject_data.erase_member(ANNA, ["north"], make_entry())
    await fill_alliance(store)
    (reminded, *_) = await store.claims.take_due(START, START + DAY, 1)
    await store.claims.settle(reminded.id, reminded.token, Refused("gone"), START)
    at_opening = [place for place in listed if place.purpose != "reading"]
    assert await store.subject_data.erase_again(at_opening, make_entry()) == {
        "invitation": 1,
        "delivery": 1,
        "lead": 1,
        "wish": 1,  # of which only the day is kept
    }
    at_giving = [
        replace(place, at=START + timedelta(hours=1)) for place in listed if place.purpose != "place"
    ]
    assert await store.subject_data.erase_again(at_giving, make_entry()) == {
        "answer": 1,
        "comment": 1,
        "reading": 1,
    }
    whole = replace(listed[0], purpose="alliance", whose="")
    assert (await store.subject_data.erase_again([whole], make_entry()))["round"] == 1


async def test_an_alliance_that_never_asked_goes_again_too_and_nothing_is_told_of_none(
    store: storage.DatabaseStore,
) -> None:
    await store.alliances.declare([make_alliance()])
    assert (await store.subject_data.erase_alliance("north", make_entry()))["alliance"] == 1
    await store.alliances.declare([make_alliance()])
    gone = await store.subject_data.list_erasures()
    assert await store.subject_data.erase_again(gone, make_entry()) == {
        "alliance": 1,
        "channel": 1,
        "channel_number": 1,
        "home": 2,
        "pulse": 1,
    }
    assert (await store.subject_data.erase_member(ANNA, ["north"], make_entry()))[0] == {}


async def test_a_question_to_leads_as_they_were_is_not_asked_after_one_was_erased(
    store: storage.DatabaseStore,
) -> None:
    """However often the declaration changed meanwhile: what was read of it before is of the past."""
    await store.alliances.declare([make_alliance()], START)
    (due,) = await store.pulses.list_due(START)
    await store.alliances.declare([make_alliance(vision="Another")], START)
    await store.subject_data.erase_member(ANNA, ["north"], make_entry())
    assert not await store.pulses.ask(make_round(), [], START + DAY, due.revision)


async def test_a_deleted_alliance_leaves_no_row_but_that_it_was_deleted(
    store: storage.DatabaseStore, url: str
) -> None:
    empty = count_rows(url)
    await store.alliances.declare([make_alliance("south")])
    other = count_rows(url)
    await fill_alliance(store)
    await store.subject_data.erase_alliance("north", make_entry())
    left = count_rows(url)
    fresh = {"setting", "audit", "audit_head", "erased"}
    assert {name: n for name, n in left.items() if name not in fresh} == {
        name: n for name, n in other.items() if name not in fresh
    }
    assert left["erased"] == 1
    assert [declared.key for declared in await store.alliances.list_all()] == ["south"]
    await store.subject_data.erase_alliance("south", make_entry())
    assert {n for name, n in count_rows(url).items() if name not in fresh} == {
        n for name, n in empty.items() if name not in fresh
    }


async def test_one_of_the_same_name_that_began_later_is_another_one(store: storage.DatabaseStore) -> None:
    await fill_alliance(store)
    await store.subject_data.erase_member(ANNA, ["north"], make_entry(1))
    await store.subject_data.erase_alliance("north", make_entry(2))
    listed = await store.subject_data.list_erasures()
    assert [place.purpose for place in listed] == ["alliance"], "what it was made of needs no memory any more"
    await fill_alliance(store, 1)
    assert await store.subject_data.erase_again(listed, make_entry(9)) == {}
    assert [declared.key for declared in await store.alliances.list_all()] == ["north"]


async def test_an_alliance_that_a_backup_brought_back_goes_again(store: storage.DatabaseStore) -> None:
    await fill_alliance(store)
    await store.subject_data.erase_alliance("north", make_entry(2))
    listed = await store.subject_data.list_erasures()
    await fill_alliance(store)
    assert (await store.subject_data.erase_again(listed, make_entry(9)))["answer"] == 2
    assert not await store.alliances.list_all()


async def test_after_the_term_an_organisation_that_left_is_gone_with_its_numbers(
    store: storage.DatabaseStore, url: str
) -> None:
    await fill_alliance(store)
    await store.departures.record_departure("slack", "T-M-north", START + timedelta(hours=2))
    assert await store.retention.delete_expired(TERMS, START + 29 * DAY) == {}
    assert await store.retention.delete_expired(TERMS, START + 31 * DAY) == {"departed": 1}
    after = count_rows(url)
    assert [after[name] for name in ("answer", "comment", "invitation", "reading", "released")] == [1] * 5
    for table in ("answer", "comment", "invitation", "reading", "released", "wish"):
        assert kept(url, table, "side") == {"sponsor"}, table
    about = ("alarm", "acknowledgement", "alert", "alert_reminder", "action")
    assert [after[name] for name in about] == [0] * 5
    (found,) = await store.alliances.list_all()
    assert (found.sponsor.leads, found.cro.leads) == ((ANNA,), ())
    assert await store.retention.delete_expired(TERMS, START + 32 * DAY) == {}
    assert [noted.act for noted in await store.audit.list_newest(5)] == ["retention"]


async def test_where_the_bot_is_in_no_channel_any_more_the_whole_alliance_goes(
    store: storage.DatabaseStore, url: str
) -> None:
    await fill_alliance(store)
    await store.departures.record_departure("slack", "T-M-north", START + DAY)
    declared = make_alliance(
        sponsor=Organisation("Northwind", frozenset({("slack", "T0NORTHWIND")}), (ANNA,)),
        channels=(replace(JOINT, address="C-north"), Channel("slack", "T-M-north", "C-2")),
    )
    await store.alliances.declare([declared])
    await store.departures.record_departure("slack", "T0NORTHWIND", START + 20 * DAY)
    await store.retention.delete_expired(TERMS, START + 32 * DAY)
    assert count_rows(url)["answer"] == 1
    await store.retention.delete_expired(TERMS, START + 51 * DAY)
    after = count_rows(url)
    assert not await store.alliances.list_all()
    assert sum(after[name] for name in ("answer", "comment", "reading", "round", "released", "home")) == 0


async def test_an_answer_of_the_side_that_left_cancels_it(store: storage.DatabaseStore, url: str) -> None:
    await fill_alliance(store)
    await store.departures.record_departure("slack", "T-M-north", START)
    (gone,) = await store.departures.list_pending()
    assert (gone.organisation, gone.at) == ("T-M-north", START)
    assert await store.retention.delete_expired(TERMS, START + 60 * DAY) == {}
    assert count_rows(url)["answer"] == 2
    await store.departures.record_departure("slack", "T-M-north", START + DAY)
    assert await store.departures.cancel_answered() == 0
    assert await store.retention.delete_expired(TERMS, START + 60 * DAY) == {"departed": 1}


async def test_an_organisation_that_came_back_keeps_everything(
    store: storage.DatabaseStore, url: str
) -> None:
    await fill_alliance(store)
    await store.departures.record_departure("slack", "T-M-north", START)
    await store.departures.cancel_departure("slack", "T-M-north")
    assert await store.retention.delete_expired(TERMS, START + 60 * DAY) == {}
    assert count_rows(url)["answer"] == 2

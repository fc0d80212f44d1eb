from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.model.alliance import Channel, Item, Member, Organisation, Pulse, Side
from storage import DatabaseStore
from tests.storage.factories import (
    ANNA,
    START,
    WEEKLY,
    ask_round,
    find_revision,
    make_alliance,
    make_answer,
    make_delivery,
    make_round,
)


async def test_declaring_says_what_changes_and_nothing_the_second_time(store: DatabaseStore) -> None:
    assert await store.alliances.declare([make_alliance()]) == ("alliance north: added",)
    assert await store.alliances.declare([make_alliance()]) == ()
    moved = make_alliance(pulses=(replace(WEEKLY, time=time(10), days=frozenset({0, 3})),), minimum=7)
    assert await store.alliances.declare([moved]) == (
        "alliance north: minimum 5 → 7",
        "alliance north: pulse weekly: days tue → mon, thu",
        "alliance north: pulse weekly: time 09:00 → 10:00",
    )
    assert await store.alliances.find_by_key("north") == moved


async def test_a_preview_says_what_would_change_and_changes_nothing(store: DatabaseStore) -> None:
    lines, found = await store.alliances.preview([make_alliance()], START)
    assert (lines, found) == (("alliance north: added",), (make_alliance(),))
    assert await store.alliances.list_all() == ()
    await store.alliances.declare([make_alliance()])
    wanted = make_alliance(minimum=7, channels=(Channel("teams", "8f0c", "19:a@thread"),))
    lines, found = await store.alliances.preview([wanted], START)
    assert "alliance north: minimum 5 → 7" in lines and found == (wanted,)
    assert await store.alliances.list_all() == (make_alliance(),)
    with pytest.raises(ValueError, match="is another alliance's already"):
        await store.alliances.preview(
            [replace(wanted, key="south", channels=make_alliance().channels)], START
        )
    assert await store.alliances.declare([wanted]) == lines


async def test_every_part_of_an_alliance_is_kept_and_every_change_is_told(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    changed = make_alliance(
        name="N × M",
        sponsor=Organisation("Northwind AG", frozenset({("entra", "8f0c")}), (ANNA, Member("teams", "29:x"))),
        channels=(Channel("teams", "8f0c", "19:a@thread"),),
        pulses=(Pulse("monthly", frozenset({4}), time(16, 30), 2, 48, 0, 4, True),),
        vision="One team",
        threads="off",
        pooled=True,
        call_day=4,
        holidays=frozenset({date(2026, 12, 25)}),
        bank="own",
    )
    told = await store.alliances.declare([changed])
    assert await store.alliances.find_by_key("north") == changed
    kept = await store.alliances.find_by_key("north")
    assert kept is not None and kept.sponsor.leads[0].workspace == ANNA.workspace
    for word in ("name", "sponsor leads", "entra 8f0c", "channel teams", "monthly: added", "weekly: removed"):
        assert any(word in line for line in told), word
    assert not any("U0ANNA" in line or "29:x" in line for line in told)


async def test_others_stay_untouched(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance("north"), make_alliance("south")])
    await store.alliances.declare([make_alliance("north", name="New")])
    assert [declared.key for declared in await store.alliances.list_all()] == ["north", "south"]
    assert await store.alliances.find_by_key("south") == make_alliance("south")
    assert await store.alliances.find_by_key("west") is None


async def test_an_alliance_is_found_by_channel_and_by_organisation(store: DatabaseStore) -> None:
    north, south = make_alliance("north"), make_alliance("south")
    await store.alliances.declare([north, south])
    assert await store.alliances.find_by_channel(south.channels[0]) == south
    assert await store.alliances.find_by_channel(replace(south.channels[0], workspace="T-else")) is None
    assert await store.alliances.list_by_homes([("slack", "T-M-north"), ("slack", "T-N-south")]) == (
        north,
        south,
    )
    assert await store.alliances.list_by_homes([]) == ()
    assert await store.alliances.list_by_homes([("entra", "T-M-north")]) == ()


async def test_a_channel_belongs_to_one_alliance(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance("north")])
    thief = make_alliance("south", channels=make_alliance("north").channels)
    with pytest.raises(ValueError, match="south: channel slack T0NORTHWIND C-north is listed twice"):
        await store.alliances.declare([make_alliance("east"), thief])
    assert [declared.key for declared in await store.alliances.list_all()] == ["north"]


async def test_an_alliance_is_declared_once_at_a_time(store: DatabaseStore) -> None:
    with pytest.raises(ValueError, match="twice"):
        await store.alliances.declare([make_alliance(), make_alliance(name="Else")])
    assert await store.alliances.list_all() == ()
    assert await store.alliances.declare([]) == ()


async def test_a_new_or_changed_pulse_is_looked_at_at_once(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance("north"), make_alliance("south")])
    assert {due.alliance.key for due in await store.pulses.list_due(START)} == {"north", "south"}
    for key in ("north", "south"):
        await store.pulses.reschedule(key, "weekly", START + timedelta(days=7), 0)
    assert await store.pulses.list_due(START + timedelta(days=6)) == ()
    await store.alliances.declare([make_alliance("south", pulses=(replace(WEEKLY, items=1),))])
    assert [due.alliance.key for due in await store.pulses.list_due(START)] == ["south"]


async def test_a_moved_pulse_does_not_ask_its_slot_again(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    await store.alliances.declare([make_alliance(pulses=(replace(WEEKLY, time=time(11)),))])
    (due,) = await store.pulses.list_due(START)
    assert (due.last_slot, due.next_index) == (asked.slot, 1)
    again = make_round(1, slot=asked.slot)
    assert not await store.pulses.ask(again, [make_delivery("again")], START, due.revision)
    assert await store.outbox.list_statuses(None, 10) == ()


async def test_what_was_decided_on_an_older_declaration_is_dropped(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    await store.alliances.declare([make_alliance()])
    week = START + timedelta(days=7)
    (old,) = await store.pulses.list_due(START)
    await other.alliances.declare([make_alliance(pulses=(replace(WEEKLY, paused=True),))])
    assert not await store.pulses.ask(make_round(), [make_delivery("q")], week, old.revision)
    await store.pulses.reschedule("north", "weekly", week, old.revision)
    (due,) = await store.pulses.list_due(START)
    assert due.pulse.paused
    await store.pulses.reschedule("north", "weekly", week, due.revision)
    assert await store.pulses.list_due(START) == ()


async def test_of_two_overlapping_ticks_of_one_process_the_older_decides_nothing(
    store: DatabaseStore,
) -> None:
    await store.alliances.declare([make_alliance()])
    (older,) = await store.pulses.list_due(START)
    (older_digest,) = await store.digests.list_due(START)
    await store.alliances.declare([make_alliance(minimum=9)])
    (newer,) = await store.pulses.list_due(START)
    (newer_digest,) = await store.digests.list_due(START)
    week = START + timedelta(days=7)
    assert not await store.pulses.ask(make_round(), [make_delivery("q")], week, older.revision)
    await store.pulses.reschedule("north", "weekly", week, older.revision, missed_slot=date(2026, 1, 6))
    await store.digests.send("north", [make_delivery("d")], week, older_digest.revision)
    assert await store.outbox.list_statuses(None, 10) == ()
    assert await store.pulses.list_missed("north") == ()
    assert await store.pulses.list_due(START) == (newer,)
    assert await store.digests.list_due(START) == (newer_digest,)
    assert await store.pulses.ask(make_round(), [make_delivery("q")], week, newer.revision)


async def test_a_withdrawn_pulse_is_not_asked(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    await store.alliances.declare([make_alliance(pulses=())])
    assert await store.pulses.list_due(START) == ()
    assert not await store.pulses.ask(make_round(), [], START, 1)


async def test_a_pulse_withdrawn_and_declared_again_remembers_its_slots(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    await store.alliances.declare([make_alliance(pulses=())])
    await store.alliances.declare([make_alliance()])
    (due,) = await store.pulses.list_due(START)
    assert due.last_slot == asked.slot


async def test_missed_slots_are_counted_once_and_shown(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    for _ in range(2):
        await store.pulses.reschedule("north", "weekly", START, 0, missed_slot=date(2026, 1, 6))
    assert await store.pulses.list_missed("north") == (date(2026, 1, 6),)
    (due,) = await store.pulses.list_due(START)
    assert due.last_slot == date(2026, 1, 6)


async def test_digests_are_due_at_once_then_when_told(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    (due,) = await store.digests.list_due(START)
    assert due.alliance == make_alliance()
    await store.digests.send("north", [make_delivery("digest:1")], START + timedelta(days=7), due.revision)
    await store.digests.send("north", [make_delivery("digest:1")], START + timedelta(days=7), due.revision)
    assert await store.digests.list_due(START + timedelta(days=6)) == ()
    assert len(await store.outbox.list_statuses(None, 10)) == 1
    assert len(await store.digests.list_due(START + timedelta(days=7))) == 1


async def test_mapping_an_organisation_makes_pending_answers_count(store: DatabaseStore) -> None:
    asked = await ask_round(store)
    stranger = ("slack", "T0NEW")
    await store.answers.save_answer(make_answer("p1", side=None, home=stranger), START)
    await store.answers.save_answer(make_answer("p2", side=None, home=("slack", "T0ELSE")), START)
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 0, Side.CRO: 0}
    assert await store.companies.claim("north", Side.CRO, stranger, ())
    assert not await store.companies.claim("north", Side.CRO, stranger, ())
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 0, Side.CRO: 1}
    kept = await store.alliances.find_by_key("north")
    assert kept is not None and stranger in kept.cro.homes
    assert await store.alliances.list_by_homes([stranger]) == (kept,)


async def test_what_waits_for_a_part_counts_as_the_whole_and_goes_with_its_claim(
    store: DatabaseStore,
) -> None:
    asked = await ask_round(store)
    for person, home in (("p1", "T0PART"), ("p2", "T0PART"), ("p3", "E0WHOLE"), ("p4", "T0ELSE")):
        await store.answers.save_answer(make_answer(person, side=None, home=("slack", home)), START)
    assert await store.companies.merge("slack", "T0PART", "E0WHOLE") == 0  # nobody says whose that is
    assert await store.companies.claim("north", Side.CRO, ("slack", "E0WHOLE"), ())
    assert await store.companies.merge("slack", "T0PART", "E0WHOLE") == 2
    assert await store.companies.merge("slack", "T0PART", "E0WHOLE") == 0
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 0, Side.CRO: 3}
    assert await store.companies.withdraw("north", ("slack", "E0WHOLE"), ())
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 0, Side.CRO: 0}


async def test_a_mapping_survives_apply_but_yields_to_a_declaration(store: DatabaseStore) -> None:
    asked, stranger = await ask_round(store), ("slack", "T0NEW")
    await store.answers.save_answer(make_answer("p1", side=None, home=stranger), START)
    assert await store.companies.claim("north", Side.CRO, stranger, ())
    assert await store.alliances.declare([make_alliance()]) == ()
    await store.alliances.declare([make_alliance(minimum=6)])
    kept = await store.alliances.find_by_key("north")
    assert kept is not None and stranger in kept.cro.homes
    homes = frozenset({("slack", "T-N-north"), stranger})
    await store.alliances.declare([make_alliance(sponsor=Organisation("Northwind", homes))])
    kept = await store.alliances.find_by_key("north")
    assert kept is not None and stranger in kept.sponsor.homes and stranger not in kept.cro.homes
    assert (await store.rounds.count_turnout(asked.id)).answered == {Side.SPONSOR: 1, Side.CRO: 0}


async def test_an_organisation_is_never_mapped_to_the_other_side(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance()])
    assert not await store.companies.claim("north", Side.CRO, ("slack", "T-N-north"), ())
    kept = await store.alliances.find_by_key("north")
    assert kept == make_alliance()


OWN = 'name = "ours"\nversion = 1\n[[item]]\nkey = "vision"\nversion = 1\ndimension = "vision"\n'
WHY = OWN + 'text = "We know why."\n'


async def test_a_question_that_was_asked_is_not_reworded_under_its_version(store: DatabaseStore) -> None:
    asked = (Item("vision", 1, "vision", "We know why."),)
    await store.alliances.declare([make_alliance(bank=WHY)])
    await store.alliances.declare([make_alliance(bank=OWN + 'text = "Nobody was asked this."\n')])
    await store.alliances.declare([make_alliance(bank=WHY)])
    assert await store.pulses.ask(
        make_round(items=asked), [], START + timedelta(weeks=1), await find_revision(store)
    )
    with pytest.raises(ValueError, match=r"item 'vision' was asked in another form .*: set version = 2"):
        await store.alliances.declare([make_alliance(bank=OWN + 'text = "I know why."\n')])
    kept = await store.alliances.find_by_key("north")
    assert kept is not None and kept.bank == WHY
    reworded = OWN.replace("version = 1\ndim", "version = 2\ndim") + 'text = "I know why."\n'
    assert await store.alliances.declare([make_alliance(bank=reworded)])


async def test_weights_change_from_the_next_round_on_only(store: DatabaseStore) -> None:
    await store.alliances.declare([make_alliance(bank=WHY)])
    await store.pulses.ask(
        make_round(4, items=(Item("vision", 1, "vision", "We know why."),)), [], START + timedelta(weeks=5), 0
    )
    weights = "[[weights]]\nfrom_round = {}\nvision = 2\n"
    with pytest.raises(ValueError, match=r"round 4 was asked already: set from_round = 5 or later"):
        await store.alliances.declare([make_alliance(bank=WHY + weights.format(4))])
    assert await store.alliances.declare([make_alliance(bank=WHY + weights.format(5))])

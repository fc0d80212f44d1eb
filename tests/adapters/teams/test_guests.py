"""Guests whose own tenant Teams does not tell: bound to the channel's alliance and side, never to the tenant."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.teams.identity import parse_member
from bot.app.config.section import BadSettings
from bot.app.runtime.operator import declare_alliances
from bot.model.alliance import Alliance, Channel, Organisation, Side
from tests.adapters.teams.alliance_testbed import (
    ALLIANCE,
    ANNA,
    BEN,
    GUESTS,
    LIAM,
    AllianceTestbed,
    open_testbed,
)
from tests.far import adaptive
from tests.far.teams_state import JOINT, MERIDIAN, NORTHWIND, Chat, Person, account


@pytest.fixture
async def testbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AllianceTestbed]:
    """Teams gives every guest the host's tenant."""
    async with open_testbed(tmp_path, monkeypatch, people=6) as made:
        hide_homes(made)
        yield made


def hide_homes(testbed: AllianceTestbed) -> None:
    for person in testbed.state.people.values():
        person.tells_home = False


async def read_last(testbed: AllianceTestbed, who: str) -> str:
    return adaptive.words((await testbed.list_chat(who))[-1].card or {})


async def test_a_guest_by_role_or_by_user_name_is_nobody_of_the_hosts(testbed: AllianceTestbed) -> None:
    liam = testbed.state.people[LIAM]
    for liam.tells_role in (True, False):
        member = parse_member(account(liam), NORTHWIND)
        assert member and member.home == (GUESTS,)


async def test_a_lead_who_is_a_guest_acts_for_the_side_that_declares_them(testbed: AllianceTestbed) -> None:
    """Whether the roster tells that they are a guest, or takes them for one of the host's."""
    ben = testbed.state.people[BEN]
    for ben.has_mark in (True, False):
        testbed.bot.platforms["teams"].people.known.clear()  # type: ignore[attr-defined]
        assert "not part of" not in await testbed.write(BEN, "digest")
        assert "for the leads" not in (await testbed.write(BEN, "alerts")).lower()


async def test_the_hosts_lead_cannot_take_the_other_sides_guests_for_its_own(
    testbed: AllianceTestbed,
) -> None:
    """One natural tap made them the sponsor's, and the mix was released."""
    await testbed.ask()
    await testbed.answer(LIAM)
    card = (await testbed.list_chat(ANNA))[-1].card or {}
    assert "guests in Northwind's tenant" in adaptive.words(card) and NORTHWIND not in adaptive.words(card)
    assert adaptive.labels(card) == []
    assert "Guests are not part of Northwind" in await testbed.write(ANNA, f"ours teams:{GUESTS}")
    assert await testbed.list_sides() == [(None, GUESTS)]


async def test_the_guests_own_lead_is_asked_and_counts_them(testbed: AllianceTestbed) -> None:
    await testbed.ask()
    await testbed.answer(LIAM)
    asked = (await testbed.list_chat(BEN))[-1]
    assert "guests in Northwind's tenant" in adaptive.words(asked.card or {})
    await testbed.hand.press(BEN, asked, "They are ours")
    assert await testbed.list_sides() == [("cro", GUESTS)]
    assert "says that the guests in Northwind's tenant belong to Meridian" in await read_last(testbed, ANNA)


ELSE = "8f0c0000-0000-4000-8000-00000000000e"
GUEST_TEAM = [f"29:1-2-{number}" for number in range(1, 6)]
DECLARED = replace(
    ALLIANCE, cro=replace(ALLIANCE.cro, homes=frozenset({("teams", MERIDIAN), ("teams", GUESTS)}))
)


async def test_declared_guests_count_for_the_side_that_declares_them(testbed: AllianceTestbed) -> None:
    await declare(testbed, DECLARED)
    await testbed.ask()
    assert "not counted" not in await testbed.answer(LIAM)
    assert [side for side, _ in await testbed.list_sides()] == ["cro"]


async def test_a_changed_mapping_moves_what_is_open_and_says_how_many(testbed: AllianceTestbed) -> None:
    """Declared for the wrong side, the guests were the sponsor's, with answers and places on the roster."""
    wrong = replace(
        ALLIANCE, sponsor=replace(ALLIANCE.sponsor, homes=ALLIANCE.sponsor.homes | {("teams", GUESTS)})
    )
    await declare_alliances(testbed.bot, [wrong])
    asked = await testbed.ask()
    await testbed.enrol()
    for guest in GUEST_TEAM:
        await testbed.answer(guest)
    before = await testbed.bot.store.rounds.count_turnout(asked.id)
    assert (before.answered[Side.SPONSOR], before.invited[Side.SPONSOR]) == (5, 12 - 1)  # Ben leads the CRO
    lines = await declare_alliances(testbed.bot, [DECLARED])
    assert "alliance nw-mer: unreleased answers of 5 people changed side" in lines
    after = await testbed.bot.store.rounds.count_turnout(asked.id)
    assert (after.answered[Side.CRO], after.answered[Side.SPONSOR]) == (5, 0)
    assert (after.invited[Side.CRO], after.invited[Side.SPONSOR]) == (6, 6)
    lines = await declare_alliances(testbed.bot, [ALLIANCE])
    assert "alliance nw-mer: unreleased answers of 5 people changed side" in lines
    assert set(await testbed.list_sides()) == {(None, GUESTS)}


OUTSIDE = Person("29:outside", "00000005-0000-4000-8000-000000000000", NORTHWIND, MERIDIAN, tells_home=False)
STAFF = Person("29:staff", "00000006-0000-4000-8000-000000000000", NORTHWIND, NORTHWIND)


async def test_whoever_never_was_in_the_channel_is_not_asked_and_not_counted(
    testbed: AllianceTestbed,
) -> None:
    """A guest of the host with other business there, and one of the host's own people."""
    await declare_alliances(testbed.bot, [DECLARED])
    asked = await testbed.ask()
    for person in (OUTSIDE, STAFF):
        testbed.state.people[person.mri] = person
        for words in ("pulse", "home", "score", f"comment {asked.id}"):
            assert "You are not in the joint channel" in await testbed.write(person.mri, words)
        forged = {"pulse": f"a|{asked.id}|{asked.items[0].id}|4"}
        sent = testbed.hand.activity(
            "message", person, testbed.state.personal(person), testbed.state.personal(person).id
        )
        await testbed.hand.deliver(sent | {"value": forged, "text": ""})
    assert await testbed.list_sides() == []
    testbed.state.chats[JOINT].members.append(STAFF.mri)
    assert "not in the joint channel" not in await testbed.write(STAFF.mri, "pulse")


OTHER = "19:other@thread.tacv2"
ASTER = Organisation("Aster", frozenset({("teams", GUESTS)}))
SECOND = replace(ALLIANCE, key="nw-ast", cro=ASTER, channels=(Channel("teams", NORTHWIND, OTHER),))


async def test_guests_of_two_companies_in_one_tenant_are_told_apart_by_their_channels(
    testbed: AllianceTestbed,
) -> None:
    testbed.state.chats[OTHER] = Chat(OTHER, NORTHWIND, "channel", [ANNA, "29:1-2-5"])
    testbed.state.chats[JOINT].members.remove("29:1-2-5")
    await declare_alliances(testbed.bot, [DECLARED])
    with pytest.raises(BadSettings, match="cannot be told apart"):
        await declare_alliances(testbed.bot, [SECOND])
    undeclared = replace(SECOND, vision="Aster only", cro=Organisation("Aster", frozenset({("teams", ELSE)})))
    await declare_alliances(testbed.bot, [undeclared])
    asked = await testbed.ask(undeclared)
    assert "Aster only" not in await testbed.write(LIAM, f"vision {undeclared.key}")
    assert "You are not in the joint channel" in await testbed.write("29:1-2-5", "vision")
    await testbed.answer("29:1-2-5", chat=OTHER)
    await claim_guests(testbed, undeclared)
    assert "Aster only" in await testbed.write("29:1-2-5", "vision")
    assert "Aster only" not in await testbed.write(LIAM, f"vision {undeclared.key}")
    assert [side for side, _ in await testbed.list_sides()] == ["cro"] and asked


async def claim_guests(testbed: AllianceTestbed, alliance: Alliance) -> None:
    """Aster's lead confirms the guests of its own channel."""
    assert await testbed.bot.store.companies.claim(alliance.key, Side.CRO, ("teams", GUESTS), ())


async def declare(testbed: AllianceTestbed, alliance: Alliance) -> tuple[str, ...]:
    return await testbed.bot.store.alliances.declare([alliance])

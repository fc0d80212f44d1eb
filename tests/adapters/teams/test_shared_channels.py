"""A shared channel: the app is added to it by hand, and without a permission of its own nobody's company is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.platforms.teams.doctor import diagnose_platform
from tests.adapters.teams.alliance_testbed import ALLIANCE, ANNA, AllianceTestbed, open_testbed
from tests.far import adaptive
from tests.far.teams_state import APP, JOINT, MERIDIAN, NORTHWIND, Chat, Person

SHARED = "19:shared0123456789@thread.tacv2"
ALLIANCE_THERE = replace(ALLIANCE, channels=(replace(ALLIANCE.channels[0], address=SHARED),))
ROSTER = "ChannelMember.Read.Group"
MEI = Person("29:mei", "00000007-0000-4000-8000-000000000000", MERIDIAN, MERIDIAN)
"""Of Meridian, by direct connect: without an account at the host."""
THIRD = "8f0c0000-0000-4000-8000-000000000003"
TOM = Person("29:tom", "00000008-0000-4000-8000-000000000000", THIRD, THIRD)
BOT = f"28:{APP}"


def share_channel(testbed: AllianceTestbed) -> Chat:
    state = testbed.state
    state.people |= {MEI.mri: MEI, TOM.mri: TOM}
    staff = [mri for mri in state.chats[JOINT].members if state.people[mri].home == NORTHWIND]
    state.chats[SHARED] = Chat(SHARED, NORTHWIND, "channel", [*staff, MEI.mri], is_shared=True)
    return state.chats[SHARED]


async def test_the_bot_comes_and_goes_by_the_channel_and_a_third_company_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_testbed(tmp_path, monkeypatch, ALLIANCE_THERE) as testbed:
        channel = share_channel(testbed)
        await testbed.hand.channel_roster("membersAdded", BOT, chat=SHARED)
        await testbed.deliver()
        assert [adaptive.words(posted.card or {}).splitlines()[0] for posted in channel.messages] == [
            "Hello, I am the pulse of N × M"
        ]
        channel.members.append(TOM.mri)
        await testbed.hand.channel_roster("membersAdded", TOM.mri, MEI.mri, chat=SHARED)
        await testbed.hand.channel_roster("membersRemoved", BOT, chat=SHARED)
        told = [adaptive.words(posted.card or {}) for posted in await testbed.list_chat(ANNA)]
        assert len(told) == 2 and THIRD in told[0] and "I am no longer in a joint channel" in told[1]


async def test_where_the_roster_is_refused_answers_wait_and_the_person_and_the_operator_hear_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Northwind's own staff were told that their company is not one of the two, and their answers were dropped."""
    async with open_testbed(tmp_path, monkeypatch, ALLIANCE_THERE) as testbed:
        share_channel(testbed)
        testbed.state.granted.discard(ROSTER)
        await testbed.ask(ALLIANCE_THERE)
        await testbed.enrol()
        for who in ("29:1-1-1", MEI.mri):
            said = await testbed.answer(who, chat=SHARED)
            assert "saved but not counted yet: I may not read the list of this channel's members" in said
        assert await testbed.list_sides() == [(None, None), (None, None)]
        (ill,) = [
            found for found in await diagnose_platform(testbed.bot) if "who is in the channel" in found.check
        ]
        assert not ill.ok and ROSTER in ill.advice
        testbed.state.granted.add(ROSTER)
        await testbed.enrol()
        assert await testbed.list_sides() == [("cro", None), ("sponsor", None)]
        assert "not counted" not in await testbed.answer(MEI.mri, "3 ", chat=SHARED)
        assert await testbed.list_sides() == [("cro", None), ("sponsor", None)]  # still one answer a person

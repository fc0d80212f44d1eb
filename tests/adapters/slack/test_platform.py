"""Test outgoing calls: the meaning of failures, the tokens used, and the content of messages."""

import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.platform import SlackPlatform
from adapters.slack.rate_limit import SlackRateLimiter
from bot import rate_limit as turns
from bot.model.alliance import Channel, Member
from bot.model.cards import Card, Text
from bot.ports import PlatformError
from bot.rate_limit import Rate, Turn, WaitingLine
from tests.contract.slack_world import SlackWorld, wired
from tests.far.slack_state import Posted, State, two_companies

CARD = Card("Pulse", (Text("see http://example.com"),))
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def world() -> AsyncIterator[SlackWorld]:
    async with wired(two_companies(time.time)) as made:
        yield made


FAULTS = {
    "refuse:not_in_channel": ("refused", False),
    "refuse:is_archived": ("refused", False),
    "refuse:token_revoked": ("refused", False),
    "refuse:ratelimited": ("later", False),
    "refuse:internal_error": ("unknown", False),
    "429": ("later", False),
    "503": ("unknown", False),
    "reset_before": ("unknown", False),
    "reset_after": ("unknown", True),
    "hang": ("unknown", False),
    "hang_after": ("unknown", True),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_known_after_a_failure_and_that_nothing_is_sent_twice(
    world: SlackWorld, fault: str
) -> None:
    kind, is_posted = FAULTS[fault]
    world.far.fail("chat.postMessage", fault, 3)
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(world.channel, CARD, "d1")
    assert raised.value.kind == kind
    assert raised.value.retry_after == (3 if fault == "429" else None)
    assert len(world.far.state.rooms["C0JOINT"].messages) == is_posted
    assert (await world.platform.find(world.channel, "d1", SINCE) is not None) == is_posted


async def test_where_nobody_listens_it_is_certainly_not_done() -> None:
    async with aiohttp.ClientSession() as session:

        async def token(_: str) -> str:
            return "xoxb-1"

        api = SlackApi(session, token, "http://127.0.0.1:9/api/")
        with pytest.raises(PlatformError) as raised:
            await SlackPlatform(api, SlackDirectory(api)).post(Channel("slack", "T1", "C1"), CARD, "d1")
    assert raised.value.kind == "later"


async def test_a_workspace_that_did_not_install_the_bot_is_refused_by_name(world: SlackWorld) -> None:
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(Channel("slack", "T0MERIDIAN", "C0JOINT"), CARD, "d1")
    assert (raised.value.kind, raised.value.reason) == ("refused", "not_installed")


async def test_nothing_but_an_id_travels_with_a_message_and_no_link_unfolds(world: SlackWorld) -> None:
    await world.platform.post(world.channel, CARD, "d1")
    (sent,) = world.far.called("chat.postMessage")
    assert sent["metadata"] == {"event_type": "pulse_delivery", "event_payload": {"delivery": "d1"}}
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert "link_names" not in sent and "parse" not in sent


async def test_a_message_is_found_many_pages_down_and_its_absence_is_certain(world: SlackWorld) -> None:
    ref = await world.platform.post(world.channel, CARD, "d1")
    room = world.far.state.rooms["C0JOINT"]
    room.messages += [
        Posted(world.far.state.ts(), room.id, "U0ANNA", "T0NORTHWIND", f"line {n}") for n in range(250)
    ]
    assert await world.platform.find(world.channel, "d1", SINCE) == ref
    assert await world.platform.find(world.channel, "d2", SINCE) is None
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await world.platform.find(world.channel, "d1", later) is None


async def test_without_the_right_to_look_it_cannot_be_told(world: SlackWorld) -> None:
    ours = world.far.state.workspaces["T0NORTHWIND"]
    ours.scopes = ours.scopes - {"channels:history", "im:write"}
    for place in (world.channel, world.people[0]):
        with pytest.raises(PlatformError) as raised:
            await world.platform.find(place, "d1", SINCE)
        assert raised.value.reason == "missing_scope"


async def test_members_come_from_every_page(world: SlackWorld) -> None:
    room = world.far.state.rooms["C0JOINT"]
    ids = [id for id in world.far.state.users if id.startswith("U0")]
    assert len(ids) < 200
    for number in range(300):
        world.far.state.users[f"U9{number}"] = type(world.far.state.users["U0ANNA"])(
            f"U9{number}", "T0MERIDIAN"
        )
        room.members.append(f"U9{number}")
    world.far.state.users["U90"].deleted = True
    found = await world.platform.members(world.channel)
    assert len(found) == len(world.people) + 299


async def test_members_bear_the_time_zone_that_they_chose(world: SlackWorld) -> None:
    world.far.state.users["U0ANNA"].tz = "Asia/Tokyo"
    found = {person.id: person.zone for person in await world.platform.members(world.channel)}
    assert (found["U0ANNA"], found["U0BEN"]) == ("Asia/Tokyo", "Europe/Berlin")


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


async def seconds_to_wait(pace: SlackRateLimiter, workspace: str, method: str, channel: str = "") -> float:
    """Seconds after which the caller is to come back."""
    with pytest.raises(PlatformError) as raised:
        await pace.wait_for_turn(workspace, method, channel)
    assert raised.value.kind == "not_yet"
    return raised.value.retry_after or 0.0


async def test_a_channel_gets_one_message_a_second() -> None:
    clock = Clock()
    pace = SlackRateLimiter(patience=0.0, clock=clock)
    await pace.wait_for_turn("T1", "chat.postMessage", "C1")
    await pace.wait_for_turn("T1", "chat.postMessage", "C2")
    await pace.wait_for_turn("T2", "chat.postMessage", "C1")
    assert await seconds_to_wait(pace, "T1", "chat.postMessage", "C1") == 1.0
    clock.now += 1.0
    await pace.wait_for_turn("T1", "chat.postMessage", "C1")


async def test_a_workspace_gets_three_hundred_messages_a_minute() -> None:
    clock = Clock()
    pace, sent = SlackRateLimiter(patience=0.01, clock=clock), list[float]()
    while clock.now < 220.0:
        for channel in range(100):
            with contextlib.suppress(PlatformError):
                await pace.wait_for_turn("T1", "chat.postMessage", f"C{channel}")
                sent.append(clock.now)
        clock.now += 0.05
    for start in (100.0, 130.0, 160.0):
        assert 290 <= sum(start <= at < start + 60 for at in sent) <= 308


async def test_processes_that_share_their_turns_keep_a_workspaces_limit_together() -> None:
    clock, lines = Clock(), dict[str, WaitingLine]()

    async def shared(name: str, rate: Rate, patience: float) -> Turn | None:
        if random.random() < 0.03:
            return None  # another process is at it
        lines[name], turn = turns.ask_for_turn(lines.get(name, WaitingLine()), rate, clock.now, patience)
        return Turn(turn.at - clock.now, turn.is_given)

    paces = [SlackRateLimiter(patience=0.01, clock=clock, shared=shared) for _ in range(3)]
    sent = list[float]()
    while clock.now < 200.0:
        for number, pace in enumerate(paces):
            with contextlib.suppress(PlatformError):
                await pace.wait_for_turn("T1", "chat.postMessage", f"C{number}-{len(sent)}")
                sent.append(clock.now)
        clock.now += 0.1
    for start in (120.0, 130.0, 140.0):
        assert 290 <= sum(start <= at < start + 60 for at in sent) <= 308


async def test_those_who_are_sent_away_come_back_one_after_the_other() -> None:
    pace = SlackRateLimiter(clock=Clock(), patience=0.01)
    for number in range(8):
        await pace.wait_for_turn("T1", "chat.postMessage", f"C{number}")
    waits = [await seconds_to_wait(pace, "T1", "chat.postMessage", f"C{number}") for number in range(8, 33)]
    assert waits == pytest.approx([0.2 * (number + 1) for number in range(25)], abs=0.01)


async def test_what_slack_wants_to_rest_rests_and_nothing_else(world: SlackWorld) -> None:
    world.far.fail("chat.postMessage", "429", 30)
    for kind in ("later", "not_yet", "not_yet"):
        with pytest.raises(PlatformError) as raised:
            await world.platform.post(world.channel, CARD, "d1")
        assert raised.value.kind == kind
        assert raised.value.retry_after and 28 < raised.value.retry_after <= 30
    assert world.far.called("chat.postMessage") == []  # asked once, refused once
    assert await world.platform.members(world.channel)
    world.platform.api.limiter.check_retry_after("T0MERIDIAN", "chat.postMessage")


async def test_a_direct_message_uses_the_token_of_the_workspace_that_reaches_the_person() -> None:
    state = two_companies(time.time, installed=("T0NORTHWIND", "T0MERIDIAN"))
    async with wired(state) as world:
        for team, user in (("T0NORTHWIND", "U0ANNA"), ("T0MERIDIAN", "U0BEN")):
            ref = await world.platform.post(Member("slack", user, workspace=team), CARD, "d1")
            assert ref.address == state.im(state.workspaces[team], user).id
        assert [workspace for workspace, _, _ in world.far.calls] == ["T0NORTHWIND", "T0MERIDIAN"]


BEN = Member("slack", "U0BEN", home=("T0MERIDIAN",), workspace="T0NORTHWIND")


def both() -> State:
    return two_companies(time.time, installed=("T0NORTHWIND", "T0MERIDIAN"))


async def test_a_person_is_written_to_by_their_own_companys_copy_and_by_another_if_that_cannot() -> None:
    state = both()
    async with wired(state) as world:
        for refusal, team in ((None, "T0MERIDIAN"), ("refuse:channel_not_found", "T0NORTHWIND")):
            if refusal:
                world.far.fail("chat.postMessage", refusal)
            ref = await world.platform.post(BEN, CARD, f"d-{team}")
            assert ref.address == state.im(state.workspaces[team], BEN.id).id
            assert await world.platform.find(BEN, f"d-{team}", SINCE) == ref
            await world.platform.update(BEN, ref, Card("Closed"))
            assert state.rooms[ref.address].messages[-1].text == "Closed"
        assert await world.platform.find(BEN, "never", SINCE) is None


@pytest.mark.parametrize("fault", ["reset_after", "hang_after", "503", "429"])
async def test_what_may_have_been_posted_one_way_is_not_tried_another(fault: str) -> None:
    state = both()
    async with wired(state) as world:
        world.far.fail("chat.postMessage", fault, 3)
        with pytest.raises(PlatformError) as raised:
            await world.platform.post(BEN, CARD, "d1")
        assert raised.value.kind == ("later" if fault == "429" else "unknown")
        assert [team for team, method, _ in world.far.calls if method == "chat.postMessage"] in (
            [],
            ["T0MERIDIAN"],
        )


async def test_who_cannot_be_reached_at_all_is_told_by_slacks_reason_not_by_a_missing_installation(
    world: SlackWorld,
) -> None:
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(Member("slack", "U0GONE", ("T0NORTHWIND",), "T0MERIDIAN"), CARD, "d1")
    assert (raised.value.kind, raised.value.reason) == ("refused", "channel_not_found")
    with pytest.raises(PlatformError) as raised:
        await world.platform.find(Member("slack", "U0GONE", ("T0MERIDIAN",), "T0MERIDIAN"), "d1", SINCE)
    assert raised.value.reason == "nowhere_to_look"

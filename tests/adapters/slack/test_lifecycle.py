"""Test the events that changes of channels and installations become, over signed HTTP."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from adapters.slack.rate_limit import SlackRateLimiter
from bot.model.alliance import Channel, Member
from bot.model.events import Changed, Event, Joined, Left, Moved, Said
from bot.ports import PlatformError
from tests.contract.slack_world import SlackWorld, wired
from tests.far import slack_rooms as rooms
from tests.far.slack_hand import Hand
from tests.far.slack_state import User, Workspace, two_companies

NORTHWIND, MERIDIAN = "T0NORTHWIND", "T0MERIDIAN"
JOINT = Channel("slack", NORTHWIND, "C0JOINT")


@pytest.fixture
async def world() -> AsyncIterator[SlackWorld]:
    async with wired(two_companies(time.time, people=3)) as made:
        yield made


def what(event: Event) -> dict[str, object]:
    """All of it but the time, which has to be now."""
    told = {name: getattr(event, name) for name in event.__dataclass_fields__}
    at = told.pop("at")
    assert isinstance(at, datetime) and abs((datetime.now(UTC) - at).total_seconds()) < 60
    return told


NEWS: dict[str, tuple[Callable[[Hand], Awaitable[object]], dict[str, object]]] = {
    "renamed": (lambda hand: rooms.renamed(hand, "joint-2"), {"change": "renamed", "company": ""}),
    "archived": (lambda hand: rooms.archived(hand, "U0ANNA"), {"change": "archived", "company": ""}),
    "open again": (
        lambda hand: rooms.archived(hand, "U0ANNA", again=True),
        {"change": "reopened", "company": ""},
    ),
    "shared": (lambda hand: rooms.shared(hand, MERIDIAN), {"change": "shared", "company": MERIDIAN}),
    "unshared": (
        lambda hand: rooms.shared(hand, MERIDIAN, ended=True),
        {"change": "unshared", "company": MERIDIAN},
    ),
}


@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.parametrize("name", NEWS)
async def test_news_of_a_channel(world: SlackWorld, name: str, is_private: bool) -> None:
    world.far.state.rooms["C0JOINT"].is_private = is_private
    happen, expected = NEWS[name]
    await happen(world.hand)
    (event,) = world.inbox.taken
    assert isinstance(event, Changed) and what(event) == {"channel": JOINT} | expected


async def test_a_new_id_names_the_old_one(world: SlackWorld) -> None:
    await rooms.moved(world.hand, "C0NEW")
    (event,) = world.inbox.taken
    assert isinstance(event, Moved) and what(event) == {"channel": JOINT, "to": "C0NEW"}


async def test_the_bot_is_taken_out_and_comes_back(world: SlackWorld) -> None:
    ours = world.far.state.workspaces[NORTHWIND]
    await rooms.removed(world.hand, ours)
    await rooms.invited(world.hand, ours)
    left, joined = world.inbox.taken
    assert isinstance(left, Left) and isinstance(joined, Joined)
    assert (left.who, joined.who, left.channel, joined.channel) == (None, None, JOINT, JOINT)


async def test_a_copy_of_the_bot_is_known_as_ours_whichever_installation_hears_of_it() -> None:
    """It bears the workspace that it is of: what becomes of the other company's copy is not the bot's own fate."""
    state = two_companies(time.time, people=3, installed=(NORTHWIND, MERIDIAN))
    async with wired(state) as world:
        room, theirs = state.rooms["C0JOINT"], state.workspaces[MERIDIAN]
        for team in (NORTHWIND, MERIDIAN):
            who = state.users[state.workspaces[team].bot_user]
            inner = {"type": "member_left_channel", "user": who.id, "channel": room.id, "team": team}
            await world.hand.event(inner | {"event_ts": state.ts()}, room, who, theirs)
        told = [
            (event.who, event.channel.workspace) for event in world.inbox.taken if isinstance(event, Left)
        ]
        assert told == [(None, NORTHWIND), (None, MERIDIAN)]


async def test_another_bot_is_nobody(world: SlackWorld) -> None:
    await world.hand.join("U0OTHERBOT", left=True)
    await world.hand.join("U0OTHERBOT")
    assert world.inbox.taken == []


async def test_somebody_of_a_third_company_comes_in_with_their_company(world: SlackWorld) -> None:
    state = world.far.state
    state.workspaces["T0OTHER"] = Workspace("T0OTHER", "Other", "E0OTHER")
    state.users["U0SAM"] = User("U0SAM", "T0OTHER", "E0OTHER")
    await world.hand.join("U0SAM")
    (event,) = world.inbox.taken
    assert isinstance(event, Joined) and event.who == Member("slack", "U0SAM")
    assert event.who and event.who.home == ("T0OTHER", "E0OTHER")


@pytest.mark.parametrize(
    "order", [("tokens_revoked", "app_uninstalled"), ("app_uninstalled", "tokens_revoked")]
)
async def test_an_uninstallation_is_taken_in_either_order_at_once(
    world: SlackWorld, order: tuple[str, str]
) -> None:
    await rooms.uninstalled(world.hand, NORTHWIND, order)
    assert world.gone == [NORTHWIND, NORTHWIND]
    assert world.hand.deliveries == [200, 200] and world.inbox.taken == []


async def test_a_whole_organisation_removes_the_bot(world: SlackWorld) -> None:
    envelope = {"type": "event_callback", "team_id": None, "enterprise_id": "E0NORTHWIND"}
    await world.hand.deliver(envelope | {"event_time": 1700000000, "event": {"type": "app_uninstalled"}})
    assert world.gone == ["E0NORTHWIND"] and world.hand.deliveries == [200]


async def test_tokens_of_people_that_end_are_nothing_to_the_bot(world: SlackWorld) -> None:
    envelope = {"type": "event_callback", "team_id": NORTHWIND, "event_time": 1700000000, "event_id": "Ev1"}
    tokens = {"type": "tokens_revoked", "tokens": {"oauth": ["U0ANNA"], "bot": []}}
    await world.hand.deliver(envelope | {"event": tokens})
    assert world.gone == [] and world.hand.deliveries == [200]


async def test_a_large_channel_and_a_rush_stay_within_slacks_tier() -> None:
    """users.info: a hundred a minute. What is not known yet is asked later; what a payload says stands meanwhile."""
    state = two_companies(time.time, people=3)
    async with wired(state, pace=SlackRateLimiter(patience=0.0)) as world:
        world.far.limits.tiers, world.far.limits.leap = True, 100
        for number in range(300):
            id = f"U9{number}"
            state.users[id] = User(id, MERIDIAN)
            state.rooms["C0JOINT"].members.append(id)
        for _ in range(3):
            with pytest.raises(PlatformError, match="paced"):
                await world.platform.members(world.channel)
        for number in range(299, 200, -1):
            await world.hand.say(f"U9{number}", "fine")
        said = [event for event in world.inbox.taken if isinstance(event, Said)]
        assert len(said) == 99 and all(event.by.home == (MERIDIAN,) for event in said)
        assert not [status for status in world.far.statuses if status.startswith("429")]
        assert len(world.far.called("users.info")) == 95

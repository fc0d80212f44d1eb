"""The bot comes into a team and goes out of it, by the channel, and says which messages it gets there."""

import time
from collections.abc import AsyncIterator

import pytest

from bot.model.alliance import Channel
from bot.model.cards import to_plain_text
from bot.model.events import Changed, Commanded, Joined, Left, Said
from bot.wording import help
from tests.contract.teams_world import TeamsWorld, wired
from tests.far import adaptive
from tests.far.teams_state import APP, GENERAL, JOINT, MERIDIAN, NORTHWIND, Chat, two_tenants
from tests.use_cases.sandbox_bot import NORTHWIND as ALLIANCE

ANNA, BEN = "29:1-1-0", "29:1-2-0"
OTHER = "19:other@thread.tacv2"
GROUP_CHAT = "19:group@thread.v2"


@pytest.fixture
async def world() -> AsyncIterator[TeamsWorld]:
    state = two_tenants(time.time, people=3)
    state.chats[OTHER] = Chat(OTHER, NORTHWIND, "channel")
    async with wired(state) as made:
        yield made


def list_joined(world: TeamsWorld) -> dict[str, str | None]:
    return {event.channel.address: event.hears for event in world.inbox.taken if isinstance(event, Joined)}


def list_left(world: TeamsWorld) -> set[str]:
    return {
        event.channel.address for event in world.inbox.taken if isinstance(event, Left) and event.who is None
    }


async def test_added_to_a_team_the_bot_has_come_into_all_its_channels_and_hears_all(
    world: TeamsWorld,
) -> None:
    await world.hand.install()
    assert list_joined(world) == {GENERAL: "all", JOINT: "all", OTHER: "all"}


async def test_an_installation_is_acknowledged_in_time_and_finished_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.teams.webhook.PATIENCE", 0.3)
    async with wired(two_tenants(time.time, people=3), limit=30) as world:
        world.far.fail("channels", "hang", 1.5)
        assert (await world.hand.install()).status == 200
        assert world.inbox.taken == []
        await world.door.replies.drain(5)
        assert list_joined(world) == {GENERAL: "all"}, "the list of the others did not come"


async def test_whoever_adds_the_personal_app_is_greeted_there_once(world: TeamsWorld) -> None:
    world.inbox.card = help.write_greeting(())
    for action in ("add", "add-upgrade", "remove"):
        assert (await world.hand.add_personal_app(ANNA, action)).status == 200
    (event,) = world.inbox.taken
    assert isinstance(event, Commanded)
    assert (event.text, event.channel, event.by.home) == ("welcome", None, (NORTHWIND,))
    assert event.delivery, "Teams may deliver it again"
    await world.door.replies.drain(2)
    (greeting,) = world.far.state.personal(world.far.state.people[ANNA]).messages
    assert greeting.card and "Alliance Pulse" in adaptive.words(greeting.card)


@pytest.mark.parametrize("granted", [set(), {"TeamsAppInstallation.Read.Group"}])
async def test_without_the_permission_it_hears_what_mentions_it(world: TeamsWorld, granted: set[str]) -> None:
    world.far.state.granted = granted
    await world.hand.install()
    assert list_joined(world)[JOINT] == "mentions"
    assert await world.platform.find_message_scope(world.channel) == "mentions"
    assert "I read no mood here" in to_plain_text(help.write_welcome(ALLIANCE, "mentions"))


async def test_the_first_message_that_mentions_nobody_proves_that_all_come(world: TeamsWorld) -> None:
    world.far.state.granted = set()
    await world.hand.install()
    world.inbox.taken.clear()
    for _ in range(2):
        await world.hand.say(ANNA, "Good morning")
    kinds = [(type(event), getattr(event, "hears", None)) for event in world.inbox.taken]
    assert kinds == [(Joined, "all"), (Said, None), (Said, None)]


async def test_while_microsoft_does_not_say_nothing_is_claimed_and_what_was_seen_counts(
    world: TeamsWorld,
) -> None:
    world.far.graph_tokens.clear()
    world.far.state.chats[GENERAL].has_bot = False  # nobody tells which group the team is
    await world.hand.install()
    assert set(list_joined(world).values()) == {None}
    assert await world.platform.find_message_scope(world.channel) is None
    await world.hand.say(ANNA, "Good morning")
    assert await world.platform.find_message_scope(world.channel) == "all"
    assert [type(event) for event in world.inbox.taken][-1] is Said


async def test_a_group_chat_has_permissions_of_its_own(world: TeamsWorld) -> None:
    world.far.state.chats[GROUP_CHAT] = Chat(GROUP_CHAT, NORTHWIND, "groupChat")
    place = Channel("teams", NORTHWIND, GROUP_CHAT)
    assert await world.platform.find_message_scope(place) == "mentions"
    world.far.state.granted |= {"ChatMessage.Read.Chat"}
    assert await world.platform.find_message_scope(place) == "all"


async def test_taken_from_a_team_it_has_left_every_channel_though_nobody_lists_them_any_more(
    world: TeamsWorld,
) -> None:
    await world.hand.install()
    for chat in world.far.state.chats.values():
        chat.has_bot = False
    await world.hand.install(action="remove")
    assert list_left(world) == {GENERAL, JOINT, OTHER}


async def test_a_deleted_team_takes_all_its_channels_and_a_deleted_channel_itself(world: TeamsWorld) -> None:
    await world.hand.install()
    await world.hand.change("channelDeleted", OTHER)
    assert list_left(world) == {OTHER}
    await world.hand.change("teamDeleted")
    assert list_left(world) == {GENERAL, JOINT, OTHER}


async def test_people_who_come_are_told_of_with_their_company_in_every_channel_of_the_team(
    world: TeamsWorld,
) -> None:
    await world.hand.install()
    world.inbox.taken.clear()
    await world.hand.roster("membersAdded", ANNA, BEN, chat=GENERAL)
    came = [
        (event.channel.address, event.who.home)
        for event in world.inbox.taken
        if isinstance(event, Joined) and event.who
    ]
    homes = [(NORTHWIND,), (MERIDIAN,)]
    assert came == [(channel, home) for home in homes for channel in sorted({GENERAL, JOINT, OTHER})]
    await world.hand.roster("membersRemoved", BEN, chat=GENERAL)
    gone = world.inbox.taken[-1]
    assert (
        isinstance(gone, Left) and gone.who and gone.who.id.endswith("00000002-0000-4000-8000-000000000000")
    )


async def test_while_the_roster_is_silent_who_came_has_no_company(world: TeamsWorld) -> None:
    world.far.fail("member", "503")
    assert (await world.hand.roster("membersAdded", BEN)).status == 200
    (event,) = world.inbox.taken
    assert isinstance(event, Joined) and event.who and event.who.home == ()


async def test_the_bots_own_removal_is_told_once(world: TeamsWorld) -> None:
    await world.hand.install()
    state = world.far.state
    sent = world.hand.activity("conversationUpdate", state.people[ANNA], state.chats[GENERAL], GENERAL)
    await world.hand.deliver(sent | {"membersRemoved": [{"id": f"28:{APP}"}]})
    assert list_left(world) == set()
    await world.hand.install(action="remove")
    assert list_left(world) == {GENERAL, JOINT, OTHER}


async def test_an_archived_team_and_its_return_are_told_of_every_channel(world: TeamsWorld) -> None:
    await world.hand.install()
    world.inbox.taken.clear()
    for kind in ("teamArchived", "teamUnarchived"):
        await world.hand.change(kind)
    told = [
        (event.channel.address, event.change) for event in world.inbox.taken if isinstance(event, Changed)
    ]
    channels = sorted({GENERAL, JOINT, OTHER})
    assert told == [(channel, change) for change in ("archived", "reopened") for channel in channels]


async def test_another_name_is_told_and_the_channel_is_the_same(world: TeamsWorld) -> None:
    await world.hand.change("channelRenamed")
    (event,) = world.inbox.taken
    assert isinstance(event, Changed) and (event.channel, event.change) == (world.channel, "renamed")
    await world.hand.say(ANNA, "Good morning")
    said = world.inbox.taken[-1]
    assert isinstance(said, Said) and said.channel == world.channel


async def test_a_company_that_comes_into_a_shared_channel_or_goes_is_told_of(world: TeamsWorld) -> None:
    own = {"id": "19:x", "tenantId": NORTHWIND}
    await world.hand.change("channelShared", sharedWithTeams=[own, {"id": "19:y", "tenantId": MERIDIAN}])
    await world.hand.change("channelUnshared", unsharedFromTeams=[{"id": "19:z"}, own, 5])
    told = [(event.change, event.company) for event in world.inbox.taken if isinstance(event, Changed)]
    assert told == [("shared", MERIDIAN), ("unshared", "")]


@pytest.mark.parametrize("kind", ["teamRenamed", "channelCreated", "channelShared", "channelX", "teamX"])
async def test_what_is_of_no_interest_changes_nothing(world: TeamsWorld, kind: str) -> None:
    assert (await world.hand.change(kind)).status == 200
    assert world.inbox.taken == []


async def test_graph_is_asked_once_a_team_with_a_token_of_its_own(world: TeamsWorld) -> None:
    await world.hand.install()
    assert len(world.far.graph_tokens) == 1 and not world.far.graph_tokens & world.far.tokens.keys()
    asked = [path for path in world.far.asked if "permissionGrants" in path]
    assert asked == ["/v1.0/teams/00000000-0000-4000-8000-000000000031/permissionGrants"]

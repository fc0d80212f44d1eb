"""Test that the manifest is within Slack's documented limits in every mode, with published names only and no needless
permission. `tests/browser/test_manifests.py` holds it to what Slack itself publishes."""

import copy
import json
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft7Validator

from adapters.slack import parse
from adapters.slack.manifest import EVENTS, SCOPES, build_slack_manifest
from bot.model.cards import AnswerWith, Card, Choice, Choices
from tests.contract.slack_world import SlackWorld, wired
from tests.far import slack_rooms as rooms
from tests.far.slack_manifest import EVENT_NEEDS, SCHEMA
from tests.far.slack_methods import METHODS
from tests.far.slack_state import two_companies

NAMES = json.loads(Path("tests/far/data/slack-names.json").read_text())
MODES = ("single", "oauth", "socket")
SLACK = Draft7Validator(SCHEMA)


@pytest.mark.parametrize("mode", MODES)
def test_slack_takes_the_manifest(mode: Any) -> None:
    assert [
        error.message for error in SLACK.iter_errors(build_slack_manifest(mode, "https://pulse.example.com/"))
    ] == []


SPOILED = {
    ("display_information", "name"): "x" * 36,
    ("display_information", "long_description"): "too short",
    ("features", "slash_commands"): [{"command": "pulse", "description": "without a slash"}],
    ("settings", "event_subscriptions", "request_url"): "http://pulse.example.com/slack/events",
    ("settings", "unknown"): True,
    ("oauth_config", "scopes", "bot"): ["chat:write", "chat:write"],
}


@pytest.mark.parametrize("where", SPOILED)
def test_slack_refuses_another(where: tuple[str, ...]) -> None:
    spoiled = copy.deepcopy(build_slack_manifest())
    *path, last = where
    part = spoiled
    for name in path:
        part = part[name]
    part[last] = SPOILED[where]
    assert list(SLACK.iter_errors(spoiled))


def test_every_name_is_one_of_slacks() -> None:
    assert set(SCOPES) <= set(NAMES["scopes"])
    assert set(EVENTS) <= set(NAMES["events"])


def list_called_methods() -> set[str]:
    """Methods that the adapter's code names."""
    source = "".join(path.read_text() for path in Path("adapters/slack").glob("*.py"))
    return set(re.findall(r'"([a-z]+\.[a-zA-Z]+)"', source)) & METHODS.keys()


def test_every_permission_is_needed_and_none_is_missing() -> None:
    for_events = set[str]().union(*(EVENT_NEEDS[name] for name in EVENTS))
    for_calls = {METHODS[method][1] for method in list_called_methods()} - {""}
    assert set(SCOPES) == for_events | for_calls | {"commands"}


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_listened_to(event: str) -> None:
    assert f'"{event.partition(".")[0]}"' in Path(parse.__file__).read_text()


def test_without_a_public_address_none_is_told_and_with_oauth_the_way_back_is() -> None:
    assert "https://" not in json.dumps(build_slack_manifest("socket"))
    assert build_slack_manifest("socket")["settings"]["socket_mode_enabled"] is True
    oauth = build_slack_manifest("oauth", "https://pulse.example.com/")
    assert oauth["oauth_config"]["redirect_urls"] == ["https://pulse.example.com/slack/oauth_redirect"]
    assert oauth["settings"]["token_rotation_enabled"] is oauth["settings"]["org_deploy_enabled"] is True
    assert oauth["settings"]["interactivity"]["request_url"] == "https://pulse.example.com/slack/events"


@pytest.mark.parametrize("mode", MODES)
def test_user_text_in_commands_comes_escaped(mode: Any) -> None:
    (command,) = build_slack_manifest(mode)["features"]["slash_commands"]
    assert command["should_escape"] is True and command["command"] == "/pulse"


Act: TypeAlias = Callable[[SlackWorld], Awaitable[object]]


async def answer_with_a_button(world: SlackWorld) -> None:
    card = Card("Pulse", (Choices((Choice("4", AnswerWith("r1", "vision@1", 4)),), "One plan", scale=True),))
    ref = await world.platform.post(world.channel, card, "d1")
    await world.hand.click("U0MERI001", world.far.state.rooms[ref.address].messages[-1], "4")


async def mention_the_bot(world: SlackWorld) -> None:
    await world.hand.say("U0MERI001", "score", mention=world.far.state.workspaces["T0NORTHWIND"].bot_user)


async def write_in_a_private_channel(world: SlackWorld) -> None:
    world.far.state.rooms["C0JOINT"].is_private = True
    await world.hand.say("U0MERI001", "fine by me")


WAYS: dict[str, tuple[Act, tuple[tuple[str, ...], ...]]] = {
    "a button": (answer_with_a_button, (("settings", "interactivity"),)),
    "a direct message": (
        lambda world: world.hand.dm("U0MERI001", "score"),
        (("features", "app_home"), ("message.im",), ("im:history",)),
    ),
    "a mention": (mention_the_bot, (("app_mention",), ("app_mentions:read",))),
    "a slash command": (
        lambda world: world.hand.slash("U0NORT001", "score"),
        (("features", "slash_commands"),),
    ),
    "the App Home": (
        lambda world: world.hand.open_home("U0NORT001"),
        (("features", "app_home"), ("app_home_opened",)),
    ),
    "a message that is read": (
        lambda world: world.hand.say("U0MERI001", "fine by me"),
        (("message.channels",), ("channels:history",)),
    ),
    "a message in a private channel": (
        write_in_a_private_channel,
        (("message.groups",), ("groups:history",)),
    ),
    "somebody who joins": (lambda world: world.hand.join("U0MERI001"), (("member_joined_channel",),)),
    "a new address": (lambda world: rooms.moved(world.hand, "C0NEW"), (("channel_id_changed",),)),
    "a third company": (lambda world: rooms.shared(world.hand, "T0MERIDIAN"), (("channel_shared",),)),
}
"""Ways that docs/slack.md promises, and parts of the manifest without which each is closed."""


def omit_part(manifest: dict[str, Any], part: tuple[str, ...]) -> frozenset[str]:
    """Take a part of the manifest out, or the event or scope of that name; return the scopes that are left."""
    events, scopes = manifest["settings"]["event_subscriptions"]["bot_events"], list(SCOPES)
    for names in (events, scopes):
        if part[0] in names:
            names.remove(part[0])
    if len(part) == 2:
        del manifest[part[0]][part[1]]
    return frozenset(scopes)


async def is_open(act: Act, manifest: dict[str, Any], scopes: frozenset[str]) -> bool:
    state = two_companies(time.time, people=3)
    state.manifest = manifest
    state.workspaces["T0NORTHWIND"].scopes = scopes
    async with wired(state) as world:
        try:
            await act(world)
        except AssertionError:
            return False
        return bool(world.inbox.taken)


@pytest.mark.parametrize("way", WAYS)
async def test_each_promised_way_is_open_and_needs_its_part_of_the_manifest(way: str) -> None:
    act, parts = WAYS[way]
    for mode in MODES:
        assert await is_open(act, build_slack_manifest(mode), frozenset(SCOPES)), mode
    for part in parts:
        manifest = copy.deepcopy(build_slack_manifest())
        assert not await is_open(act, manifest, omit_part(manifest, part)), part


@pytest.mark.parametrize("mode", MODES)
async def test_the_messages_tab_is_not_left_at_slacks_default_which_is_read_only(mode: Any) -> None:
    manifest = copy.deepcopy(build_slack_manifest(mode))
    del manifest["features"]["app_home"]["messages_tab_read_only_enabled"]
    assert not await is_open(WAYS["a direct message"][0], manifest, frozenset(SCOPES))

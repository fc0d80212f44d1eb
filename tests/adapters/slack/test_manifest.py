"""Test that the manifest is within Slack's documented limits in every mode, with published names only and no needless
permission. `tests/browser/test_manifests.py` holds it to what Slack itself publishes."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.slack import parse
from adapters.slack.manifest import EVENTS, SCOPES, build_slack_manifest
from tests.far.slack_manifest import EVENT_NEEDS, SCHEMA
from tests.far.slack_methods import METHODS

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

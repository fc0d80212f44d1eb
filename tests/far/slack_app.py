"""Tell what an app of that manifest gets from Slack: which events, and in which ways people reach it."""

from typing import Any

from tests.far.slack_manifest import EVENT_NEEDS

Json = dict[str, Any]


def name_event(inner: Json) -> str:
    """The subscription that an event belongs to."""
    kinds = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
    return (
        kinds.get(inner.get("channel_type", ""), "message") if inner["type"] == "message" else inner["type"]
    )


def is_delivered(manifest: Json, scopes: frozenset[str], inner: Json) -> bool:
    """False without the subscription, or without any scope that lets the app see such a thing.

    Events that no manifest of ours names pass: a test that sends one wants to see it ignored.
    """
    name = name_event(inner)
    if name not in EVENT_NEEDS:
        return True
    needs = EVENT_NEEDS[name]
    return name in manifest["settings"]["event_subscriptions"]["bot_events"] and (
        not needs or bool(needs & scopes)
    )


def check_messages_tab(manifest: Json) -> None:
    """Nobody can write to an app whose Messages tab is read-only, which is the default.

    `messages_tab_read_only_enabled`, "@default true":
    https://github.com/slackapi/deno-slack-sdk/blob/main/src/manifest/manifest_schema.ts
    """
    tab = manifest["features"].get("app_home", {})
    assert tab.get("messages_tab_enabled"), "Slack: the app has no Messages tab"
    assert not tab.get("messages_tab_read_only_enabled", True), (
        "Slack: sending messages to this app is turned off"
    )


def check_home_tab(manifest: Json) -> None:
    assert manifest["features"].get("app_home", {}).get("home_tab_enabled"), "Slack: the app has no Home tab"


def check_command(manifest: Json, command: str) -> None:
    known = [entry["command"] for entry in manifest["features"].get("slash_commands", [])]
    assert command in known, "Slack: not a valid command"


def check_interactivity(manifest: Json) -> None:
    assert manifest["settings"].get("interactivity", {}).get("is_enabled"), "Slack: the button does nothing"

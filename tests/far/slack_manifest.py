"""Describe Slack's app manifest as a JSON schema of the parts that a bot of this kind has.

Written from https://docs.slack.dev/reference/app-manifest, for the lengths and counts; keys, types and names are
held to Slack's own types by `tests/browser/test_manifests.py`.
"""

from typing import Any

Json = dict[str, Any]


def _text(least: int, most: int, **more: Any) -> Json:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def _table(needs: tuple[str, ...] = (), **parts: Json) -> Json:
    return {"type": "object", "properties": parts, "required": list(needs), "additionalProperties": False}


def _list(of: Json, most: int) -> Json:
    return {"type": "array", "items": of, "maxItems": most, "uniqueItems": True}


_YES = {"type": "boolean"}
_URL = _text(1, 3000, pattern="^https://")
_NAMES = _list(_text(1, 50), 255)
_COMMAND = _table(
    ("command", "description"),
    command=_text(2, 32, pattern="^/"),
    description=_text(1, 2000),
    usage_hint=_text(1, 1000),
    should_escape=_YES,
    url=_URL,
)
_HOME = _table(home_tab_enabled=_YES, messages_tab_enabled=_YES, messages_tab_read_only_enabled=_YES)
_SHOWN = _table(
    ("name",),
    name=_text(1, 35),
    description=_text(1, 140),
    background_color=_text(4, 7, pattern="^#([0-9a-fA-F]{3}){1,2}$"),
    long_description=_text(175, 4000),
)

SCHEMA = _table(
    ("display_information",),
    _metadata=_table(major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
    display_information=_SHOWN,
    features=_table(
        app_home=_HOME,
        bot_user=_table(("display_name",), display_name=_text(1, 80), always_online=_YES),
        slash_commands=_list(_COMMAND, 50),
    ),
    oauth_config=_table(scopes=_table(bot=_NAMES), redirect_urls=_list(_URL, 1000)),
    settings=_table(
        event_subscriptions=_table(request_url=_URL, bot_events=_list(_text(1, 50), 100)),
        interactivity=_table(("is_enabled",), is_enabled=_YES, request_url=_URL),
        org_deploy_enabled=_YES,
        socket_mode_enabled=_YES,
        token_rotation_enabled=_YES,
    ),
)

EVENT_NEEDS = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "app_uninstalled": set(),
    "channel_id_changed": {"channels:read", "groups:read"},
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "tokens_revoked": set(),
    **{f"channel_{what}": {"channels:read"} for what in ("archive", "deleted", "rename", "unarchive")},
    **{f"group_{what}": {"groups:read"} for what in ("archive", "deleted", "rename", "unarchive")},
}
"""Scopes without which Slack does not deliver an event: "Required scopes" on each event's page."""

"""Build the manifest from which the Slack app is created: https://docs.slack.dev/reference/app-manifest"""

from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Mode: TypeAlias = Literal["single", "oauth", "socket"]

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
)
"""im:write and im:history serve to answer direct messages, and to look for one whose outcome is unknown."""
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_id_changed",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "group_archive",
    "group_deleted",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "tokens_revoked",
)


def build_slack_manifest(mode: Mode = "single", public_url: str = "https://pulse.example.com") -> Json:
    """Return the manifest for one way of connecting.

    `single`: one workspace with a fixed token. `oauth`: either company or both install it, also for a whole
    Enterprise organisation. `socket`: without a public address, for development or behind a firewall.
    """
    events_url = f"{public_url.rstrip('/')}/slack/events"
    command = {
        "command": "/pulse",
        "description": "Scores, help and settings of your alliance",
        "usage_hint": "help",
        "should_escape": True,
    }
    subscriptions: Json = {"bot_events": list(EVENTS)}
    interactivity: Json = {"is_enabled": True}
    if mode != "socket":
        command["url"] = interactivity["request_url"] = subscriptions["request_url"] = events_url
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": _DISPLAY,
        "features": {
            "app_home": _APP_HOME,
            "bot_user": {"display_name": "Alliance Pulse", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": _build_oauth_config(mode, public_url),
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": mode == "oauth",
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": mode == "oauth",
        },
    }


_APP_HOME = {
    "home_tab_enabled": True,
    "messages_tab_enabled": True,
    # Slack's default is True, and then nobody can write to the bot:
    # https://github.com/slackapi/python-slack-sdk/issues/1015
    "messages_tab_read_only_enabled": False,
}
_DISPLAY = {
    "name": "Alliance Pulse",
    "description": "Measures how well a pharma sponsor and its CRO work together",
    "background_color": "#1f3a5f",
    "long_description": (
        "Alliance Pulse lives in the joint channel of a sponsor and its CRO. It asks a few short questions a week, "
        "keeps the answers confidential, and shows both companies how well aligned they are. Alliance leads are "
        "told when alignment drops, and get one digest a week. Answers are only ever shown inside numbers that at "
        "least five people of a company make up together."
    ),
}


def _build_oauth_config(mode: Mode, public_url: str) -> Json:
    scopes: Json = {"scopes": {"bot": list(SCOPES)}}
    if mode == "oauth":
        scopes["redirect_urls"] = [f"{public_url.rstrip('/')}/slack/oauth_redirect"]
    return scopes

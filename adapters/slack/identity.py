"""Who acted, for which company, and through which installation, in every kind of payload: pure.

Whose company somebody belongs to follows from fields that differ by kind of payload, and never from the
installation: https://docs.slack.dev/apis/slack-connect and, for what that page leaves open, the events recorded in
https://github.com/slackapi/bolt-python/tree/main/tests.
"""

from typing import Any, TypeAlias

from bot.model.alliance import Channel, Member

Payload: TypeAlias = dict[str, Any]

NAME = "slack"


class MalformedPayload(ValueError):
    """A payload of a kind we know that lacks what Slack says it has. Quotes nothing of it."""


def find_workspace(sent: Payload) -> str:
    """The installation that a payload was sent to: whose token answers it. Raises Malformed.

    A form that a member of the other company sends names its own team everywhere but in `app_installed_team_id`:
    https://github.com/slackapi/bolt-js/issues/1614
    """
    match sent:
        case {"view": {"app_installed_team_id": str(id)}}:
            return id
        case {"authorizations": [{"is_enterprise_install": True, "enterprise_id": str(id)}, *_]}:
            return id
        case {"is_enterprise_install": True | "true", "enterprise": {"id": str(id)}}:
            return id
        case {"is_enterprise_install": "true", "enterprise_id": str(id)}:
            return id
        case {"authorizations": [{"team_id": str(id)}, *_]} | {"team": {"id": str(id)}}:
            return id
        case {"authorizations": [{"enterprise_id": str(id)}, *_]} | {"enterprise": {"id": str(id)}}:
            return id
        case {"team_id": str(id)} | {"team_id": None, "enterprise_id": str(id)}:
            return id
    raise MalformedPayload("no installation named")


def find_bot_user(sent: Payload) -> str:
    """The bot's user id there; empty for payloads that do not say."""
    match sent:
        case {"authorizations": [{"user_id": str(user)}, *_]}:
            return user
    return ""


def parse_message_author(inner: Payload, sent: Payload) -> Member:
    """Of a message: `team` is the author's, and where the envelope names the same, so is its enterprise."""
    team = inner.get("team") or inner.get("source_team") or _find_profile_team(inner)
    same = team is not None and sent.get("team_id") == team
    return _build_member(inner["user"], (team, sent.get("enterprise_id") if same else None), sent)


def parse_mention_author(inner: Payload, sent: Payload) -> Member:
    """Of a mention: with `user_team` present, `team` is the other company."""
    named = (inner.get("user_team"), inner.get("source_team"), _find_profile_team(inner), inner.get("team"))
    return _build_member(inner["user"], tuple(team for team in named if team)[:1], sent)


def parse_joining_member(inner: Payload, sent: Payload) -> Member | None:
    """Who joined or left; None for the bot itself. `team` may be an enterprise."""
    match inner:
        case {"user": str(user)}:
            return None if user == find_bot_user(sent) else _build_member(user, (inner.get("team"),), sent)
    raise MalformedPayload("a member without user")


def parse_interacting_user(user: Payload, sent: Payload) -> Member:
    """Of clicks and forms: `team` and `enterprise` are the actor's only where they say the actor's team."""
    team = user.get("team_id")
    match sent:
        case {"team": {"id": id}, "enterprise": {"id": enterprise}} if id == team:
            return _build_member(user["id"], (team, enterprise), sent)
    return _build_member(user["id"], (team,), sent)


def parse_command_user(sent: Payload) -> Member:
    """Of a slash command: only members of an installed workspace can use one."""
    return _build_member(sent["user_id"], (sent["team_id"], sent.get("enterprise_id")), sent)


def is_from_program(inner: Payload, sent: Payload) -> bool:
    """Written by a program: by us, by the other company's copy of us, or by another bot."""
    ours = "app_id" in inner and inner["app_id"] == sent.get("api_app_id")
    return (
        ours
        or bool(inner.get("bot_id") or inner.get("bot_profile"))
        or inner.get("user") == find_bot_user(sent)
    )


def parse_channel(inner: Payload, sent: Payload) -> Channel:
    """Where an event happened. Raises Malformed."""
    match inner:
        case {"channel": str(id)}:
            return Channel(NAME, find_workspace(sent), id)
    raise MalformedPayload("no channel named")


def _find_profile_team(inner: Payload) -> object:
    match inner:
        case {"user_profile": {"team": team}}:
            return team
    return None


def _build_member(user: str, home: tuple[object, ...], sent: Payload) -> Member:
    named = tuple(id for id in home if isinstance(id, str) and id[:1] in ("T", "E"))
    return Member(NAME, user, home=named, workspace=find_workspace(sent))

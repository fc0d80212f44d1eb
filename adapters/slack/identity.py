"""Find the actor, their company and the installation in every kind of payload. Pure.

The company of the actor is in fields that differ by kind of payload. The installation never tells it: both companies
share a channel. Sources: https://docs.slack.dev/apis/slack-connect and, for the gaps of that page, the events recorded
in https://github.com/slackapi/bolt-python/tree/main/tests.
"""

from typing import Any, TypeAlias

from bot.model.alliance import Channel, Member

Payload: TypeAlias = dict[str, Any]

NAME = "slack"


class MalformedPayload(ValueError):
    """A payload of a known kind lacks a field that Slack promises. The text quotes nothing of it."""


def find_workspace(sent: Payload) -> str:
    """Return the installation that a payload was sent to, whose token answers it. Raises MalformedPayload.

    In a form sent by a member of the other company, only `app_installed_team_id` names it; all else is their team:
    https://github.com/slackapi/bolt-js/issues/1614. If a whole organisation installed the bot, that field may name the
    organisation or one of its workspaces; on an App Home it may name another workspace than the page's own:
    https://github.com/slackapi/bolt-python/issues/1229
    """
    match {"team_id": None, **sent}:
        case {"view": {"app_installed_team_id": str(workspace)}} if workspace.startswith("E"):
            return workspace
        case {"is_enterprise_install": True, "enterprise": {"id": str(workspace)}} if not _is_others_form(
            sent
        ):
            return workspace
        case {"view": {"type": "home"}, "team": {"id": str(workspace)}}:
            return workspace
        case {"view": {"app_installed_team_id": str(workspace)}}:
            return workspace
        case {"authorizations": [{"is_enterprise_install": True, "enterprise_id": str(workspace)}, *_]}:
            return workspace
        case {"is_enterprise_install": "true", "enterprise_id": str(workspace)}:
            return workspace
        case {"authorizations": [{"team_id": str(workspace)}, *_]} | {"team": {"id": str(workspace)}}:
            return workspace
        case {"authorizations": [{"enterprise_id": str(workspace)}, *_]} | {
            "enterprise": {"id": str(workspace)}
        }:
            return workspace
        case {"team_id": str(workspace)} | {"team_id": None, "enterprise_id": str(workspace)}:
            return workspace
    raise MalformedPayload("no installation named")


def _is_others_form(sent: Payload) -> bool:
    """Return True if `team` is not where the bot is installed: then `enterprise` is the person's company too."""
    match sent:
        case {"team": {"id": str(team)}, "view": {"type": "modal", "app_installed_team_id": str(installed)}}:
            return team != installed
    return False


def find_bot_user(sent: Payload) -> str:
    """Return the bot's user id there; empty if the payload does not name it."""
    match sent:
        case {"authorizations": [{"user_id": str(user)}, *_]}:
            return user
    return ""


def parse_message_author(inner: Payload, sent: Payload) -> Member:
    """Return a message's author. `team` is theirs; the envelope's enterprise is too if its team is the same."""
    team = inner.get("team") or inner.get("source_team") or _find_profile_team(inner)
    same = team is not None and sent.get("team_id") == team
    return _build_member(inner["user"], (team, sent.get("enterprise_id") if same else None), sent)


def parse_mention_author(inner: Payload, sent: Payload) -> Member:
    """Return the author of a mention. If `user_team` is present, `team` is the other company."""
    named = (inner.get("user_team"), inner.get("source_team"), _find_profile_team(inner), inner.get("team"))
    return _build_member(inner["user"], tuple(team for team in named if team)[:1], sent)


def parse_joining_member(inner: Payload, sent: Payload) -> Member | None:
    """Return the person who joined or left; None for the bot itself. `team` may be an enterprise."""
    match inner:
        case {"user": str(user)}:
            return None if user == find_bot_user(sent) else _build_member(user, (inner.get("team"),), sent)
    raise MalformedPayload("a member without user")


def parse_interacting_user(user: Payload, sent: Payload) -> Member:
    """Return the sender of a click or form. `enterprise` is theirs only if `team` is their own team."""
    team = user.get("team_id")
    match sent:
        case {"team": {"id": named}, "enterprise": {"id": enterprise}} if named == team:
            return _build_member(user["id"], (team, enterprise), sent)
    return _build_member(user["id"], (team,), sent)


def parse_command_user(sent: Payload) -> Member:
    """Return the sender of a slash command, always a member of an installed workspace."""
    return _build_member(sent["user_id"], (sent["team_id"], sent.get("enterprise_id")), sent)


def is_from_program(inner: Payload, sent: Payload) -> bool:
    """Return True if a program wrote it: this bot, the other company's installation of it, or another bot."""
    ours = "app_id" in inner and inner["app_id"] == sent.get("api_app_id")
    return (
        ours
        or bool(inner.get("bot_id") or inner.get("bot_profile"))
        or inner.get("user") == find_bot_user(sent)
    )


def parse_channel(inner: Payload, sent: Payload) -> Channel:
    """Return the channel in which an event happened. Raises MalformedPayload."""
    match inner:
        case {"channel": str(address)}:
            return Channel(NAME, find_workspace(sent), address)
    raise MalformedPayload("no channel named")


def _find_profile_team(inner: Payload) -> object:
    match inner:
        case {"user_profile": {"team": team}}:
            return team
    return None


def _build_member(user: str, home: tuple[object, ...], sent: Payload) -> Member:
    named = tuple(company for company in home if isinstance(company, str) and company[:1] in ("T", "E"))
    return Member(NAME, user, home=named, workspace=find_workspace(sent))

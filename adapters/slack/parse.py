"""Slack's payloads as events: pure, and strict about what is read."""

from datetime import datetime

from adapters.slack.formats import parse_time
from adapters.slack.identity import (
    NAME,
    MalformedPayload,
    Payload,
    find_workspace,
    is_from_program,
    parse_channel,
    parse_joining_member,
    parse_message_author,
)
from adapters.slack.parse_interactivity import parse_click, parse_slash_command, parse_submission
from adapters.slack.parse_messages import parse_mention, parse_message
from bot.model.alliance import Channel
from bot.model.events import Change, Changed, Commanded, Event, Joined, Left, Moved

_CHANGES: dict[str, Change] = {
    "channel_rename": "renamed",
    "group_rename": "renamed",
    "channel_archive": "archived",
    "group_archive": "archived",
    "channel_deleted": "archived",
    "group_deleted": "archived",
    "channel_unarchive": "reopened",
    "group_unarchive": "reopened",
    "channel_shared": "shared",
    "channel_unshared": "unshared",
}


def parse_payload(sent: Payload, received: datetime) -> Event | None:
    """What happened; None for what is of no interest. Raises Malformed.

    `received` is the platform's time of the request, used for the payloads that carry no time of their own.
    """
    match sent:
        case {"type": "event_callback", "event": {"type": str(kind)} as inner}:
            return _parse_callback(kind, inner, sent)
        case {"type": "block_actions"}:
            return parse_click(sent)
        case {"type": "view_submission"}:
            return parse_submission(sent, received)
        case {"command": str()}:
            return parse_slash_command(sent, received)
    return None


def name_subscription(sent: Payload) -> str:
    """What the app must subscribe to, to be sent this: the name of an event, or what else Slack sends."""
    match sent:
        case {"event": {"type": "message", "channel_type": str(kind)}}:
            return _MESSAGES.get(kind, "message")
        case {"event": {"type": str(kind)}} | {"type": str(kind)}:
            return kind
    return "command" if "command" in sent else ""


_MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def parse_uninstall(sent: Payload) -> tuple[str, datetime] | None:
    """Which installation is over, and since when; None for any other payload. Raises Malformed.

    Slack sends one or both of these, in either order, and again where it was not heard.
    """
    match sent:
        case {"event": {"type": "app_uninstalled"} | {"type": "tokens_revoked", "tokens": {"bot": [_, *_]}}}:
            at = sent.get("event_time")
            if not isinstance(at, int):
                raise MalformedPayload("no valid time")
            return find_workspace(sent), parse_time(str(at))
    return None


def _parse_callback(kind: str, inner: Payload, sent: Payload) -> Event | None:
    match kind:
        case "message":
            return parse_message(inner, sent)
        case "app_mention" if not is_from_program(inner, sent):
            return parse_mention(inner, sent)
        case "member_joined_channel":
            at, who = parse_time(inner.get("event_ts")), parse_joining_member(inner, sent)
            return Joined(at=at, channel=parse_channel(inner, sent), who=who)
        case "member_left_channel":
            at, who = parse_time(inner.get("event_ts")), parse_joining_member(inner, sent)
            return Left(at=at, channel=parse_channel(inner, sent), who=who)
        case "channel_id_changed":
            return _parse_channel_move(inner, sent)
        case "app_home_opened" if inner.get("tab") == "home":
            return _parse_home_opened(inner, sent)
        case _ if kind in _CHANGES:
            return _parse_channel_change(_CHANGES[kind], inner, sent)
    return None


def _parse_home_opened(inner: Payload, sent: Payload) -> Event:
    """Somebody looks at their page. Its own time stamp is of another form than all others."""
    match inner, sent:
        case {"user": str()}, {"event_time": int(at)}:
            return Commanded(
                by=parse_message_author(inner, sent), at=parse_time(str(at)), channel=None, text="home"
            )
    raise MalformedPayload("a page without user or time")


def _parse_channel_move(inner: Payload, sent: Payload) -> Event:
    """When a private channel is first shared, and in the invited company when sharing ends."""
    match inner:
        case {"old_channel_id": str(old), "new_channel_id": str(new)}:
            where = Channel(NAME, find_workspace(sent), old)
            return Moved(at=parse_time(inner.get("event_ts")), channel=where, to=new)
    raise MalformedPayload("a new channel id without ids")


def _parse_channel_change(change: Change, inner: Payload, sent: Payload) -> Event:
    where = inner.get("channel")
    company = inner.get("connected_team_id") or inner.get("previously_connected_team_id")
    return Changed(
        at=parse_time(inner.get("event_ts")),
        channel=parse_channel({"channel": where.get("id")} if isinstance(where, dict) else inner, sent),
        change=change,
        company=company if isinstance(company, str) else "",
    )

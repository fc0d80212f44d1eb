"""Parse Slack's payloads into events, strictly. Pure."""

from datetime import datetime

from adapters.slack.formats import parse_timestamp
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
    "channel_deleted": "deleted",
    "group_deleted": "deleted",
    "channel_unarchive": "reopened",
    "group_unarchive": "reopened",
    "channel_shared": "shared",
    "channel_unshared": "unshared",
}


def parse_payload(sent: Payload, received: datetime) -> Event | None:
    """Return the event of a payload; None for payloads that the bot ignores. Raises MalformedPayload.

    `received` is Slack's time of the request, for payloads without a time of their own.
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
    """Return the subscription that makes Slack send this payload: an event's name, or the type of any other."""
    match sent:
        case {"event": {"type": "message", "channel_type": str(kind)}}:
            return _MESSAGES.get(kind, "message")
        case {"event": {"type": str(kind)}} | {"type": str(kind)}:
            return kind
    return "command" if "command" in sent else ""


_MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def parse_uninstall(sent: Payload) -> tuple[str, datetime] | None:
    """Return the installation that ended, and when; None for any other payload. Raises MalformedPayload.

    Slack sends one or both of these events, in either order, and repeats those without an acknowledgement.
    """
    match sent:
        case {"event": {"type": "app_uninstalled"} | {"type": "tokens_revoked", "tokens": {"bot": [_, *_]}}}:
            at = sent.get("event_time")
            if not isinstance(at, int):
                raise MalformedPayload("no valid time")
            return find_workspace(sent), parse_timestamp(str(at))
    return None


def _parse_callback(kind: str, inner: Payload, sent: Payload) -> Event | None:
    match kind:
        case "message":
            return parse_message(inner, sent)
        case "app_mention" if not is_from_program(inner, sent):
            return parse_mention(inner, sent)
        case "member_joined_channel":
            at, who = parse_timestamp(inner.get("event_ts")), parse_joining_member(inner, sent)
            return Joined(at=at, channel=parse_channel(inner, sent), who=who)
        case "member_left_channel":
            at, who = parse_timestamp(inner.get("event_ts")), parse_joining_member(inner, sent)
            return Left(at=at, channel=parse_channel(inner, sent), who=who)
        case "channel_id_changed":
            return _parse_channel_move(inner, sent)
        case "app_home_opened" if inner.get("tab") == "home":
            return _parse_home_opened(inner, sent)
        case _ if kind in _CHANGES:
            return _parse_channel_change(_CHANGES[kind], inner, sent)
    return None


def _parse_home_opened(inner: Payload, sent: Payload) -> Event:
    """Parse the opening of a person's App Home. Only its envelope has a time in the usual form."""
    match inner, sent:
        case {"user": str()}, {"event_time": int(at)}:
            return Commanded(
                by=parse_message_author(inner, sent), at=parse_timestamp(str(at)), channel=None, text="home"
            )
    raise MalformedPayload("an App Home without user or time")


def _parse_channel_move(inner: Payload, sent: Payload) -> Event:
    """Parse a new channel id: a private channel is first shared, or sharing ends for the invited company."""
    match inner:
        case {"old_channel_id": str(old), "new_channel_id": str(new)}:
            where = Channel(NAME, find_workspace(sent), old)
            return Moved(at=parse_timestamp(inner.get("event_ts")), channel=where, to=new)
    raise MalformedPayload("a new channel id without ids")


def _parse_channel_change(change: Change, inner: Payload, sent: Payload) -> Event:
    where = inner.get("channel")
    company = inner.get("connected_team_id") or inner.get("previously_connected_team_id")
    return Changed(
        at=parse_timestamp(inner.get("event_ts")),
        channel=parse_channel({"channel": where.get("id")} if isinstance(where, dict) else inner, sent),
        change=change,
        company=company if isinstance(company, str) else "",
    )

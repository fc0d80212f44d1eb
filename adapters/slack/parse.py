"""Slack's payloads as events: pure, and strict about what is read."""

from datetime import datetime

from adapters.slack.formats import instant
from adapters.slack.identity import (
    NAME,
    Malformed,
    Payload,
    author,
    channel,
    is_automatic,
    newcomer,
    workspace,
)
from adapters.slack.parse_interactivity import clicked, commanded, submitted
from adapters.slack.parse_messages import mention, message
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


def event(sent: Payload, received: datetime) -> Event | None:
    """What happened; None for what is of no interest. Raises Malformed.

    `received` is the platform's time of the request, used for the payloads that carry no time of their own.
    """
    match sent:
        case {"type": "event_callback", "event": {"type": str(kind)} as inner}:
            return _happened(kind, inner, sent)
        case {"type": "block_actions"}:
            return clicked(sent)
        case {"type": "view_submission"}:
            return submitted(sent, received)
        case {"command": str()}:
            return commanded(sent, received)
    return None


def subscription(sent: Payload) -> str:
    """What the app must subscribe to, to be sent this: the name of an event, or what else Slack sends."""
    match sent:
        case {"event": {"type": "message", "channel_type": str(kind)}}:
            return _MESSAGES.get(kind, "message")
        case {"event": {"type": str(kind)}} | {"type": str(kind)}:
            return kind
    return "command" if "command" in sent else ""


_MESSAGES = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def uninstalled(sent: Payload) -> tuple[str, datetime] | None:
    """Which installation is over, and since when; None for any other payload. Raises Malformed.

    Slack sends one or both of these, in either order, and again where it was not heard.
    """
    match sent:
        case {"event": {"type": "app_uninstalled"} | {"type": "tokens_revoked", "tokens": {"bot": [_, *_]}}}:
            at = sent.get("event_time")
            if not isinstance(at, int):
                raise Malformed("no valid time")
            return workspace(sent), instant(str(at))
    return None


def _happened(kind: str, inner: Payload, sent: Payload) -> Event | None:
    match kind:
        case "message":
            return message(inner, sent)
        case "app_mention" if not is_automatic(inner, sent):
            return mention(inner, sent)
        case "member_joined_channel":
            at, who = instant(inner.get("event_ts")), newcomer(inner, sent)
            return Joined(at=at, channel=channel(inner, sent), who=who)
        case "member_left_channel":
            at, who = instant(inner.get("event_ts")), newcomer(inner, sent)
            return Left(at=at, channel=channel(inner, sent), who=who)
        case "channel_id_changed":
            return _moved(inner, sent)
        case "app_home_opened" if inner.get("tab") == "home":
            return _at_home(inner, sent)
        case _ if kind in _CHANGES:
            return _changed(_CHANGES[kind], inner, sent)
    return None


def _at_home(inner: Payload, sent: Payload) -> Event:
    """Somebody looks at their page. Its own time stamp is of another form than all others."""
    match inner, sent:
        case {"user": str()}, {"event_time": int(at)}:
            return Commanded(by=author(inner, sent), at=instant(str(at)), channel=None, text="home")
    raise Malformed("a page without user or time")


def _moved(inner: Payload, sent: Payload) -> Event:
    """When a private channel is first shared, and in the invited company when sharing ends."""
    match inner:
        case {"old_channel_id": str(old), "new_channel_id": str(new)}:
            where = Channel(NAME, workspace(sent), old)
            return Moved(at=instant(inner.get("event_ts")), channel=where, to=new)
    raise Malformed("a new channel id without ids")


def _changed(change: Change, inner: Payload, sent: Payload) -> Event:
    where = inner.get("channel")
    company = inner.get("connected_team_id") or inner.get("previously_connected_team_id")
    return Changed(
        at=instant(inner.get("event_ts")),
        channel=channel({"channel": where.get("id")} if isinstance(where, dict) else inner, sent),
        change=change,
        company=company if isinstance(company, str) else "",
    )

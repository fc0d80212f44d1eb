"""Slack's payloads as events: pure, and strict about what is read."""

import re
from datetime import datetime

from adapters.slack.actor import (
    NAME,
    Malformed,
    Payload,
    author,
    channel,
    invoker,
    is_automatic,
    mentioner,
    newcomer,
    own_user,
    presser,
    workspace,
)
from adapters.slack.mark import echo
from adapters.slack.written import instant, unescaped, words
from bot.cards import Action, AnswerWith, RunCommand, SendComment, decode
from bot.events import (
    Answered,
    Change,
    Changed,
    Commanded,
    Commented,
    Deleted,
    Edited,
    Event,
    Joined,
    Left,
    Moved,
    Said,
)
from bot.model import Channel

_SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages in which a person says something."""


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
            return _clicked(sent)
        case {"type": "view_submission"}:
            return _submitted(sent, received)
        case {"command": str()}:
            return _commanded(sent, received)
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
            return _message(inner, sent)
        case "app_mention" if not is_automatic(inner, sent):
            return _mentioned(inner, sent)
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


def _message(inner: Payload, sent: Payload) -> Event | None:
    match inner:
        case {"subtype": "message_changed", "message": dict(now)} if not _is_private(inner):
            return _edited(inner, now, sent)
        case {"subtype": "message_deleted", "deleted_ts": str(message)} if not _is_private(inner):
            return Deleted(at=instant(inner.get("event_ts")), channel=channel(inner, sent), message=message)
        case {"user": str(), "text": str(text)} if inner.get("subtype") in _SPOKEN:
            return echo(inner, sent) if is_automatic(inner, sent) else _said(inner, sent, text)
    return None


def _said(inner: Payload, sent: Payload, text: str) -> Event | None:
    by, at = author(inner, sent), instant(inner.get("ts"))
    if _is_private(inner):
        text = words(_without_mention(sent, text))
        return Commanded(by=by, at=at, channel=None, text=text, delivery=_delivery(sent))
    own = own_user(sent)
    if own and text.lstrip().startswith(f"<@{own}"):
        return None  # a command: it comes a second time, as app_mention
    return Said(
        by=by,
        at=at,
        channel=channel(inner, sent),
        message=inner["ts"],
        thread=_thread(inner),
        text=unescaped(text),
    )


def _edited(inner: Payload, now: Payload, sent: Payload) -> Event | None:
    """Slack also sends a change without `edited` when it unfurls a link: nobody said anything."""
    if is_automatic(now, sent):
        return None
    where = channel(inner, sent)
    match now:
        case {"subtype": "tombstone", "ts": str(message)}:
            return Deleted(at=instant(inner.get("event_ts")), channel=where, message=message)
        case {"user": str(), "text": str(text), "ts": str(message), "edited": {"ts": edited}}:
            return Edited(
                by=author(now, sent),
                at=instant(edited),
                channel=where,
                message=message,
                thread=_thread(now),
                text=unescaped(text),
            )
    return None


def _mentioned(inner: Payload, sent: Payload) -> Event:
    match inner:
        case {"user": str(), "text": str(text)}:
            where = None if _is_private(inner) else channel(inner, sent)
            said = words(_without_mention(sent, text))
            by, at = mentioner(inner, sent), instant(inner.get("ts"))
            return Commanded(by=by, at=at, channel=where, text=said, delivery=_delivery(sent))
    raise Malformed("a mention without user or text")


def _delivery(sent: Payload) -> str:
    """Unique to an event, and the same when it is sent again after 3 seconds, a minute and five minutes.

    https://docs.slack.dev/apis/events-api/#retries
    """
    id = sent.get("event_id")
    return id if isinstance(id, str) else ""


def _clicked(sent: Payload) -> Event | None:
    match sent:
        case {"user": {"id": str()} as user, "actions": [{"type": "button", "value": str(value)} as one, *_]}:
            by, at = presser(user, sent), instant(one.get("action_ts"))
        case _:
            return None
    match _decoded(value):
        case AnswerWith(round, item, choice):
            return Answered(by=by, at=at, round=round, item=item, value=choice)
        case RunCommand(text):
            return Commanded(by=by, at=at, channel=_clicked_in(sent), text=text)
    raise Malformed("a comment that no form sent")


def _submitted(sent: Payload, received: datetime) -> Event:
    match sent:
        case {
            "user": {"id": str()} as user,
            "view": {"private_metadata": str(meaning), "state": {"values": dict(values)}},
        }:
            action = _decoded(meaning)
        case _:
            raise Malformed("a form without user or values")
    if not isinstance(action, SendComment):
        raise Malformed("a form that is not of this bot")
    text = _entered(values, "text").get("value")
    return Commented(
        by=presser(user, sent),
        at=received,
        round=action.round,
        text=text if isinstance(text, str) else "",
        share=bool(_entered(values, "share").get("selected_options")),
    )


def _entered(values: Payload, name: str) -> Payload:
    """What a form's field of that name holds: block and element bear the same name."""
    elements = values.get(name)
    element = elements.get(name) if isinstance(elements, dict) else None
    return element if isinstance(element, dict) else {}


def _decoded(value: str) -> Action:
    try:
        return decode(value)
    except ValueError:
        raise Malformed("a button that is not of this bot") from None


def _commanded(sent: Payload, received: datetime) -> Event:
    match sent:
        case {"text": str(text), "channel_id": str(id), "user_id": str(), "team_id": str()}:
            private = sent.get("channel_name") == "directmessage"
            where = None if private else Channel(NAME, workspace(sent), id)
            return Commanded(by=invoker(sent), at=received, channel=where, text=words(text))
    raise Malformed("a command without user or channel")


def _clicked_in(sent: Payload) -> Channel | None:
    match sent:
        case {"channel": {"id": str(id), **rest}} if rest.get("name") != "directmessage":
            return Channel(NAME, workspace(sent), id)
    return None


def _is_private(inner: Payload) -> bool:
    return inner.get("channel_type") == "im"


def _thread(inner: Payload) -> str | None:
    thread = inner.get("thread_ts")
    return thread if isinstance(thread, str) and thread != inner.get("ts") else None


def _without_mention(sent: Payload, text: str) -> str:
    own = re.escape(own_user(sent))
    return re.sub(rf"<@{own}(\|[^<>]*)?>", " ", text) if own else text

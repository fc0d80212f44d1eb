"""What people write: messages, what becomes of them, and mentions of the bot. Pure."""

import re

from adapters.slack.delivery_marker import echo
from adapters.slack.formats import instant, unescaped, words
from adapters.slack.identity import Malformed, Payload, author, channel, is_automatic, mentioner, own_user
from bot.model.events import LONGEST_MESSAGE, Commanded, Deleted, Edited, Event, Said

_SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages in which a person says something."""
_MENTION = re.compile(r"<@([^<>|]*)(?:\|[^<>]*)?>")


def message(inner: Payload, sent: Payload) -> Event | None:
    """Raises Malformed."""
    match inner:
        case {"subtype": "message_changed", "message": dict(now)} if not _is_private(inner):
            return _edited(inner, now, sent)
        case {"subtype": "message_deleted", "deleted_ts": str(id)} if not _is_private(inner):
            return Deleted(at=instant(inner.get("event_ts")), channel=channel(inner, sent), message=id)
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
        case {"subtype": "tombstone", "ts": str(id)}:
            return Deleted(at=instant(inner.get("event_ts")), channel=where, message=id)
        case {"user": str(), "text": str(text), "ts": str(id), "edited": {"ts": edited}}:
            return Edited(
                by=author(now, sent),
                at=instant(edited),
                channel=where,
                message=id,
                thread=_thread(now),
                text=unescaped(text),
            )
    return None


def mention(inner: Payload, sent: Payload) -> Event:
    """A command. Raises Malformed."""
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


def _is_private(inner: Payload) -> bool:
    return inner.get("channel_type") == "im"


def _thread(inner: Payload) -> str | None:
    thread = inner.get("thread_ts")
    return thread if isinstance(thread, str) and thread != inner.get("ts") else None


def _without_mention(sent: Payload, text: str) -> str:
    own, text = own_user(sent), text[:LONGEST_MESSAGE]
    return _MENTION.sub(lambda mention: " " if mention[1] == own else mention[0], text) if own else text

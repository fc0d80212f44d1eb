"""Parse messages, their edits and deletions, and mentions of the bot. Pure."""

import re

from adapters.slack.delivery_marker import parse_echo
from adapters.slack.formats import clean_text, parse_timestamp, unescape_mrkdwn
from adapters.slack.identity import (
    MalformedPayload,
    Payload,
    find_bot_user,
    is_from_program,
    parse_channel,
    parse_mention_author,
    parse_message_author,
)
from bot.model.events import LONGEST_MESSAGE, Commanded, Deleted, Edited, Event, Said

_SUBTYPES_BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that people write."""
_MENTION = re.compile(r"<@([^<>|]*)(?:\|[^<>]*)?>")


def parse_message(inner: Payload, sent: Payload) -> Event | None:
    """Return the event of a message, edit or deletion; None for any other. Raises MalformedPayload."""
    match inner:
        case {"subtype": "message_changed", "message": dict(now)} if not _is_private(inner):
            return _parse_edit(inner, now, sent)
        case {"subtype": "message_deleted", "deleted_ts": str(message_id)} if not _is_private(inner):
            return Deleted(
                at=parse_timestamp(inner.get("event_ts")),
                channel=parse_channel(inner, sent),
                message=message_id,
            )
        case {"user": str(), "text": str(text)} if inner.get("subtype") in _SUBTYPES_BY_PEOPLE:
            return parse_echo(inner, sent) if is_from_program(inner, sent) else _parse_text(inner, sent, text)
    return None


def _parse_text(inner: Payload, sent: Payload, text: str) -> Event | None:
    by, at = parse_message_author(inner, sent), parse_timestamp(inner.get("ts"))
    if _is_private(inner):
        text = clean_text(_remove_mention(sent, text))
        return Commanded(by=by, at=at, channel=None, text=text, delivery=_read_event_id(sent))
    own = find_bot_user(sent)
    if own and text.lstrip().startswith(f"<@{own}"):
        return None  # a command, which Slack sends a second time as app_mention
    return Said(
        by=by,
        at=at,
        channel=parse_channel(inner, sent),
        message=inner["ts"],
        thread=_find_thread(inner),
        text=unescape_mrkdwn(text),
    )


def _parse_edit(inner: Payload, now: Payload, sent: Payload) -> Event | None:
    """Parse an edit. Slack also reports a change when it unfurls a link: then `edited` is missing."""
    if is_from_program(now, sent):
        return None
    where = parse_channel(inner, sent)
    match now:
        case {"subtype": "tombstone", "ts": str(message_id)}:
            return Deleted(at=parse_timestamp(inner.get("event_ts")), channel=where, message=message_id)
        case {"user": str(), "text": str(text), "ts": str(message_id), "edited": {"ts": edited}}:
            return Edited(
                by=parse_message_author(now, sent),
                at=parse_timestamp(edited),
                channel=where,
                message=message_id,
                thread=_find_thread(now),
                text=unescape_mrkdwn(text),
            )
    return None


def parse_mention(inner: Payload, sent: Payload) -> Event:
    """Return the command of a mention. Raises MalformedPayload."""
    match inner:
        case {"user": str(), "text": str(text)}:
            where = None if _is_private(inner) else parse_channel(inner, sent)
            said = clean_text(_remove_mention(sent, text))
            by, at = parse_mention_author(inner, sent), parse_timestamp(inner.get("ts"))
            return Commanded(by=by, at=at, channel=where, text=said, delivery=_read_event_id(sent))
    raise MalformedPayload("a mention without user or text")


def _read_event_id(sent: Payload) -> str:
    """Return the event's id: the same when Slack repeats the event at once, after a minute and after five minutes.

    https://docs.slack.dev/apis/events-api/#retries
    """
    event_id = sent.get("event_id")
    return event_id if isinstance(event_id, str) else ""


def _is_private(inner: Payload) -> bool:
    return inner.get("channel_type") == "im"


def _find_thread(inner: Payload) -> str | None:
    thread = inner.get("thread_ts")
    return thread if isinstance(thread, str) and thread != inner.get("ts") else None


def _remove_mention(sent: Payload, text: str) -> str:
    own, text = find_bot_user(sent), text[:LONGEST_MESSAGE]
    return _MENTION.sub(lambda found: " " if found[1] == own else found[0], text) if own else text

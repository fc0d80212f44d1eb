"""Parse the page's forms into events. Pure: no clock, no log, no network."""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from adapters.sandbox.cast import Person, find_person
from adapters.sandbox.places import Spot, parse_spot
from adapters.shared.rejection import Refusal
from adapters.shared.text import join_command
from bot.model.alliance import Channel
from bot.model.cards import Action, AnswerWith, RunCommand, SendComment, SendWords, decode_action
from bot.model.events import LONGEST_COMMENT, Answered, Commanded, Commented

LONGEST = 4000
"""Characters of a message at most."""
LONGEST_FORM = 64 * 1024
"""Bytes of a form at most."""

_COMMAND = re.compile(r"[/@]pulse(?![\w-])[,:]?(.*)", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def parse_form(raw: bytes, content_type: str) -> dict[str, str]:
    """Return the fields of an urlencoded form; of a repeated field, the last. Raises Refusal."""
    if content_type != "application/x-www-form-urlencoded":
        raise Refusal(415, "Send a form (application/x-www-form-urlencoded).")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as error:
        raise Refusal(400, "The form could not be read: it is not UTF-8, or has too many fields.") from error
    return dict(pairs)


def find_author(fields: Mapping[str, str]) -> Person:
    """Return the person who sent the form. Raises Refusal."""
    found = find_person(fields.get("as", ""))
    if found is None:
        raise Refusal(400, "The sandbox has no such person. Please choose one first.")
    return found


def find_place(fields: Mapping[str, str], who: Person) -> Spot:
    """Return the place that the form was sent from, if `who` may open it. Raises Refusal."""
    try:
        found = parse_spot(fields.get("in", ""))
    except ValueError as error:
        raise Refusal(400, "There is no such place. Please choose one from the list.") from error
    if found.kind == "dm" and found.of != who.id:
        raise Refusal(403, "These direct messages belong to someone else.")
    return found


def read_text(fields: Mapping[str, str], longest: int = LONGEST) -> str:
    """Return the message, trimmed, with line ends as `\\n`. Raises Refusal."""
    text = fields.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(400, "There is nothing to send. Please write a message first.")
    if len(text) > longest:
        raise Refusal(
            400,
            f"Nothing was sent. The message has {len(text):,} characters; at most {longest:,} can be sent at once.",
        )
    if _CONTROL.search(text):
        raise Refusal(
            400, "Nothing was sent. The message has control characters; please remove them and try again."
        )
    return text


def read_number(fields: Mapping[str, str], name: str) -> int:
    """Return a field's number, 0 or more. Raises Refusal."""
    value = fields.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Refusal(400, f"The field “{name}” must be a number.")
    return int(value)


def find_command(text: str, direct: bool) -> str | None:
    """Return the command after `/pulse` or `@pulse`, or the whole direct message; None if there is none.

    Its words are separated by single spaces.
    """
    named = _COMMAND.fullmatch(text.lstrip())
    if named or direct:
        return " ".join((named[1] if named else text).split())
    return None


def is_slash(text: str) -> bool:
    """Return True for a slash command, which only the bot sees; a mention is shown in the channel."""
    return text.lstrip().startswith("/") and find_command(text, direct=False) is not None


def read_action(fields: Mapping[str, str]) -> Action:
    """Return the action of a pressed button. Raises Refusal."""
    try:
        return decode_action(fields.get("value", ""))
    except ValueError as error:
        raise Refusal(400, "This bot has no such button. Please reload the page and try again.") from error


def to_event(
    action: Action, fields: Mapping[str, str], who: Person, channel: Channel | None, at: datetime
) -> Answered | Commanded | Commented:
    """Return the event of a pressed button. Raises Refusal for a comment that cannot be sent."""
    match action:
        case AnswerWith(round_id, item, value):
            return Answered(by=who.member, at=at, round=round_id, item=item, value=value)
        case RunCommand(text):
            return Commanded(by=who.member, at=at, channel=channel, text=text)
        case SendWords():
            typed = read_text(fields, LONGEST_COMMENT)
            return Commanded(by=who.member, at=at, channel=channel, text=join_command(action, typed))
        case SendComment(round_id, reviewed):
            return Commented(
                by=who.member,
                at=at,
                round=round_id,
                text=read_text(fields, LONGEST_COMMENT),
                share=fields.get("share", "") == "on",
                reviewed=reviewed,
            )


def name_subject(action: Action) -> str:
    """Return the subject of a private confirmation; a newer one on the same subject replaces it."""
    match action:
        case AnswerWith(round_id, item, _):
            return f"answer:{round_id}:{item}"
        case RunCommand(text) | SendWords(text):
            return f"command:{text}"
        case SendComment(round_id):
            return f"comment:{round_id}"

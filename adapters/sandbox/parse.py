"""From what the page sends to what happened. Pure: no clock, no log, no network."""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from adapters.sandbox.cast import Person, person
from adapters.sandbox.places import Spot, spot
from adapters.shared.rejection import Refusal
from bot.model.alliance import Channel
from bot.model.cards import Action, AnswerWith, RunCommand, SendComment, decode
from bot.model.events import LONGEST_COMMENT, Answered, Commanded, Commented

LONGEST = 4000
"""Characters of one message."""
LONGEST_FORM = 64 * 1024
"""Bytes of one form."""

_COMMAND = re.compile(r"[/@]pulse(?![\w-])[,:]?(.*)", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def form(raw: bytes, content_type: str) -> dict[str, str]:
    """The fields of an urlencoded form; of a repeated field, the last. Raises Refusal."""
    if content_type != "application/x-www-form-urlencoded":
        raise Refusal(415, "Send a form (application/x-www-form-urlencoded).")
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError as error:
        raise Refusal(400, "The form could not be read: it is not UTF-8, or has too many fields.") from error
    return dict(pairs)


def author(fields: Mapping[str, str]) -> Person:
    """Who sent the form. Raises Refusal."""
    found = person(fields.get("as", ""))
    if found is None:
        raise Refusal(400, "Nobody of that name is in the sandbox. Choose a person first.")
    return found


def place(fields: Mapping[str, str], who: Person) -> Spot:
    """The place that the form was sent from, if `who` may be there. Raises Refusal."""
    try:
        found = spot(fields.get("in", ""))
    except ValueError as error:
        raise Refusal(400, "There is no such place. Choose one from the list.") from error
    if found.kind == "dm" and found.of != who.id:
        raise Refusal(403, "These direct messages belong to someone else.")
    return found


def words(fields: Mapping[str, str], longest: int = LONGEST) -> str:
    """The message, trimmed, with line ends as `\\n`."""
    text = fields.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(400, "There is nothing to send: write a message first.")
    if len(text) > longest:
        raise Refusal(
            400,
            f"Nothing was sent: this has {len(text):,} characters, and at most {longest:,} can be sent at once.",
        )
    if _CONTROL.search(text):
        raise Refusal(
            400, "The message has control characters that cannot be shown. Remove them and try again."
        )
    return text


def number(fields: Mapping[str, str], name: str) -> int:
    value = fields.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Refusal(400, f"The field “{name}” must be a number.")
    return int(value)


def command(text: str, direct: bool) -> str | None:
    """The command in a message: after `/pulse` or `@pulse`, and everything in a direct message; else None.

    Its words are separated by single spaces.
    """
    named = _COMMAND.fullmatch(text.lstrip())
    if named or direct:
        return " ".join((named[1] if named else text).split())
    return None


def is_slash(text: str) -> bool:
    """Slash commands are seen by nobody but the bot; mentions stand in the channel."""
    return text.lstrip().startswith("/") and command(text, direct=False) is not None


def action(fields: Mapping[str, str]) -> Action:
    try:
        return decode(fields.get("value", ""))
    except ValueError as error:
        raise Refusal(400, "That is not a button of this bot. Reload the page and try again.") from error


def pressed(
    action: Action, fields: Mapping[str, str], who: Person, channel: Channel | None, at: datetime
) -> Answered | Commanded | Commented:
    match action:
        case AnswerWith(round, item, value):
            return Answered(by=who.member, at=at, round=round, item=item, value=value)
        case RunCommand(text):
            return Commanded(by=who.member, at=at, channel=channel, text=text)
        case SendComment(round):
            share = fields.get("share", "") == "on"
            return Commented(
                by=who.member, at=at, round=round, text=words(fields, LONGEST_COMMENT), share=share
            )


def subject(action: Action) -> str:
    """What a private confirmation is about: a newer one about the same replaces the older."""
    match action:
        case AnswerWith(round, item, _):
            return f"answer:{round}:{item}"
        case RunCommand(text):
            return f"command:{text}"
        case SendComment(round):
            return f"comment:{round}"

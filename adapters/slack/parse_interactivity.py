"""Parse buttons, forms and slash commands, which Slack calls interactivity. Pure.

https://docs.slack.dev/interactivity
"""

from datetime import datetime

from adapters.shared.text import join_command
from adapters.slack.formats import clean_text, parse_timestamp
from adapters.slack.identity import (
    NAME,
    MalformedPayload,
    Payload,
    find_workspace,
    parse_command_user,
    parse_interacting_user,
)
from bot.model.alliance import Channel
from bot.model.cards import Action, AnswerWith, RunCommand, SendComment, SendWords, decode_action
from bot.model.events import Answered, Commanded, Commented, Event


def parse_click(sent: Payload) -> Event | None:
    """Return the event of a pressed button; None for any other element. Raises MalformedPayload."""
    match sent:
        case {
            "user": {"id": str()} as user,
            "actions": [{"type": "button", "value": str(value)} as button, *_],
        }:
            by, at = parse_interacting_user(user, sent), parse_timestamp(button.get("action_ts"))
        case _:
            return None
    match _decode_action(value):
        case AnswerWith(round, item, choice):
            return Answered(by=by, at=at, round=round, item=item, value=choice)
        case RunCommand(text):
            return Commanded(by=by, at=at, channel=_find_click_channel(sent), text=text)
    raise MalformedPayload("a comment that no form sent")


def parse_submission(sent: Payload, received: datetime) -> Event:
    """Return the event of a submitted form. Raises MalformedPayload."""
    match sent:
        case {
            "user": {"id": str()} as user,
            "view": {"private_metadata": str(meaning), "state": {"values": dict(values)}},
        }:
            action = _decode_action(meaning)
        case _:
            raise MalformedPayload("a form without user or values")
    by, typed = parse_interacting_user(user, sent), _read_field(values, "text").get("value")
    text = typed if isinstance(typed, str) else ""
    if isinstance(action, SendWords):
        return Commanded(by=by, at=received, channel=None, text=join_command(action, text))
    if not isinstance(action, SendComment):
        raise MalformedPayload("a form that is not of this bot")
    return Commented(
        by=by,
        at=received,
        round=action.round,
        text=text,
        share=bool(_read_field(values, "share").get("selected_options")),
        reviewed=action.reviewed,
    )


def _read_field(values: Payload, name: str) -> Payload:
    """Return the state of the form's field of that name: its block and element have the same name."""
    elements = values.get(name)
    element = elements.get(name) if isinstance(elements, dict) else None
    return element if isinstance(element, dict) else {}


def _decode_action(value: str) -> Action:
    try:
        return decode_action(value)
    except ValueError:
        raise MalformedPayload("a button that is not of this bot") from None


def parse_slash_command(sent: Payload, received: datetime) -> Event:
    """Return the event of a slash command. Raises MalformedPayload."""
    match sent:
        case {"text": str(text), "channel_id": str(address), "user_id": str(), "team_id": str()}:
            private = sent.get("channel_name") == "directmessage"
            where = None if private else Channel(NAME, find_workspace(sent), address)
            return Commanded(by=parse_command_user(sent), at=received, channel=where, text=clean_text(text))
    raise MalformedPayload("a command without user or channel")


def _find_click_channel(sent: Payload) -> Channel | None:
    match sent:
        case {"channel": {"id": str(address), **rest}} if rest.get("name") != "directmessage":
            return Channel(NAME, find_workspace(sent), address)
    return None

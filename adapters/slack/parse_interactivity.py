"""Buttons, forms and slash commands, what Slack calls interactivity: pure.

https://docs.slack.dev/interactivity
"""

from datetime import datetime

from adapters.slack.formats import instant, words
from adapters.slack.identity import NAME, Malformed, Payload, invoker, presser, workspace
from bot.model.alliance import Channel
from bot.model.cards import Action, AnswerWith, RunCommand, SendComment, decode
from bot.model.events import Answered, Commanded, Commented, Event


def clicked(sent: Payload) -> Event | None:
    """None for what is no button. Raises Malformed."""
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


def submitted(sent: Payload, received: datetime) -> Event:
    """Raises Malformed."""
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


def commanded(sent: Payload, received: datetime) -> Event:
    """Raises Malformed."""
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

"""Cards as Adaptive Cards 1.5: pure, always within Teams' limits, never anybody's words as markup.

All words stand in `TextRun`s, where Teams reads no markdown, no HTML and no mention; only `{{…}}` is expanded even
there, and is taken apart. What does not fit is cut where one sees it (`…`).
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import json

from adapters.shared.text import count_units
from adapters.teams.chart import chart
from adapters.teams.escape import cut
from adapters.teams.identity import Json
from bot.model.cards import (
    Block,
    Card,
    Check,
    Choice,
    Choices,
    Facts,
    Input,
    Quote,
    SendComment,
    Text,
    Trend,
    encode,
)

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
LARGEST = 80_000
"""Bytes of a card as UTF-16, which is how Teams counts; it refuses at about 100 KB.
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages"""
_TEXT, _LABEL, _SUMMARY, _BUTTONS, _DATA = 4000, 80, 200, 6, 2000


def message(card: Card) -> Json:
    """The activity that shows the card. The summary is what a notification says: the heading, and nothing more."""
    return {
        "type": "message",
        "summary": cut(card.heading, _SUMMARY),
        "attachments": [{"contentType": CONTENT_TYPE, "content": adaptive(card)}],
    }


def adaptive(card: Card) -> Json:
    """The card as a dict under schema 1.5, Teams' chart aside."""
    body = [_heading(card.heading)]
    for place, block in enumerate(card.blocks):
        body += _block(block, f"b{place}", card.is_form)
    shown = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": body,
    }
    return shown if _size(shown) <= LARGEST else {**shown, "body": _fitting(body)}


def _fitting(body: list[Json]) -> list[Json]:
    """As much as fits, from the top, and a sign that there was more."""
    more, room = _words("…"), LARGEST - 4000
    kept: list[Json] = []
    for element in body:
        room -= _size(element)
        if room < 0:
            return [*kept, more]
        kept.append(element)
    return kept


def _size(shown: Json) -> int:
    return len(json.dumps(shown, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def _block(block: Block, id: str, in_form: bool) -> list[Json]:
    match block:
        case Text(text, quiet):
            return [_words(text, size="Small", isSubtle=True) if quiet else _words(text)]
        case Quote(text):
            quoted = _words(text, italic=True)
            return [{"type": "Container", "style": "emphasis", "items": [quoted]}]
        case Facts(rows):
            return [_fact(label, value) for label, value in rows]
        case Choices():
            return _choices(block, id, in_form)
        case Trend():
            return [chart(block)]
        case Input():
            return [_input(block)]
        case Check():
            return [_check(block)]


def _heading(text: str) -> Json:
    return _words(text, weight="Bolder", size="Large")


def _words(text: str, spacing: str = "Default", **style: object) -> Json:
    run = {"type": "TextRun", "text": cut(text, _TEXT) or "…", **style}
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run]}


def _fact(label: str, value: str) -> Json:
    """Two columns and no FactSet, which reads markdown."""
    columns = [
        {"type": "Column", "width": 2, "items": [_words(label, weight="Bolder")]},
        {"type": "Column", "width": 3, "items": [_words(value)]},
    ]
    return {"type": "ColumnSet", "spacing": "Small", "columns": columns}


def _choices(choices: Choices, id: str, in_form: bool) -> list[Json]:
    """Six buttons a row, as many as Teams shows at once; what no button can hold is left out."""
    fitting = [one for one in choices.options if count_units(encode(one.action)) <= _DATA]
    buttons = [_button(one, f"{id}-{place}", choices, in_form) for place, one in enumerate(fitting)]
    rows = [
        {"type": "ActionSet", "spacing": "Small", "actions": buttons[at : at + _BUTTONS]}
        for at in range(0, len(buttons), _BUTTONS)
    ]
    return [*([_words(choices.prompt, weight="Bolder")] if choices.prompt else []), *rows]


def _button(choice: Choice, id: str, choices: Choices, in_form: bool) -> Json:
    """`Action.Execute`, whose answer only the one who pressed sees; `Action.Submit` where a client is too old.

    A screen reader hears what it answers.
    """
    sends = in_form and isinstance(choice.action, SendComment)
    button: Json = {
        "title": cut(choice.ticked, _LABEL) or "…",
        "id": id,
        "data": {"pulse": encode(choice.action)},
        "associatedInputs": "auto" if sends else "none",
    }
    if choice.style != "plain":
        button["style"] = "positive"
    if choices.scale and choices.prompt:
        button["tooltip"] = cut(f"{choice.ticked}: {choices.prompt}", _SUMMARY)
    older = {"type": "Action.Submit", **button, "id": f"{id}-s"}
    return {"type": "Action.Execute", "verb": "pulse", **button, "fallback": older}


def _input(field: Input) -> Json:
    return {
        "type": "Input.Text",
        "id": field.name,
        "label": cut(field.label, _SUMMARY) or "…",
        "placeholder": cut(field.hint, _SUMMARY),
        "isMultiline": True,
        "maxLength": field.longest,
        "isRequired": True,
        "errorMessage": "Please write something first.",
    }


def _check(box: Check) -> Json:
    label = cut(box.label, _SUMMARY) or "…"
    return {
        "type": "Input.Toggle",
        "id": box.name,
        "label": label,
        "title": "Yes",
        "value": "false",
        "valueOn": "true",
        "valueOff": "false",
    }

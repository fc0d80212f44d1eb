"""Render cards as Adaptive Cards 1.5 within Teams' limits; no text is ever read as markup. Pure.

All text is in `TextRun`s, where Teams reads no markdown, HTML or mentions; it only expands `{{…}}`, so `escape` breaks
those up. Only a `TextBlock` can be a heading to a screen reader, and Teams reads markup in it. So a heading is one if
nothing in it could be markup. Text that does not fit is cut and ends in `…`.
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import json
import re

from adapters.shared.text import count_units
from adapters.teams.chart import render_line_chart
from adapters.teams.escape import escape_and_cut
from adapters.teams.identity import Json
from bot.model.cards import (
    FORM_ACTIONS,
    Block,
    Card,
    Check,
    Choice,
    Choices,
    Facts,
    Input,
    Quote,
    Text,
    Trend,
    encode_action,
)

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
LARGEST = 80_000
"""Bytes of a card as UTF-16, which is how Teams counts; it refuses at about 100 KB.
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages"""
_TEXT, _LABEL, _SUMMARY, _BUTTONS, _DATA = 4000, 80, 200, 6, 2000

_PLAIN = re.compile(r"(?!\d+[.)] )(?:[^\W_]|“)(?:[^\W_]|[ ,;!?'’“”„–—×·…()%/+-]|:(?!//)|\.(?!\w)|& )*(?<! )")
"""Text without markdown, HTML, lists, entities, addresses and `{{…}}`:
https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features"""


def render_activity(card: Card, delivery_id: str = "") -> Json:
    """Return the activity that shows the card. Notifications show its summary: the heading, and nothing more.

    The heading's id tells which delivery it is, so that a lost post can be found.
    """
    shown = render_adaptive_card(card)
    if delivery_id:
        shown["body"][0]["id"] = mark_delivery(delivery_id)
    return {
        "type": "message",
        "summary": escape_and_cut(card.heading, _SUMMARY),
        "attachments": [{"contentType": CONTENT_TYPE, "content": shown}],
    }


def mark_delivery(delivery_id: str) -> str:
    """Return the id of an element of the card that shows this delivery."""
    return f"pulse-{delivery_id}"


def render_adaptive_card(card: Card) -> Json:
    """Return the card as JSON of schema 1.5; only the chart is Teams' own."""
    body = [_render_heading(card.heading)]
    for place, block in enumerate(card.blocks):
        body += _render_block(block, f"b{place}", card.is_form)
    shown = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": body,
    }
    return shown if _count_bytes(shown) <= LARGEST else {**shown, "body": _keep_what_fits(body)}


def _keep_what_fits(body: list[Json]) -> list[Json]:
    """Return the first elements that fit into `LARGEST` bytes; a last `…` says that there was more."""
    more, room = _render_words("…"), LARGEST - 4000
    kept: list[Json] = []
    for element in body:
        room -= _count_bytes(element)
        if room < 0:
            return [*kept, more]
        kept.append(element)
    return kept


def _count_bytes(shown: Json) -> int:
    return len(json.dumps(shown, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def _render_block(block: Block, block_id: str, in_form: bool) -> list[Json]:
    match block:
        case Text(text, quiet):
            return [_render_words(text, size="Small", isSubtle=True) if quiet else _render_words(text)]
        case Quote(text):
            quoted = _render_words(text, italic=True)
            return [{"type": "Container", "style": "emphasis", "items": [quoted]}]
        case Facts(rows):
            return [_render_fact(label, value) for label, value in rows]
        case Choices():
            return _render_choices(block, block_id, in_form)
        case Trend():
            return [render_line_chart(block)]
        case Input():
            return [_render_input(block)]
        case Check():
            return [_render_check(block)]


def _render_heading(text: str) -> Json:
    if count_units(text) > _TEXT or not _PLAIN.fullmatch(text):
        return _render_words(text, weight="Bolder", size="Large")
    heading = {"type": "TextBlock", "style": "heading", "wrap": True, "text": text}
    return {**heading, "weight": "Bolder", "size": "Large"}


def _render_words(text: str, spacing: str = "Default", **style: object) -> Json:
    run = {"type": "TextRun", "text": escape_and_cut(text, _TEXT) or "…", **style}
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run]}


def _render_fact(label: str, value: str) -> Json:
    """Return two columns; a FactSet would read markdown."""
    columns = [
        {"type": "Column", "width": 2, "items": [_render_words(label, weight="Bolder")]},
        {"type": "Column", "width": 3, "items": [_render_words(value)]},
    ]
    return {"type": "ColumnSet", "spacing": "Small", "columns": columns}


def _render_choices(choices: Choices, block_id: str, in_form: bool) -> list[Json]:
    """Return rows of six buttons, as many as Teams shows at once; an action too long for a button is left out."""
    fitting = [choice for choice in choices.options if count_units(encode_action(choice.action)) <= _DATA]
    buttons = [
        _render_button(choice, f"{block_id}-{place}", choices, in_form)
        for place, choice in enumerate(fitting)
    ]
    rows = [
        {"type": "ActionSet", "spacing": "Small", "actions": buttons[at : at + _BUTTONS]}
        for at in range(0, len(buttons), _BUTTONS)
    ]
    return [*([_render_words(choices.prompt, weight="Bolder")] if choices.prompt else []), *rows]


def _render_button(choice: Choice, button_id: str, choices: Choices, in_form: bool) -> Json:
    """Return an `Action.Execute`, whose reply only the person who pressed sees, with `Action.Submit` for old clients.

    The tooltip gives screen readers the question with the answer.
    """
    sends = in_form and isinstance(choice.action, FORM_ACTIONS)
    button: Json = {
        "title": escape_and_cut(choice.ticked, _LABEL) or "…",
        "id": button_id,
        "data": {"pulse": encode_action(choice.action)},
        "associatedInputs": "auto" if sends else "none",
    }
    if choice.style != "plain":
        button["style"] = "positive"
    if choices.scale and choices.prompt:
        button["tooltip"] = escape_and_cut(f"{choice.ticked}: {choices.prompt}", _SUMMARY)
    older = {"type": "Action.Submit", **button, "id": f"{button_id}-s"}
    return {"type": "Action.Execute", "verb": "pulse", **button, "fallback": older}


def _render_input(field: Input) -> Json:
    return {
        "type": "Input.Text",
        "id": field.name,
        "label": escape_and_cut(field.label, _SUMMARY) or "…",
        "placeholder": escape_and_cut(field.hint, _SUMMARY),
        "isMultiline": True,
        "maxLength": field.longest,
        **({"value": escape_and_cut(field.value, field.longest)} if field.value else {}),
        "isRequired": True,
        "errorMessage": "Please write something first.",
    }


def _render_check(box: Check) -> Json:
    label = escape_and_cut(box.label, _SUMMARY) or "…"
    return {
        "type": "Input.Toggle",
        "id": box.name,
        "label": label,
        "title": "Yes",
        "value": "false",
        "valueOn": "true",
        "valueOff": "false",
    }

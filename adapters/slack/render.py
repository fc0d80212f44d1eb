"""Cards as Block Kit: pure, always within Slack's limits, never anybody's words as markup.

What does not fit is cut where one sees it (`…`). Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from adapters.shared.text import UNPRINTABLE, count_units, cut_text
from adapters.slack.chart import MAX_CHARTS, build_line_chart
from adapters.slack.formats import escape_mrkdwn
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
    drawn,
    encode,
    plain,
)

Json: TypeAlias = dict[str, Any]

QUIET = {"unfurl_links": False, "unfurl_media": False}
"""Of every new message: nobody's link fetches anything."""
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
_HEADER, _TITLE, _SECTION, _FIELD, _FIELDS, _LABEL, _VALUE, _BUTTONS = 150, 24, 3000, 2000, 10, 75, 2000, 25
_LEFT_OUT = "Times without a number are left out of the line."
_FALLBACK = 4000
"""Characters of top-level text that Slack recommends at most."""


@lru_cache(maxsize=64)
def render_message(card: Card, charts: bool = False) -> Json:
    """What chat.postMessage and its kin take: blocks, and the whole card as text for screen readers.

    Remembered, and so not to be changed: hundreds may answer a question in a minute, and what they are told is one
    of six things. A screen reader reads the text and not the blocks:
    https://docs.slack.dev/reference/methods/chat.postMessage#accessibility
    """
    return {
        "text": escape_mrkdwn(cut_text(plain(card), _FALLBACK)) or "…",
        "blocks": _limit_blocks(MESSAGE_BLOCKS, _render_blocks(card, charts=MAX_CHARTS if charts else 0)),
        "mrkdwn": False,
    }


def list_renderings(card: Card) -> tuple[Json, ...]:
    """The card as a message, best first: where Slack does not know charts yet, it refuses the first as a whole."""
    return (
        (render_message(card, charts=True), render_message(card))
        if has_chart(card)
        else (render_message(card),)
    )


def has_chart(card: Card) -> bool:
    """Is there a trend in it that Slack could draw?"""
    return any(isinstance(one, Trend) and build_line_chart(one) for one in card.blocks)


def render_modal(card: Card) -> Json:
    """The card as a dialog; a form's submitting button becomes the dialog's own."""
    submit = next((one for one in _list_options(card) if isinstance(one.action, SendComment)), None)
    view = {
        "type": "modal",
        "callback_id": "card",
        "title": _render_plain_text(card.heading, _TITLE),
        "close": _render_plain_text("Cancel" if card.is_form else "Close", _TITLE),
        "blocks": _limit_blocks(VIEW_BLOCKS, _render_blocks(card, in_modal=True)),
        "private_metadata": encode(submit.action) if submit else "",
    }
    if card.is_form:
        view["submit"] = _render_plain_text(submit.label if submit else "Send", _TITLE)
    return view


def render_app_home(card: Card) -> Json:
    """The card as somebody's App Home."""
    return {"type": "home", "blocks": _limit_blocks(VIEW_BLOCKS, _render_blocks(card))}


def _render_blocks(card: Card, in_modal: bool = False, charts: int = 0) -> list[Json]:
    """`charts`: how many trends may be drawn."""
    shown = [_render_header(card.heading)] if not in_modal or count_units(card.heading) > _TITLE else []
    for place, block in enumerate(card.blocks):
        charted = _render_chart(block) if charts and isinstance(block, Trend) else []
        charts -= bool(charted)
        shown += charted or [dict(one) for one in _render_block(block, f"b{place}", in_modal)]
    return [block for block in shown if block]


def _limit_blocks(most: int, blocks: list[Json]) -> list[Json]:
    if not blocks:
        return [_render_section("…")]
    return blocks if len(blocks) <= most else [*blocks[: most - 1], _render_context("…")]


def _render_block(block: Block, id: str, in_modal: bool) -> list[Json]:
    match block:
        case Text(text, quiet):
            return [_render_context(text) if quiet else _render_section(text)]
        case Quote(text):
            return [_render_quote(text)]
        case Facts(rows):
            return _render_facts(rows)
        case Choices():
            return _render_choices(block, id)
        case Trend():
            return [_render_trend(block)]
        case Input():
            return [_render_input(block)] if in_modal else [_render_section(block.label)]
        case Check():
            return [_render_checkbox(block)] if in_modal else [_render_section(block.label)]


def _render_plain_text(text: str, longest: int) -> Json:
    return {"type": "plain_text", "text": cut_text(text, longest) or "…", "emoji": False}


def _render_header(text: str) -> Json:
    return {"type": "header", "text": _render_plain_text(text, _HEADER)} if cut_text(text, _HEADER) else {}


def _render_section(text: str) -> Json:
    return {"type": "section", "text": _render_plain_text(text, _SECTION)} if cut_text(text, _SECTION) else {}


def _render_context(text: str) -> Json:
    return (
        {"type": "context", "elements": [_render_plain_text(text, _FIELD)]} if cut_text(text, _FIELD) else {}
    )


def _render_quote(text: str) -> Json:
    said = {"type": "text", "text": cut_text(text, _SECTION) or "…"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [said]}]}


def _render_facts(rows: Sequence[tuple[str, str]]) -> list[Json]:
    fields = [_render_plain_text(f"{label}\n{value}", _FIELD) for label, value in rows]
    return [{"type": "section", "fields": fields[at : at + _FIELDS]} for at in range(0, len(fields), _FIELDS)]


def _render_chart(trend: Trend) -> list[Json]:
    """With a word on what it leaves out: a line over a gap must not pass for numbers that were never shown."""
    charted = build_line_chart(trend)
    gap = any(value is None for line in trend.series for value in line.values)
    return [charted, *([_render_context(_LEFT_OUT)] if gap else [])] if charted else []


def _render_trend(trend: Trend) -> Json:
    text = {"type": "text", "text": cut_text(drawn(trend), _SECTION) or "…"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}


def _render_choices(choices: Choices, id: str) -> list[Json]:
    """Buttons; a submitting one belongs to the dialog and is left out, as is what no button can hold."""
    buttons = [
        _render_button(one, f"{id}.{place}", choices)
        for place, one in enumerate(choices.options)
        if not isinstance(one.action, SendComment) and _fits_button(encode(one.action))
    ]
    rows = [
        {"type": "actions", "block_id": f"{id}.{at}", "elements": buttons[at : at + _BUTTONS]}
        for at in range(0, len(buttons), _BUTTONS)
    ]
    return [_render_section(choices.prompt), *rows]


def _fits_button(value: str) -> bool:
    return count_units(value) <= _VALUE and not UNPRINTABLE.search(value)


def _render_button(choice: Choice, id: str, choices: Choices) -> Json:
    """A screen reader hears what it answers."""
    button = {
        "type": "button",
        "action_id": id,
        "text": _render_plain_text(choice.ticked, _LABEL),
        "value": encode(choice.action),
    }
    if choice.style != "plain":
        button["style"] = "primary"
    if choices.scale and choices.prompt:
        button["accessibility_label"] = cut_text(f"{choice.ticked}: {choices.prompt}", _LABEL)
    return button


def _render_input(field: Input) -> Json:
    entry = {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": True,
        "max_length": min(_SECTION, field.longest),
    }
    shown = {
        "type": "input",
        "block_id": field.name,
        "label": _render_plain_text(field.label, _FIELD),
        "element": entry,
    }
    return (
        {**shown, "hint": _render_plain_text(field.hint, _FIELD)} if cut_text(field.hint, _FIELD) else shown
    )


def _render_checkbox(box: Check) -> Json:
    option = {"text": _render_plain_text("Yes", _LABEL), "value": "yes"}
    return {
        "type": "input",
        "block_id": box.name,
        "label": _render_plain_text(box.label, _FIELD),
        "element": {"type": "checkboxes", "action_id": box.name, "options": [option]},
        "optional": True,
    }


def _list_options(card: Card) -> list[Choice]:
    return [one for block in card.blocks if isinstance(block, Choices) for one in block.options]

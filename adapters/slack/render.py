"""Render cards as Block Kit, always within Slack's limits and without markup in anybody's words. Pure.

Text that does not fit is visibly shortened (`…`). Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from adapters.shared.text import UNPRINTABLE, count_units, shorten_text
from adapters.slack.chart import MAX_CHARTS, build_line_chart
from adapters.slack.formats import escape_mrkdwn
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
    draw_trend,
    encode_action,
    to_plain_text,
)

Json: TypeAlias = dict[str, Any]

QUIET = {"unfurl_links": False, "unfurl_media": False}
"""Arguments of every new message, so that Slack fetches no link in it."""
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
_HEADER, _TITLE, _SECTION, _FIELD, _FIELDS, _LABEL, _VALUE, _BUTTONS = 150, 24, 3000, 2000, 10, 75, 2000, 25
_GAP_NOTE = "The line leaves out dates without a number."
_FALLBACK = 4000
"""Most characters of top-level text that Slack recommends."""


@lru_cache(maxsize=64)
def render_message(card: Card, charts: bool = False) -> Json:
    """Render a message for chat.postMessage and similar methods: blocks, and the whole card as text.

    The result is cached, so callers must not change it: hundreds may answer a question in a minute and get one of six
    confirmations. Screen readers read the text and not the blocks:
    https://docs.slack.dev/reference/methods/chat.postMessage#accessibility
    """
    return {
        "text": escape_mrkdwn(shorten_text(to_plain_text(card), _FALLBACK)) or "…",
        "blocks": _limit_blocks(MESSAGE_BLOCKS, _render_blocks(card, charts=MAX_CHARTS if charts else 0)),
        "mrkdwn": False,
    }


def list_renderings(card: Card) -> tuple[Json, ...]:
    """Return the card as messages, the best first: a Slack without charts refuses a message that has one."""
    return (
        (render_message(card, charts=True), render_message(card))
        if has_chart(card)
        else (render_message(card),)
    )


def has_chart(card: Card) -> bool:
    """Return True if Slack can draw one of the card's trends."""
    return any(isinstance(block, Trend) and build_line_chart(block) for block in card.blocks)


def render_modal(card: Card) -> Json:
    """Render the card as a dialog. A form's submit button becomes the dialog's own."""
    submit = next((choice for choice in _list_options(card) if isinstance(choice.action, FORM_ACTIONS)), None)
    view = {
        "type": "modal",
        "callback_id": "card",
        "title": _render_plain_text(card.heading, _TITLE),
        "close": _render_plain_text("Cancel" if card.is_form else "Close", _TITLE),
        "blocks": _limit_blocks(VIEW_BLOCKS, _render_blocks(card, in_modal=True)),
        "private_metadata": encode_action(submit.action) if submit else "",
    }
    if card.is_form:
        view["submit"] = _render_plain_text(submit.label if submit else "Send", _TITLE)
    return view


def render_app_home(card: Card) -> Json:
    """Render the card as a person's App Home."""
    return {"type": "home", "blocks": _limit_blocks(VIEW_BLOCKS, _render_blocks(card))}


def _render_blocks(card: Card, in_modal: bool = False, charts: int = 0) -> list[Json]:
    """Render the heading and all blocks. At most `charts` trends become charts, the others text."""
    shown = [_render_header(card.heading)] if not in_modal or count_units(card.heading) > _TITLE else []
    for place, block in enumerate(card.blocks):
        charted = _render_chart(block) if charts and isinstance(block, Trend) else []
        charts -= bool(charted)
        shown += charted or [dict(part) for part in _render_block(block, f"b{place}", in_modal)]
    return [block for block in shown if block]


def _limit_blocks(limit: int, blocks: list[Json]) -> list[Json]:
    if not blocks:
        return [_render_section("…")]
    return blocks if len(blocks) <= limit else [*blocks[: limit - 1], _render_context("…")]


def _render_block(block: Block, block_id: str, in_modal: bool) -> list[Json]:
    match block:
        case Text(text, quiet):
            return [_render_context(text) if quiet else _render_section(text)]
        case Quote(text):
            return [_render_quote(text)]
        case Facts(rows):
            return _render_facts(rows)
        case Choices():
            return _render_choices(block, block_id)
        case Trend():
            return [_render_trend(block)]
        case Input():
            return [_render_input(block)] if in_modal else [_render_section(block.label)]
        case Check():
            return [_render_checkbox(block)] if in_modal else [_render_section(block.label)]


def _render_plain_text(text: str, longest: int) -> Json:
    return {"type": "plain_text", "text": shorten_text(text, longest) or "…", "emoji": False}


def _render_header(text: str) -> Json:
    return (
        {"type": "header", "text": _render_plain_text(text, _HEADER)} if shorten_text(text, _HEADER) else {}
    )


def _render_section(text: str) -> Json:
    return (
        {"type": "section", "text": _render_plain_text(text, _SECTION)}
        if shorten_text(text, _SECTION)
        else {}
    )


def _render_context(text: str) -> Json:
    return (
        {"type": "context", "elements": [_render_plain_text(text, _FIELD)]}
        if shorten_text(text, _FIELD)
        else {}
    )


def _render_quote(text: str) -> Json:
    said = {"type": "text", "text": shorten_text(text, _SECTION) or "…"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [said]}]}


def _render_facts(rows: Sequence[tuple[str, str]]) -> list[Json]:
    fields = [_render_plain_text(f"{label}\n{value}", _FIELD) for label, value in rows]
    return [{"type": "section", "fields": fields[at : at + _FIELDS]} for at in range(0, len(fields), _FIELDS)]


def _render_chart(trend: Trend) -> list[Json]:
    """Render a chart with a note on gaps: the line across a gap must not look like numbers that were shown."""
    charted = build_line_chart(trend)
    gap = any(value is None for line in trend.series for value in line.values)
    return [charted, *([_render_context(_GAP_NOTE)] if gap else [])] if charted else []


def _render_trend(trend: Trend) -> Json:
    text = {"type": "text", "text": shorten_text(draw_trend(trend), _SECTION) or "…"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}


def _render_choices(choices: Choices, block_id: str) -> list[Json]:
    """Render buttons. The submit button belongs to the dialog; a value beyond Slack's limit has no button."""
    buttons = [
        _render_button(choice, f"{block_id}.{place}", choices)
        for place, choice in enumerate(choices.options)
        if not isinstance(choice.action, FORM_ACTIONS) and _fits_button(encode_action(choice.action))
    ]
    rows = [
        {"type": "actions", "block_id": f"{block_id}.{at}", "elements": buttons[at : at + _BUTTONS]}
        for at in range(0, len(buttons), _BUTTONS)
    ]
    return [_render_section(choices.prompt), *rows]


def _fits_button(value: str) -> bool:
    return count_units(value) <= _VALUE and not UNPRINTABLE.search(value)


def _render_button(choice: Choice, action_id: str, choices: Choices) -> Json:
    """Render a button. On a scale, a screen reader reads the question with it."""
    button = {
        "type": "button",
        "action_id": action_id,
        "text": _render_plain_text(choice.ticked, _LABEL),
        "value": encode_action(choice.action),
    }
    if choice.style != "plain":
        button["style"] = "primary"
    if choices.scale and choices.prompt:
        button["accessibility_label"] = shorten_text(f"{choice.ticked}: {choices.prompt}", _LABEL)
    return button


def _render_input(field: Input) -> Json:
    entry = {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": True,
        "max_length": min(_SECTION, field.longest),
    }
    if field.value:
        entry["initial_value"] = shorten_text(field.value, min(_SECTION, field.longest))
    shown = {
        "type": "input",
        "block_id": field.name,
        "label": _render_plain_text(field.label, _FIELD),
        "element": entry,
    }
    return (
        {**shown, "hint": _render_plain_text(field.hint, _FIELD)}
        if shorten_text(field.hint, _FIELD)
        else shown
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
    return [choice for block in card.blocks if isinstance(block, Choices) for choice in block.options]

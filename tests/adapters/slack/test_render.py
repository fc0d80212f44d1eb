"""Test that Slack accepts every card as Block Kit and that nobody's words become markup."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.shared.text import shorten_text
from adapters.slack.render import render_app_home, render_message, render_modal
from bot.model.cards import (
    AnswerWith,
    Card,
    Check,
    Choice,
    Choices,
    Facts,
    Input,
    Quote,
    RunCommand,
    SendComment,
    Series,
    Text,
    Trend,
    decode_action,
)
from tests.far.blockkit import elements, problems, view_problems

_AWKWARD = st.sampled_from(
    ["", " ", "\n\n", "\x00\x07", "<!channel>", "&amp;", "\ud800", "🙂" * 80, "שלום ", "é" * 200, "x" * 5000]
)
words = st.one_of(_AWKWARD, st.text(max_size=40), st.text(st.characters(), max_size=200))
actions = st.one_of(
    st.builds(
        AnswerWith, st.text("abc", min_size=1), st.text("abc@1", min_size=1), st.sampled_from([1, 5, None])
    ),
    st.builds(RunCommand, words),
    st.builds(SendComment, st.text("abc", min_size=1)),
)
choices = st.builds(Choice, words, actions, st.sampled_from(["plain", "primary", "chosen"]))
numbers = st.one_of(st.none(), st.integers(0, 100))
series = st.builds(Series, words, st.lists(numbers, max_size=30).map(tuple))
names = st.sampled_from(["text", "share"])
blocks = st.one_of(
    st.builds(Text, words, st.booleans()),
    st.builds(Quote, words),
    st.builds(Facts, st.lists(st.tuples(words, words), max_size=25).map(tuple)),
    st.builds(Choices, st.lists(choices, max_size=27).map(tuple), words, st.booleans()),
    st.builds(Trend, words, st.lists(words, max_size=30).map(tuple), st.lists(series, max_size=8).map(tuple)),
)
cards = st.builds(Card, words, st.lists(blocks, max_size=12).map(tuple))
fields = st.tuples(
    st.builds(Input, st.just("text"), words, words, st.integers(1, 9000)),
    st.builds(Check, st.just("share"), words),
)


def second_opinion(blocks: list[dict[str, Any]]) -> None:
    """slack_sdk's own models; they do not know charts. Raises SlackObjectFormationError."""
    known = [block for block in blocks if block["type"] != "data_visualization"]
    parsed = Block.parse_all(known)
    assert len(parsed) == len(known)
    for block in parsed:
        block.validate_json()


@given(cards)
@settings(max_examples=50)
def test_slack_takes_every_card_as_a_message(card: Card) -> None:
    for sent in (render_message(card), render_message(card, charts=True)):
        assert problems(sent["blocks"], "message") == []
        second_opinion(sent["blocks"])
        assert 0 < len(sent["text"]) <= 40_000
        assert "<" not in sent["text"] and ">" not in sent["text"]
        json.dumps(sent).encode("utf-8")
        sent["text"].encode("utf-8")


@given(cards, fields)
@settings(max_examples=25)
def test_slack_takes_every_card_as_a_dialog_and_as_a_page(card: Card, form: tuple[Input, Check]) -> None:
    for view in (
        render_modal(card),
        render_modal(Card(card.heading, (*card.blocks[:20], *form))),
        render_app_home(card),
    ):
        assert view_problems(view) == []
        View(**view).validate_json()


@given(cards)
@settings(max_examples=25)
def test_every_text_is_plain(card: Card) -> None:
    def kinds(part: Any) -> set[str]:
        match part:
            case {"type": str(kind), **rest}:
                return {kind}.union(*(kinds(value) for value in rest.values()))
            case list():
                return set().union(*(kinds(inner) for inner in part))
        return set()

    shown = render_message(card)
    assert "mrkdwn" not in kinds(shown["blocks"])
    assert shown["mrkdwn"] is False
    assert not set("<>") & set(shown["text"])


@given(cards)
@settings(max_examples=25)
def test_every_button_that_is_shown_means_what_its_choice_means(card: Card) -> None:
    meant = {choice.action for block in card.blocks if isinstance(block, Choices) for choice in block.options}
    for block in render_message(card)["blocks"]:
        for button in elements(block):
            assert decode_action(button["value"]) in meant


@given(words, st.integers(2, 200))
def test_what_does_not_fit_is_cut_where_one_sees_it(text: str, longest: int) -> None:
    short = shorten_text(text, longest)
    assert len(short.encode("utf-16-le")) // 2 <= longest
    assert short.endswith("…") or short == shorten_text(text, 100_000)


SCALE = Choices(
    tuple(
        Choice(f"{value} · Agree", AnswerWith("r1", "vision@1", value), "chosen" if value == 4 else "plain")
        for value in (1, 2, 3, 4, 5, None)
    ),
    "We share one plan",
    scale=True,
)


def test_a_scale_is_six_buttons_in_one_row_that_say_what_they_answer() -> None:
    prompt, row = render_message(Card("", (SCALE,)))["blocks"]
    assert prompt["text"]["text"] == "We share one plan"
    assert row["elements"][0]["accessibility_label"] == "1 · Agree: We share one plan"
    assert len(row["elements"]) == 6


def test_what_was_chosen_is_told_by_more_than_colour() -> None:
    row = render_message(Card("", (SCALE,)))["blocks"][1]
    chosen = [button for button in row["elements"] if button.get("style")]
    assert [button["text"]["text"] for button in chosen] == ["✓ 4 · Agree"]


def test_a_screen_reader_hears_the_whole_card() -> None:
    text = render_message(Card("Pulse", (Text("Tap once & go"), SCALE, Facts((("Open until", "Thu"),)))))[
        "text"
    ]
    assert text.splitlines()[:3] == ["Pulse", "Tap once &amp; go", "We share one plan"]
    assert text.endswith("Open until: Thu")


def test_a_form_is_a_dialog_whose_submission_is_the_comment() -> None:
    form = Card(
        "Confidential comment",
        (Input("text", "Your comment"), Choices((Choice("Send", SendComment("r1")),))),
    )
    view = render_modal(form)
    assert decode_action(view["private_metadata"]) == SendComment("r1")
    assert view["submit"]["text"] == "Send"
    assert [block["type"] for block in view["blocks"]] == ["input"]


def test_more_blocks_than_a_message_holds_are_cut_and_say_so() -> None:
    many = render_message(Card("Long", tuple(Text(f"line {n}") for n in range(70))))["blocks"]
    assert problems(many) == []
    assert many[-1]["elements"][0]["text"] == "…"

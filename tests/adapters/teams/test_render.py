"""Any card is one that Teams takes, and nobody's words are more than words."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams.render import LARGEST, render_activity, render_adaptive_card
from bot.model.cards import (
    Action,
    AnswerWith,
    Block,
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
)
from bot.wording import confirmations, help
from tests.far.adaptive import elements, labels, problems, size, strip_extensions, words

HOSTILE = "**bold** [x](http://example.com) <at>Anna</at> <b>&amp; {{DATE(2026-01-01,SHORT)}} {{{ ${x}"
texts = st.text(max_size=60) | st.sampled_from([HOSTILE, "{{", "{{{{", "\ud800", "\x00", " "])
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(
        AnswerWith, st.text("ab1", min_size=1), st.text("ab1@", min_size=1), st.none() | st.integers(1, 5)
    ),
    st.builds(RunCommand, texts),
    st.builds(SendComment, st.text("ab1", min_size=1)),
)
choices = st.builds(Choice, texts, actions, st.sampled_from(["plain", "primary", "chosen"]))
series = st.builds(Series, texts, st.lists(st.none() | st.integers(0, 100), max_size=8).map(tuple))
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, texts, st.booleans()),
    st.builds(Quote, texts),
    st.builds(Facts, st.lists(st.tuples(texts, texts), max_size=5).map(tuple)),
    st.builds(Choices, st.lists(choices, max_size=15).map(tuple), texts, st.booleans()),
    st.builds(Trend, texts, st.lists(texts, max_size=8).map(tuple), st.lists(series, max_size=10).map(tuple)),
)
forms = st.just((Input("text", "Comment", HOSTILE), Check("share", HOSTILE))) | st.just(())
cards = st.builds(
    lambda heading, above, form: Card(heading, (*above, *form)),
    texts,
    st.lists(blocks, max_size=6),
    forms,
)


@settings(max_examples=40)
@given(cards)
def test_any_card_is_valid_and_small_and_can_travel(card: Card) -> None:
    shown = render_adaptive_card(card)
    assert problems(shown) == []
    assert size(shown) <= LARGEST
    json.dumps(render_activity(card)).encode()
    assert "{{" not in json.dumps(list(list_texts(shown)), ensure_ascii=False)


def test_words_are_kept_as_they_are() -> None:
    shown = render_adaptive_card(Card(HOSTILE, (Text(HOSTILE), Quote(HOSTILE), Facts(((HOSTILE, HOSTILE),)))))
    assert words(shown).count(HOSTILE) == 5


def test_a_card_too_large_is_cut_where_one_sees_it() -> None:
    shown = render_adaptive_card(Card("Long", tuple(Text("ü🙂" * 3000) for _ in range(40))))
    assert size(shown) <= LARGEST
    assert words(shown).endswith("…")
    assert problems(shown) == []


def test_a_chosen_answer_bears_a_tick_and_tells_a_screen_reader_what_it_answers() -> None:
    options = (Choice("4 · Agree", AnswerWith("r", "i", 4), "chosen"), Choice("5", AnswerWith("r", "i", 5)))
    shown = render_adaptive_card(Card("Pulse", (Choices(options, "We share one plan", scale=True),)))
    assert labels(shown) == ["✓ 4 · Agree", "5"]
    assert [element["tooltip"] for element in elements(shown) if "tooltip" in element] == [
        "✓ 4 · Agree: We share one plan",
        "5: We share one plan",
    ]


def test_a_trend_is_a_chart_and_where_there_is_none_its_bars() -> None:
    trend = Trend("Alignment", ("1 Jan", "8 Jan", "15 Jan"), (Series("Both", (70.0, None, 72.04)),))
    shown = render_adaptive_card(Card("Digest", (trend,)))
    (chart,) = [element for element in elements(shown) if element["type"] == "Chart.Line"]
    assert chart["data"] == [
        {"legend": "Both", "values": [{"x": "1 Jan", "y": 70.0}, {"x": "15 Jan", "y": 72.0}]}
    ]
    assert "Both ▆·▆ 72" in words(strip_extensions(shown))


def test_a_chart_shows_its_title_and_the_whole_scale_and_names_days_that_do_not_overlap() -> None:
    days = tuple(f"2027-{month:02}-{day:02}" for month in range(1, 4) for day in (1, 8, 15, 22, 29))
    labels = tuple(f"label {place}" for place in range(len(days)))
    for count in (11, 12, 15):
        points = tuple(float(place) for place in range(count))
        trend = Trend("Alignment", labels[:count], (Series("Both", points),), days=days[:count])
        (chart,) = [
            e for e in elements(render_adaptive_card(Card("Digest", (trend,)))) if "Chart" in e["type"]
        ]
        assert (chart["showTitle"], chart["yMin"], chart["yMax"]) == (True, 0, 100)
        shown = [point["x"] for point in chart["data"][0]["values"]]
        assert shown == list(labels[:count] if count < 12 else days[:count])


@pytest.mark.parametrize(
    "plain",
    ["Your answer is saved", "I don't know “frobnicate”", "Roche & Sons: 39 of 100 (poor)", "Ärzte × 東京"],
)
def test_a_heading_is_a_heading_to_a_screen_reader(plain: str) -> None:
    (heading,) = render_adaptive_card(Card(plain, ()))["body"]
    assert (heading["type"], heading["style"], heading["text"]) == ("TextBlock", "heading", plain)


@pytest.mark.parametrize(
    "odd",
    [
        "**bold**",
        "a_b_c",
        "[x](y)",
        "1. item",
        "- item",
        "<b>",
        "&lt;",
        "AT&T",
        "see https://x",
        "ends with a space ",
        "_a_",
        "evil.example",
        "a@b",
        "{{x",
    ],
)
def test_a_heading_that_could_be_markup_is_words_all_the_same(odd: str) -> None:
    (heading,) = render_adaptive_card(Card(odd, ()))["body"]
    assert heading["type"] == "RichTextBlock" and odd.strip() in words({"body": [heading]})


def test_the_bots_own_headings_are_headings() -> None:
    """What the bot itself writes needs no such fallback."""
    headings = [
        help.write_help(()).heading,
        help.refuse_member().heading,
        confirmations.report_not_saved().heading,
    ]
    for heading in headings:
        assert render_adaptive_card(Card(heading, ()))["body"][0]["type"] == "TextBlock", heading


def test_withheld_everywhere_is_text_and_no_empty_chart() -> None:
    shown = render_adaptive_card(
        Card("Digest", (Trend("Alignment", ("1 Jan",), (Series("Both", (None,)),)),))
    )
    assert problems(shown) == []
    assert "Both ·" in words(shown)


def test_what_a_notification_says_is_the_heading_alone() -> None:
    assert (
        render_activity(Card("Pulse of Tuesday", (Quote("secret words"),)))["summary"] == "Pulse of Tuesday"
    )


def list_texts(shown: Any) -> list[str]:
    """Every string in the card but what a button sends back."""
    if isinstance(shown, list):
        return [text for part in shown for text in list_texts(part)]
    if isinstance(shown, dict):
        return [
            text
            for key, part in shown.items()
            if key != "data" or isinstance(part, list)
            for text in list_texts(part)
        ]
    return [shown] if isinstance(shown, str) else []

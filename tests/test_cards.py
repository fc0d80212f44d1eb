"""Buttons mean the same after a round trip, and plain text leaves nothing out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.cards import (
    Action,
    AnswerWith,
    Card,
    Choice,
    Choices,
    Facts,
    RunCommand,
    SendComment,
    SendWords,
    Series,
    Text,
    decode_action,
    draw_bars,
    encode_action,
    to_plain_text,
)

ids = st.text("abcdef0123456789@-", min_size=1, max_size=40)
actions = st.one_of(
    st.builds(AnswerWith, ids, ids, st.one_of(st.none(), st.integers(1, 5))),
    st.builds(RunCommand, st.text(max_size=100)),
    st.builds(SendComment, ids, st.booleans()),
    st.builds(SendWords, st.text(min_size=1)),
)


@given(actions)
def test_a_button_means_the_same_when_it_comes_back(action: Action) -> None:
    assert decode_action(encode_action(action)) == action


forged = st.builds(
    lambda action, more: f"{encode_action(action)}{more}",
    actions,
    st.sampled_from(["|x", "|", "x", " ", "6"]),
)


@given(st.one_of(st.text(), forged))
def test_a_forged_button_is_refused_or_means_something_a_button_can_mean(value: str) -> None:
    try:
        action = decode_action(value)
    except ValueError:
        return
    assert encode_action(action) == value


@pytest.mark.parametrize(
    "value",
    ["a|r|i|6", "a|r|i|0", "a|r|i|", "a||i|3", "a|r||3", "a|r|i|4|x", "c|", "c|r|x", "c||reviewed", "x", ""],
)
def test_values_no_button_can_have_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not the value of a button"):
        decode_action(value)


def test_plain_text_holds_every_label_and_value() -> None:
    card = Card(
        "Heading",
        (Text("Words"), Facts((("Level", "72"),)), Choices((Choice("Agree", RunCommand("x")),), "How?")),
    )
    assert to_plain_text(card).splitlines() == ["Heading", "Words", "Level: 72", "How?", "Agree"]


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=40))
def test_a_trend_has_one_bar_a_point(values: list[float | None]) -> None:
    assert len(draw_bars(Series("x", tuple(values)))) == len(values)

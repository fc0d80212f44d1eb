"""Cards as HTML: everything is shown, and only as text."""

import re
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox import chart, render
from bot.model.cards import (
    Card,
    Check,
    Choice,
    Choices,
    Facts,
    Input,
    Quote,
    RunCommand,
    Series,
    Text,
    Trend,
    decode_action,
)
from tests.adapters.sandbox.cards import cards, values
from tests.adapters.sandbox.sandbox_site import read_page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"


def render_card(card: Card, card_id: str) -> str:
    return render.render_template("card.html", {"card": card, "id": card_id})


def squeeze_spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@settings(max_examples=60)
@given(cards)
def test_any_card_is_shown_whole_and_its_buttons_mean_what_they_meant(card: Card) -> None:
    page = read_page(render_card(card, "m1"))
    assert squeeze_spaces(card.heading) in page.text
    shown = [squeeze_spaces(block.text) for block in card.blocks if isinstance(block, Text | Quote)]
    assert all(text in page.text for text in shown)
    options = [option for block in card.blocks if isinstance(block, Choices) for option in block.options]
    assert [decode_action(button.value) for button in page.buttons] == [option.action for option in options]
    assert [squeeze_spaces(button.label) for button in page.buttons] == [
        squeeze_spaces(option.label) for option in options
    ]


def test_what_anyone_wrote_is_text_wherever_it_stands() -> None:
    card = Card(
        HOSTILE,
        (
            Text(HOSTILE),
            Quote(HOSTILE),
            Facts(((HOSTILE, HOSTILE),)),
            Choices((Choice(HOSTILE, RunCommand(HOSTILE)),), HOSTILE),
            Trend(HOSTILE, (HOSTILE,), (Series(HOSTILE, (50.0,)),)),
            Input("text", HOSTILE, HOSTILE),
            Check("share", HOSTILE),
        ),
    )
    html = render_card(card, "m1")
    page = read_page(html)
    assert not {"script", "img"} & set(page.tags)
    assert page.text.count("<script>alert(1)</script>") >= 10
    assert page.buttons[0].value == f"r|{HOSTILE}"
    assert "49" not in page.text


def test_a_trend_is_drawn_as_a_picture_in_words_and_as_a_table() -> None:
    trend = Trend("Alignment", ("3 Nov", "10 Nov", "17 Nov"), (Series("Sponsor", (72.0, None, 64.4)),))
    html = render_card(Card("Digest", (trend,)), "m1")
    page = read_page(html)
    assert html.count("<circle") == 2 + 1  # two shown points, one in the legend
    assert "Sponsor: from 72 to 64, lowest 64, highest 72; 1 not shown" in page.text
    assert re.search(r"3 Nov ?72 ?10 Nov ?not shown ?17 Nov ?64", page.text)


@given(values)
def test_a_curve_has_a_point_for_each_value_inside_the_frame_and_a_stretch_between_gaps(
    given_values: tuple[float | None, ...],
) -> None:
    drawn = chart.lay_out_chart(Trend("", ("",) * len(given_values), (Series("", given_values),)))
    (curve,) = drawn.curves
    assert len(curve.points) == sum(value is not None for value in given_values)
    assert all(0 <= at.x <= chart.WIDTH and chart.TOP <= at.y <= chart.HEIGHT for at in curve.points)
    assert len(curve.stretches) == sum(
        known for known, _ in groupby(given_values, lambda value: value is not None)
    )


def test_a_higher_value_stands_higher_and_later_ones_further_right() -> None:
    (curve,) = chart.lay_out_chart(Trend("", ("1", "2", "3"), (Series("", (0.0, 50.0, 100.0)),))).curves
    low, middle, high = curve.points
    assert low.y > middle.y > high.y
    assert low.x < middle.x < high.x


@given(st.integers(1, 60))
def test_the_time_axis_names_the_first_and_the_last_label_and_few_between(count: int) -> None:
    labels = tuple(str(number) for number in range(count))
    marked = [label for label, _ in chart.lay_out_chart(Trend("", labels, ())).ticks]
    assert (marked[0], marked[-1]) == (labels[0], labels[-1])
    assert len(marked) <= 6
    assert len(set(marked)) == len(marked)

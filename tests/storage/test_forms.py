"""What is stored as JSON comes back exactly, whatever it holds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.alliance import Alliance, Channel, Item, Member, MessageRef
from bot.model.cards import Card
from bot.model.closing import Alarm, MoodLine
from storage.engine import json_codec as forms
from storage.engine.json_codec import JsonCodec, Unfit

some = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
cards = st.from_type(Card)


def exact(form: JsonCodec[object], value: object) -> bool:
    again = form.read(form.write(value))
    return repr(again) == repr(value)  # Which, unlike ==, takes one NaN for another.


@some
@given(cards, st.one_of(st.from_type(Channel), st.from_type(Member)))
def test_a_posting(card: Card, place: Channel | Member) -> None:
    assert exact(forms.POSTING, (place, card))


@some
@given(st.lists(st.from_type(Item), max_size=4).map(tuple), st.from_type(MessageRef))
def test_items_and_references(items: tuple[Item, ...], ref: MessageRef) -> None:
    assert exact(forms.ITEMS, items)
    assert exact(forms.REF, ref)


@some
@given(st.from_type(Alarm), st.lists(st.from_type(MoodLine), max_size=2).map(tuple))
def test_alarms_and_mood(alarm: Alarm, mood: tuple[MoodLine, ...]) -> None:
    assert exact(forms.ALARM, alarm)
    assert exact(forms.MOOD, mood)


@some
@given(st.from_type(Alliance))
def test_an_alliance(alliance: Alliance) -> None:
    assert forms.ALLIANCE.read(forms.ALLIANCE.write(alliance)) == alliance


plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
nested = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@some
@given(st.dictionaries(st.text(), nested))
def test_the_memory_of_the_charts(state: dict[str, object]) -> None:
    assert exact(forms.MEMORY, state)


def test_what_does_not_fit_is_refused_without_quoting_it() -> None:
    with pytest.raises(Unfit) as refused:
        forms.ITEMS.read('[[{"key": "canary-7f3a", "version": "canary-7f3a"}]]')
    assert "canary" not in str(refused.value)

"""Test that received text is cleaned storable and otherwise left unchanged."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.text import replace_unstorable

ANYTHING = st.characters(exclude_categories=())
JSON = st.recursive(
    st.none() | st.integers() | st.booleans() | st.text(ANYTHING),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=20,
)


def list_texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in list_texts(item)]
        case dict():
            return [text for item in value.values() for text in list_texts(item)]
    return []


@given(JSON)
def test_every_cleaned_text_can_be_stored(value: object) -> None:
    cleaned = replace_unstorable(value)
    assert "\x00" not in "".join(list_texts(cleaned)).encode().decode()
    assert replace_unstorable(cleaned) == cleaned


@given(st.text())
def test_storable_text_stays_as_it_is(text: str) -> None:
    text = text.replace("\x00", "")
    assert replace_unstorable({"a": [text, 1, None]}) == {"a": [text, 1, None]}


def test_the_text_around_an_unstorable_character_stays() -> None:
    assert replace_unstorable("a\ud83d b\x00 🙂") == "a\ufffd b\ufffd 🙂"

"""What arrives is made such that a database takes it, and nothing else of it is changed."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.text import writable

ANYTHING = st.characters(exclude_categories=())
JSON = st.recursive(
    st.none() | st.integers() | st.booleans() | st.text(ANYTHING),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=20,
)


def texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for one in value for text in texts(one)]
        case dict():
            return [text for one in value.values() for text in texts(one)]
    return []


@given(JSON)
def test_every_text_can_be_written(value: object) -> None:
    made = writable(value)
    assert "\x00" not in "".join(texts(made)).encode().decode()
    assert writable(made) == made


@given(st.text())
def test_what_can_be_written_stays_as_it_is(text: str) -> None:
    text = text.replace("\x00", "")
    assert writable({"a": [text, 1, None]}) == {"a": [text, 1, None]}


def test_what_stood_around_it_stays() -> None:
    assert writable("a\ud83d b\x00 🙂") == "a\ufffd b\ufffd 🙂"

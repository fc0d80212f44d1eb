"""What a database can hold of what arrived. Pure."""

from typing import Any


def writable(value: Any) -> Any:
    """The same JSON without what only an escape can bring and no database takes: NUL, and half a character.

    Each becomes U+FFFD, so that a text stays readable, and an id with one in it is nobody's.
    """
    match value:
        case str():
            return _whole(value)
        case list():
            return [writable(one) for one in value]
        case dict():
            return {key: writable(one) for key, one in value.items()}
    return value


def _whole(text: str) -> str:
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "\ufffd")

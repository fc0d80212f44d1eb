"""Text as chat platforms count it, in UTF-16 units, cut to what they take, and rid of what nobody can keep. Pure."""

import re
from typing import Any

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """`text` without unprintable characters, and with `…` for what is beyond `longest` UTF-16 units."""
    clean = UNPRINTABLE.sub(" ", text).strip()
    if units(clean) <= longest:
        return clean
    return clean.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


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

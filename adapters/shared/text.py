"""Count text as chat platforms do (in UTF-16 units), shorten it to their limits, and clean it for storage. Pure."""

import re
from typing import Any

from bot.model.cards import SendWords
from bot.model.events import LONGEST_COMMENT

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def count_units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten_text(text: str, longest: int) -> str:
    """Return the text without unprintable characters. Text beyond `longest` UTF-16 units is replaced by `…`."""
    clean = UNPRINTABLE.sub(" ", text).strip()
    if count_units(clean) <= longest:
        return clean
    return clean.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", "ignore") + "…"


def replace_unstorable(value: Any) -> Any:
    """Return the same JSON without NUL and unpaired surrogates, which JSON can escape but no database stores.

    Each becomes U+FFFD: a text stays readable, and an id with one in it matches nobody.
    """
    match value:
        case str():
            return _replace_in_text(value)
        case list():
            return [replace_unstorable(item) for item in value]
        case dict():
            return {key: replace_unstorable(item) for key, item in value.items()}
    return value


def _replace_in_text(text: str) -> str:
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "\ufffd")


def join_command(action: SendWords, typed: str) -> str:
    """Return the command that a form sends: its own words, then those that were typed, with single spaces."""
    return " ".join(f"{action.command} {typed[:LONGEST_COMMENT]}".split())

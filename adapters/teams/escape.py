"""Make text safe for Adaptive Cards: Teams expands nothing in it and can display all of it."""

import re

from adapters.shared import text

_OPENING = re.compile(r"\{(?=\{)")


def escape_braces(words: str) -> str:
    """Return the text with an invisible word joiner between double braces, so that no `{{DATE(…)}}` is expanded.

    https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
    """
    return _OPENING.sub("{\u2060", words)


def escape_and_cut(words: str, longest: int) -> str:
    """Return safe, printable text of at most `longest` UTF-16 units; `…` marks a cut."""
    return text.shorten_text(escape_braces(words), longest)

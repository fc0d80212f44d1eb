"""Words as Teams may be given them: nothing that it would expand, nothing that it cannot show."""

import re

from adapters.shared import text

_OPENING = re.compile(r"\{(?=\{)")


def safe(words: str) -> str:
    """Words in which no `{{DATE(…)}}` is expanded: a word joiner, which nobody sees, parts the braces.

    https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
    """
    return _OPENING.sub("{\u2060", words)


def cut(words: str, longest: int) -> str:
    """Safe and printable, with `…` for what is beyond `longest` UTF-16 units."""
    return text.cut_text(safe(words), longest)

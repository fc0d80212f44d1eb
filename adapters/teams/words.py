"""Words as Teams may be given them: nothing that it would expand, nothing that it cannot show."""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OPENING = re.compile(r"\{(?=\{)")


def safe(text: str) -> str:
    """`text` in which no `{{DATE(…)}}` is expanded: a word joiner, which nobody sees, parts the braces.

    https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
    """
    return _OPENING.sub("{\u2060", text)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """`text`, safe and printable, with `…` for what is beyond `longest` UTF-16 units."""
    clean = safe(_UNPRINTABLE.sub(" ", text).strip())
    if units(clean) <= longest:
        return clean
    kept = clean.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", "ignore")
    return f"{kept}…"

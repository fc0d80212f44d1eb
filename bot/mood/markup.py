"""Strip the markup of Slack and Teams, quotations and code from what people typed."""

import re
from html import unescape

from bot.mood.reading import Reason

LONGEST = 4_000
"""Characters of a message that are read, after mentions and links are taken out of four times as many."""

# Every pattern is linear: a class never crosses the character that opens its pattern (`tests/test_patterns.py`).
_MENTION = re.compile(r"<at[^<>]*>[^<]*</at>|<[@#!][^<>]*>|(?<![^\s(,;:/])@[^\s<>]+")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^<>]*>|<a\b[^<>]*>[^<]*</a>|(?:https?://|www\.)[^\s<>]+")
_ADDRESS = re.compile(r"(?<![^\s<>(])[^\s@<>()]+@[^\s@<>]+")
_EMOJI_TAG = re.compile(r"<(?:emoji|img)\b([^<>]*)>")
_ALT = re.compile(r"alt=\"([^\"]*)\"")
_BLOCK = re.compile(r"<(pre|code|codeblock|blockquote)\b")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]*>")
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|&gt;).*$", re.MULTILINE)
_FORWARD = re.compile(
    r"^[ \t>*_]*(?:-{2,} ?(?:original message|forwarded message|urspr\w+ nachricht|message d'origine)"
    r"|begin forwarded message"
    r"|(?:from|von|de|da) ?:[^\n]*\n[ \t>*_]*(?:sent|date|to|gesendet|an|envoy\w+|enviado) ?:)",
    re.IGNORECASE | re.MULTILINE,
)
_HARD_CODE = re.compile(
    r"^[^\S\n]*(?:Traceback \(most recent|at [\w.$]+\(|File \"|(?:def|class) \w.*:$|import \w+|SELECT .* FROM |"
    r"\{\s*\"|<\?xml|(?:\w+\s*=\s*)?\w+\([^)]{0,200}\);?$|proc \w+|data \w+;)",
    re.MULTILINE,
)


def words_of_author(text: str) -> str | Reason:
    """Return the author's own words, or the reason why there are none to judge."""
    short = _neutralise_links(text[: 4 * LONGEST])[:LONGEST]
    if _FORWARD.search(short):
        return Reason.FORWARDED
    own, coded, quoted = _keep_own_words(short)
    if _is_table(own):
        return Reason.TABLE
    if own.strip():
        return Reason.CODE if _is_code(own) else own
    return Reason.CODE if coded else Reason.QUOTED if quoted else Reason.TOO_SHORT


def _neutralise_links(text: str) -> str:
    """Mentions, links and addresses give way to a blank, so that what they hold cannot matter."""
    if "@" in text or "<" in text:
        text = _ADDRESS.sub(" ", _MENTION.sub(" ", text))
    return _LINK.sub(" ", text) if "://" in text or "www." in text or "<" in text else text


def _keep_own_words(text: str) -> tuple[str, bool, bool]:
    """Text without code and quotations, and whether there was any of either."""
    coded = quoted = False
    if "`" in text:
        text, coded = _INLINE_CODE.sub(" ", " ".join(text.split("```")[::2])), True
    if "<" in text:
        plain = _without_blocks(_EMOJI_TAG.sub(_name_emoji, text))
        quoted = "<blockquote" in text
        coded = coded or "<pre" in text or "<code" in text
        text = _TAG.sub(" ", _BREAK.sub("\n", plain))
    if ">" in text or "&gt;" in text:
        bare = _QUOTED_LINE.sub("", text)
        text, quoted = bare, quoted or bare != text
    return unescape(text) if "&" in text else text, coded, quoted


def _name_emoji(tag: re.Match[str]) -> str:
    alt = _ALT.search(tag[1])
    return f" {alt[1]} " if alt else tag[0]


def _without_blocks(text: str) -> str:
    """Text without what stands between a block's opening and closing tag; one that is never closed stays.

    One look for a closing tag that is not there is enough: as a pattern, each opening would look again.
    """
    kept, end, unclosed = [], 0, set()
    for opening in _BLOCK.finditer(text):
        name = opening[1]
        if opening.start() < end or name in unclosed:
            continue
        closing = text.find(f"</{name}>", opening.end())
        if closing < 0:
            unclosed.add(name)
        else:
            kept.append(text[end : opening.start()])
            end = closing + len(f"</{name}>")
    return " ".join([*kept, text[end:]])


def _is_table(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    rows = sum(line.count("|") > 1 or line.count("\t") > 1 for line in lines)
    return rows > 1 and rows * 2 >= len(lines)


def _is_code(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return 2 * len(_HARD_CODE.findall(text)) > len(lines)

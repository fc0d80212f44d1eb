"""Text to lower-case tokens: words, numbers, runs of ! ? and dots, and the mood of emoji."""

import re

from bot.mood.lexicon import EMOJI

MOST = 1_500
"""Tokens of a message that are read; English of the greatest length read has a thousand."""
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[!?]+|\.\.+|[.,;:()\"]")
_SHORTCODE = re.compile(r":[a-z0-9_+'-]{1,40}:")
_CHARACTERS = str.maketrans(
    {mark: f" {mood} " for mark, mood in EMOJI.items() if len(mark) == 1}
    | dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"')
    | {"\u2026": "..."}
)
_FACES = re.compile(r"(?<!\w)(?:[:;=8]['-]?[)\]dp]+|[:;=]['-]?[(\[/|]+|<3+|[xX]d)(?!\w)")


def normalise_text(text: str) -> str:
    """Lower case, one kind of quotation mark, emoji and faces as words."""
    text = text.lower()
    if not text.isascii():
        text = text.translate(_CHARACTERS)
    if ":" in text or ";" in text or "=" in text or "<3" in text:
        text = _FACES.sub(_replace_face, _SHORTCODE.sub(_replace_emoji, text))
    return text


def split_tokens(normalised: str) -> list[str]:
    """Return the first tokens, `MOST` at most: only text without words has more, and it would take long to read."""
    return _TOKEN.findall(normalised)[:MOST]


def _replace_emoji(match: re.Match[str]) -> str:
    return f" {EMOJI.get(match[0], 'emoneu')} "


def _replace_face(match: re.Match[str]) -> str:
    return " emoneg " if set(match[0]) & set("([/|") else " emopos "

"""Find the part of a message that can be judged, or the reason why none can."""

from typing import NamedTuple

from bot.mood.framing import strip_frame
from bot.mood.language import is_english
from bot.mood.lexicon import VALENCE
from bot.mood.markup import words_of_author
from bot.mood.reading import Reason
from bot.mood.tokens import normalise_text, split_tokens


class PreparedText(NamedTuple):
    normal: str
    words: list[str]
    """Tokens: words, numbers, punctuation that tells, emoji as words."""


def find_judgeable(text: str) -> PreparedText | Reason:
    """Find the author's own English words."""
    own = words_of_author(text)
    if isinstance(own, Reason):
        return own
    own = strip_frame(own)
    normal = normalise_text(own)
    found = split_tokens(normal)
    spoken = [word for word in found if word[0].isalpha()]
    if not spoken or (len(spoken) == 1 and not _says_something(spoken[0])):
        return Reason.TOO_SHORT if own.isascii() or is_english(own, spoken) else Reason.OTHER_LANGUAGE
    return PreparedText(normal, found) if is_english(own, spoken) else Reason.OTHER_LANGUAGE


def _says_something(word: str) -> bool:
    return word in VALENCE or word.startswith("emo")

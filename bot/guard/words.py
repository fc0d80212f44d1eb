"""Text to words without case, accents or width, to its language, and to its sentences."""

import re
import unicodedata
from collections import Counter
from functools import cache
from importlib.resources import files

READ_LANGUAGES = ("en", "de", "fr", "es", "ja")
"""The languages that have cues. In others only identifiers are found."""
_WORD = re.compile(r"[^\W_]+")
_END = re.compile(r"[.!?][\s]|[\n。！？;]")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN_END = 0x24F
_TELLING_WORDS = 200
"""Words that are enough to tell a language."""


def simplify(text: str) -> str:
    """Return the text in one width, in lower case and without the accents of Latin letters."""
    text = unicodedata.normalize("NFKC", text).lower()
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.replace("ß", "ss"))
    return unicodedata.normalize("NFC", "".join(char for char in apart if not "\u0300" <= char <= "\u036f"))


def split_words(simple: str) -> list[str]:
    return _WORD.findall(simple)


def split_sentences(text: str) -> list[str]:
    return [part for part in _END.split(text) if part and not part.isspace()]


def name_language(simple: str, words: list[str]) -> str:
    """Return "en", "ja" …, "other", or "" where nothing tells. Function words decide, and the script."""
    if not simple.isascii():
        if _KANA.search(simple):
            return "ja"
        letters = [ord(char) for char in simple if char.isalpha()]
        foreign = sum(code > _LATIN_END for code in letters)
        if 2 * foreign > len(letters):
            return "ja" if _JAPANESE.search(simple) else "other"
    counts = Counter(
        language for word in words[:_TELLING_WORDS] for language in _read_languages().get(word, ())
    )
    if not counts:
        return ""
    most = max(counts.values())
    leaders = [language for language, count in counts.items() if count == most]
    own = [language for language in leaders if language in READ_LANGUAGES]
    if own:
        return own[0] if len(own) == 1 else ""
    return "other" if most > 1 else ""


def is_function_word(word: str, language: str) -> bool:
    return language in _read_languages().get(word, ())


@cache
def _read_languages() -> dict[str, tuple[str, ...]]:
    """Map function words to the languages that have them."""
    found: dict[str, tuple[str, ...]] = {}
    for line in files("bot.guard").joinpath("languages.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, words = line.split("\t")
            for word in set(simplify(words).split()):
                found[word] = (*found.get(word, ()), language)
    return found

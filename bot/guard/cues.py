"""Find the kinds of words that tell a case from a process: `cues.tsv` lists them by class and language."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.guard.words import is_function_word, simplify

SHORTEST_FUZZY = 7
"""Letters of a word that may hold one slip of the keyboard and still be known."""
_MOST_WORDS = 3
"""Words of the longest phrase."""
_LONGEST_STEM = 24
"""Letters of a word that are compared."""
_LONGEST_JAPANESE = 8
"""Characters of the longest Japanese cue."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The cues of one language. Phrases are joined by "_"; `stems` are the beginnings of words."""

    exact: dict[str, tuple[str, ...]]
    stems: dict[str, tuple[str, ...]]
    near: dict[str, tuple[str, ...]]
    """Cues with one letter left out."""
    openings: frozenset[tuple[str, str]]
    """First two words of phrases."""


@cache
def load_lexicon(language: str) -> Lexicon:
    """Load the cues of a language; of all that are written in Latin letters for the empty name."""
    exact: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    for line in files("bot.guard").joinpath("cues.tsv").read_text("utf-8").splitlines():
        kind, tongue, words = line.split("\t")
        if tongue == language or (not language and tongue != "ja"):
            for word in simplify(words).split():
                table, entry = (stems, word[:-1]) if word.endswith("*") else (exact, word)
                if kind not in table.get(entry, ()):
                    table[entry] = (*table.get(entry, ()), kind)
    openings = frozenset(_first_two(entry) for entry in exact if "_" in entry)
    return Lexicon(exact, stems, _leave_out_letters({**exact, **stems}), openings)


def _first_two(phrase: str) -> tuple[str, str]:
    first, second, *_ = phrase.split("_")
    return first, second


def _leave_out_letters(entries: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        gap: kinds
        for entry, kinds in entries.items()
        if len(entry) >= SHORTEST_FUZZY and "_" not in entry
        for gap in _gaps(entry)
    }


def _gaps(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def find_cues(words: list[str], language: str) -> list[tuple[int, str]]:
    """Return (place, class) of each cue in order of the words. A German text may hold English terms."""
    if language == "ja":
        return [cue for number, word in enumerate(words) for cue in _find_japanese(word, 8 * number)]
    own = load_lexicon(language)
    lexicons = (own,) if language in ("", "en") else (own, load_lexicon("en"))
    known: dict[str, tuple[str, ...]] = {}
    found: list[tuple[int, str]] = []
    for place, word in enumerate(words):
        kinds = _find_phrase(words, place, lexicons)
        if not kinds:
            if word not in known:
                known[word] = _find_kinds(word, lexicons, language)
            kinds = known[word]
        found += [(place, kind) for kind in kinds]
    return found


def _find_phrase(words: list[str], place: int, lexicons: tuple[Lexicon, ...]) -> tuple[str, ...]:
    """Return the classes of the longest phrase that begins there, of the text's own language first."""
    if place + 1 == len(words):
        return ()
    opening = (words[place], words[place + 1])
    for lexicon in lexicons:
        if opening in lexicon.openings:
            for count in range(min(_MOST_WORDS, len(words) - place), 1, -1):
                if kinds := lexicon.exact.get("_".join(words[place : place + count])):
                    return kinds
    return ()


def _find_kinds(word: str, lexicons: tuple[Lexicon, ...], language: str) -> tuple[str, ...]:
    if word.isdigit():
        return ("number",)
    for lexicon in lexicons:
        if kinds := _find_word(word, lexicon):
            return kinds
        if is_function_word(word, language):
            return ()
    return _find_near(word, lexicons)


def _find_word(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    if kinds := lexicon.exact.get(word):
        return kinds
    for end in range(min(len(word), _LONGEST_STEM), 2, -1):
        if kinds := lexicon.stems.get(word[:end]):
            return kinds
    return ()


def _find_near(word: str, lexicons: tuple[Lexicon, ...]) -> tuple[str, ...]:
    """Forgive one letter that is missing, wrong, doubled or changed places."""
    if not SHORTEST_FUZZY <= len(word) <= _LONGEST_STEM:
        return ()
    for lexicon in lexicons:
        for spelling in (word, *_gaps(word)):
            if kinds := lexicon.exact.get(spelling) or lexicon.near.get(spelling):
                return kinds
    return ()


def _find_japanese(run: str, start: int) -> list[tuple[int, str]]:
    """Find the longest cue at each place of a run of Japanese, which has no blanks. Three characters are a word."""
    if run.isdigit():
        return [(start, "number")]
    lexicon, found, place = load_lexicon("ja"), list[tuple[int, str]](), 0
    while place < len(run):
        for length in range(min(_LONGEST_JAPANESE, len(run) - place), 0, -1):
            if kinds := lexicon.exact.get(run[place : place + length]):
                found += [(start + place // 3, kind) for kind in kinds]
                break
        else:
            length = 1
        place += length
    return found

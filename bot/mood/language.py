"""Is this English? Function words decide, the script, and where no function word tells, the endings of words."""

from importlib.resources import files


def _read_languages() -> dict[str, frozenset[str]]:
    lines = files("bot.mood").joinpath("languages.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: frozenset(words.split()) for name, words in rows}


_TONGUES = _read_languages()
_ALL_FOREIGN = frozenset().union(*(words for name, words in _TONGUES.items() if name != "en"))
_BORROWED = frozenset(
    ("met", "til", "et", "im", "ha", "o", "w", "bra", "ast", "de", "ya", "e", "i", "n", "el")
)
"""Words of other lists that English messages hold too, as slips or names."""
_ENGLISH = _TONGUES["en"] - _ALL_FOREIGN
_FOREIGN = _ALL_FOREIGN - _TONGUES["en"] - _BORROWED
_SHARED = _TONGUES["en"] & _ALL_FOREIGN
"""Words of both ("die", "in", "was"): they tell nothing."""
_ENDINGS = (
    *(
        "ung",
        "ungen",
        "heit",
        "keit",
        "lich",
        "liche",
        "lichen",
        "isch",
        "ische",
        "ieren",
        "iert",
        "schaft",
        "tzt",
    ),
    *(
        "cion",
        "ción",
        "miento",
        "mente",
        "ado",
        "ada",
        "ados",
        "idos",
        "imos",
        "amos",
        "tique",
        "eaux",
        "aient",
    ),
    *("zione", "ato", "ata", "ção", "ões", "ość", "ego", "ami", "ijk", "heid", "nnen", "chte"),
)
_SHORTEST = 6
"""Letters of a word whose ending tells."""


def is_english(text: str, words: list[str]) -> bool:
    """`words` are those of `text`, in lower case."""
    ascii_only = text.isascii()
    if not ascii_only and _other_script(text):
        return False
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if foreign > english:
        return False
    accented = 0 if ascii_only else sum(not word.isascii() for word in words)
    if english > foreign:
        return english > 1 or accented * 4 < len(words)
    return not accented and not any(_ends_foreign(word) for word in words)


def _ends_foreign(word: str) -> bool:
    return len(word) >= _SHORTEST and word.endswith(_ENDINGS)


def _other_script(text: str) -> bool:
    letters = [ord(char) for char in text if char.isalpha()]
    return 4 * sum(code > 0x24F for code in letters) > len(letters)

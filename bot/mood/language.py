"""Is this English? Function words decide, and the script."""

from importlib.resources import files


def _read_languages() -> dict[str, frozenset[str]]:
    lines = files("bot.mood").joinpath("languages.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: frozenset(words.split()) for name, words in rows}


_TONGUES = _read_languages()
_ENGLISH = _TONGUES.pop("en")
_FOREIGN = frozenset().union(*_TONGUES.values()) - _ENGLISH


def is_english(text: str, words: list[str]) -> bool:
    """`words` are those of `text`, in lower case."""
    ascii_only = text.isascii()
    if not ascii_only and _other_script(text):
        return False
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if foreign > english:
        return foreign < 2 and len(words) > 3 and ascii_only
    accented = 0 if ascii_only else sum(not word.isascii() for word in words)
    return english > 0 or len(words) < 6 or accented * 4 < len(words)


def _other_script(text: str) -> bool:
    letters = [ord(char) for char in text if char.isalpha()]
    return 4 * sum(code > 0x24F for code in letters) > len(letters)

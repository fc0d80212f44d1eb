"""The word lists beside this file, read once."""

from collections.abc import Iterator
from importlib.resources import files


def read_rows(name: str) -> Iterator[list[str]]:
    """Return the tab-separated rows of a list, without comments."""
    text = files("bot.mood").joinpath(name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


def _read_groups(name: str) -> dict[str, frozenset[str]]:
    return {group: frozenset(words.split()) for group, words in read_rows(name)}


def _read_classes() -> dict[str, tuple[int, ...]]:
    by_word: dict[str, tuple[int, ...]] = {}
    for number, words in enumerate(CUES.values()):
        for word in words:
            by_word[word] = (*by_word.get(word, ()), number)
    return by_word


EMOJI = {mark: mood for mood, marks in read_rows("emoji.tsv") for mark in marks.split()}
_CLINICAL = _read_groups("clinical.tsv")
FACT, TURNED, CLINICAL = _CLINICAL["fact"], _CLINICAL["turned"], _CLINICAL["clinical"]
CUES = _read_groups("cues.tsv") | {"clinical": FACT | TURNED}
"""Classes of words; the clinical ones are a class too, so that "failure" beside "your" can mean something else."""
CUES_OF = _read_classes()
VALENCE = {word: int(tenths) / 10 for word, tenths in read_rows("valence.tsv")}
"""VADER's mean rating of a word, -4 ... 4."""

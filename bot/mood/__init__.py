"""Text to mood: how people speak of working together, not what happened to patients.

TextBlob and its lexicon take a third of a second to load. They are loaded for the first reading, or by `warm_up`, so
that a start need not wait for them. TextBlob's analyzer is `bot.mood.analyzer.AllianceAnalyzer`.
"""

from collections.abc import Callable
from functools import cache
from threading import Lock

from bot.mood.reading import Abstained, Label, Mood, Reason

__all__ = ["Abstained", "Label", "Mood", "Reason", "read", "warm_up"]

_LOADING = Lock()


def read(text: str) -> Mood | Abstained:
    """Read the mood of one message. Never raises; `bench/mood_cost.py` measures what it costs."""
    with _LOADING:
        reader = _load_reader()
    return reader(text)


def warm_up() -> None:
    """Load what reading needs before the first message comes."""
    with _LOADING:
        _load_reader()


@cache
def _load_reader() -> Callable[[str], Mood | Abstained]:
    """Load TextBlob, and its lexicon, which it loads when it reads for the first time: not while others read too."""
    from bot.mood.analyzer import read_mood

    read_mood("Thank you for the quick answer on the monitoring plan.")
    return read_mood

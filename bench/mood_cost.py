"""Measure the cost of a reading: messages a second beside stock TextBlob and VADER, memory, first reading, weights."""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bot.mood import read, warm_up

WEIGHTS = Path(__file__).parents[1] / "bot" / "mood" / "weights.npz"
_ROUNDS = 7
_FRESH = """
import sys
for absent in ("sklearn", "scipy", "pandas", "matplotlib"):   # not among the packages that the bot runs with
    sys.modules[absent] = None
import resource, time
def mebibytes():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
before, began = mebibytes(), time.process_time()
from bot.mood import read
read("We were not told about the amendment, again.")
print(mebibytes() - before, time.process_time() - began)
"""


def throughput(texts: Sequence[str]) -> dict[str, float]:
    """Messages a CPU second, the median of rounds in which the three take turns with the same messages."""
    vader = SentimentIntensityAnalyzer()
    readers: dict[str, Callable[[str], object]] = {
        "bot": read,
        "TextBlob": lambda text: TextBlob(text).sentiment,
        "VADER": vader.polarity_scores,
    }
    warm_up()
    rounds = [{name: _rate(reader, texts) for name, reader in readers.items()} for _ in range(_ROUNDS)]
    return {name: statistics.median(asked[name] for asked in rounds) for name in readers}


def fresh() -> tuple[float, float]:
    """MiB that a new process grows by, and CPU seconds that it needs, to import `bot.mood` and read one message:
    the smallest of five. On Linux only, else zeros."""
    if not Path("/proc/self/statm").exists():
        return 0.0, 0.0
    runs = [
        subprocess.run(
            [sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(5)
    ]
    return min(float(size) for size, _ in runs), min(float(seconds) for _, seconds in runs)


def _rate(reader: Callable[[str], object], texts: Sequence[str]) -> float:
    gc.collect()
    began = time.process_time()
    for text in texts:
        reader(text)
    return len(texts) / (time.process_time() - began)

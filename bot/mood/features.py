"""Numbers a text is judged by: what TextBlob and the lexicons say, and hashed n-grams."""

from collections import deque
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.mood.lexicon import CLINICAL, CUES, CUES_OF, FACT, TURNED, VALENCE
from bot.mood.textblob_import import pattern

BITS = 16
"""Width of the hashed features: 2**BITS buckets for words, as many for characters."""
DENSE = 20 + len(CUES)
"""Count of the features that are not hashed."""
_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "without",
        "nobody",
        "none",
        "nothing",
        "neither",
        "nor",
        "cannot",
        "hardly",
        "barely",
        "dont",
        "cant",
    ]
)
_OPENINGS = frozenset(
    [
        "can",
        "could",
        "would",
        "may",
        "might",
        "shall",
        "is",
        "are",
        "do",
        "does",
        "did",
        "has",
        "have",
        "which",
        "what",
        "when",
        "where",
        "who",
        "please",
        "kindly",
    ]
)
"""First words of a question or a request."""
_CUE_REACH = 6
"""Words over which two cues count as said together."""
_NUMBER = crc32(b"0")
"""All numbers are alike."""
_PRIME = np.uint32(0x9E3779B1)
_LOW = (1 << BITS) - 1


class Features(NamedTuple):
    words: list[int]
    characters: NDArray[np.uint32]
    dense: list[float]


def extract_features(text: str, words: list[str]) -> Features:
    """`text` in normal form and its tokens."""
    return Features(_word_grams(words), _character_grams(text), _count_dense(text, words))


def measure_subjectivity(words: list[str]) -> float:
    """Pattern's mean subjectivity, 0 ... 1."""
    scores = [score[2] for score in pattern.assessments((word, None) for word in _list_shown(words))]
    return max(0.0, min(1.0, float(sum(scores)) / (len(scores) or 1)))


def _word_grams(words: list[str]) -> list[int]:
    grams: list[int] = []
    before, negated = 1, 0
    seen: deque[tuple[int, int]] = deque()
    for place, word in enumerate(words):
        code = _NUMBER if word[0].isdigit() else crc32(word.encode("utf-8", "replace"))
        grams += (code & _LOW, (before * 31 + code) * 0x9E3779B1 >> 7 & _LOW)
        if negated:
            grams.append((code ^ 0x5BD1E995) * 0x9E3779B1 >> 9 & _LOW)
            negated -= 1
        if word in _NEGATIONS or word.endswith("n't"):
            negated = 4
        elif not word[0].isalnum():
            negated = 0
        while seen and place - seen[0][0] >= _CUE_REACH:
            seen.popleft()
        for cue in CUES_OF.get(word, ()):
            grams += [(other * 64 + cue + 7) * 0x9E3779B1 >> 5 & _LOW for _, other in seen]
            seen.append((place, cue))
        before = code
    return grams


def _character_grams(text: str) -> NDArray[np.uint32]:
    codes = np.frombuffer(f" {text} ".encode("utf-8", "replace"), np.uint8).astype(np.uint32)
    if codes.size < 5:
        codes = np.concatenate((codes, np.zeros(5 - codes.size, np.uint32)))
    three = (codes[:-2] * np.uint32(0x1F35) + codes[1:-1]) * np.uint32(0x1F35) + codes[2:]
    four = three[:-1] * np.uint32(0x1F35) + codes[3:]
    five = four[:-1] * np.uint32(0x1F35) + codes[4:]
    return (np.concatenate((three, four + np.uint32(77), five + np.uint32(991))) * _PRIME) >> np.uint32(
        32 - BITS
    )


def _count_dense(text: str, words: list[str]) -> list[float]:
    shown = _list_shown(words)
    assessed = pattern.assessments((word, None) for word in shown)
    count = len(assessed) or 1
    polarities = [score[1] for score in assessed]
    values = _read_valences(shown)
    length = len(words) or 1
    cues = [0.0] * len(CUES)
    for word in words:
        for cue in CUES_OF.get(word, ()):
            cues[cue] = 1.0
    return [
        sum(polarities) / count,
        sum(score[2] for score in assessed) / count,
        max(polarities, default=0.0),
        min(polarities, default=0.0),
        sum(values) / (sum(map(abs, values)) + 4.0),
        sum(value for value in values if value > 0) / length**0.5,
        sum(value for value in values if value < 0) / length**0.5,
        max(values, default=0.0),
        min(values, default=0.0),
        values[-1] if values else 0.0,
        min(text.count("!"), 3),
        min(text.count("?"), 3),
        float(words[-1] == "?") if words else 0.0,
        float(".." in text),
        float("emopos" in words),
        float("emoneg" in words),
        float("emosly" in words),
        length**0.5 / 4,
        min(sum(word[0].isdigit() for word in words), 4) / length**0.5,
        float(bool(words) and words[0] in _OPENINGS),
        *cues,
    ]


def _list_shown(words: list[str]) -> list[str]:
    """Words the lexicons may see: clinical ones that only report are left out."""
    last = len(words) - 1
    return [
        word
        for at, word in enumerate(words)
        if word not in FACT
        and not (
            word in TURNED and (words[max(at - 1, 0)] in CLINICAL or words[min(at + 1, last)] in CLINICAL)
        )
    ]


def _read_valences(words: list[str]) -> list[float]:
    values: list[float] = []
    negated = 0
    for word in words:
        value = VALENCE.get(word)
        if value is not None:
            values.append(-0.74 * value if negated else value)
        negated = 4 if word in _NEGATIONS or word.endswith("n't") else max(negated - 1, 0)
    return values

"""Read whether a sentence reports one case: a logistic reader over kinds of words, pairs of them, and words.

`weights.tsv` holds a line a feature with its weight for each concern; `bench.train_guard` writes it.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from math import exp

from bot.guard.cues import find_cues
from bot.guard.finding import CONCERNS, Found
from bot.guard.words import name_language, simplify, split_sentences, split_words

THRESHOLD = 0.28
"""Probability of any concern from which a text is held; chosen on folds of the training sentences."""
REACH = 8
"""Words over which two cues count as said together."""
MOST_WORDS = 60
"""Words of a sentence that are read; what is longer is read in parts."""
_FEWEST_WORDS = 3
"""Words of a sentence that is read on its own; a shorter one belongs to the one before it."""
_SHOWN = 4
"""Kinds of words that a finding names."""
Weights = dict[str, tuple[float, ...]]


def list_features(words: list[str], language: str) -> list[str]:
    """Return the features of a sentence: its kinds of words, pairs of kinds within `REACH`, and "=word" for each word.

    Japanese has no blanks between words, so it has no "=word".
    """
    return name_features(find_cues(words, language), words if language != "ja" else [])


def name_features(cues: list[tuple[int, str]], words: list[str]) -> list[str]:
    """Return the features of these cues, each with its place, and of these words."""
    found = {kind for _, kind in cues}
    newest: dict[str, int] = {}
    for place, kind in cues:
        for other, at in newest.items():
            if place - at <= REACH and other != kind:
                found.add(_name_pair(kind, other))
        newest[kind] = place
    return sorted(found | {f"={word}" for word in set(words) if word.isalpha()})


@cache
def _name_pair(kind: str, other: str) -> str:
    return "+".join(sorted((kind, other)))


def read_concern(text: str) -> Found | None:
    """Return what the reader thinks of the text's most telling sentence, None for nothing or an unread language."""
    simple = simplify(text)
    language = name_language(simple, split_words(simple))
    if language == "other":
        return None
    weights = load_weights()
    best: Found | None = None
    for features in _list_features_of_parts(_list_parts(simple), language):
        found = judge_features(features, weights)
        if found and (best is None or found.confidence > best.confidence):
            best = found
    return best


def _list_parts(simple: str) -> list[list[str]]:
    """Split into sentences: lists of words, none of them very short or long."""
    parts: list[list[str]] = []
    for words in map(split_words, split_sentences(simple)):
        for start in range(0, len(words), MOST_WORDS):
            part = words[start : start + MOST_WORDS]
            if parts and len(part) < _FEWEST_WORDS and len(parts[-1]) < MOST_WORDS:
                parts[-1] = parts[-1] + part
            else:
                parts.append(part)
    return parts


def _list_features_of_parts(parts: list[list[str]], language: str) -> Iterator[list[str]]:
    """Yield the features of each part, and of each two neighbours: one may name the patient, the next the event."""
    cues = [find_cues(words, language) for words in parts]
    spoken = [words if language != "ja" else [] for words in parts]
    for at, words in enumerate(parts):
        yield name_features(cues[at], spoken[at])
        if at + 1 < len(parts):
            after = [(place + len(words), kind) for place, kind in cues[at + 1]]
            yield name_features(cues[at] + after, spoken[at] + spoken[at + 1])


def judge_features(features: list[str], weights: Weights) -> Found | None:
    """Weigh the features: softmax over "nothing" and the three concerns."""
    known = [feature for feature in features if feature in weights]
    scores = [sum(weights[feature][at] for feature in known) + weights[""][at] for at in range(len(CONCERNS))]
    powers = [exp(score) for score in scores]
    confidence = sum(powers) / (1 + sum(powers))
    if confidence < THRESHOLD:
        return None
    at = max(range(len(CONCERNS)), key=powers.__getitem__)
    return Found(CONCERNS[at], "soft", _name_reasons(known, weights, at), round(confidence, 2))


def _name_reasons(known: list[str], weights: Weights, at: int) -> tuple[str, ...]:
    """Name the kinds of words that weighed most for the concern."""
    weight = dict[str, float]()
    for feature in known:
        for kind in () if feature[0] == "=" else feature.split("+"):
            weight[kind] = weight.get(kind, 0.0) + weights[feature][at]
    ordered = sorted(weight, key=lambda kind: (-weight[kind], kind))
    return tuple(kind for kind in ordered[:_SHOWN] if weight[kind] > 0)


@cache
def load_weights() -> Weights:
    """Load the weights; the line without a name is the bias."""
    lines = files("bot.guard").joinpath("weights.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {name: tuple(float(weight) for weight in numbers) for name, *numbers in rows}

"""The trained mixture: a general reader, three specialists, and a gate that says whose text it is."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.mood.features import Features

Floats = NDArray[np.float64]

GENERAL_BITS, SPECIAL_BITS = 14, 13
"""Widths of the hashed features: 2**bits buckets for words, as many for characters."""
_GENERAL, _SPECIAL = (1 << GENERAL_BITS) - 1, (1 << SPECIAL_BITS) - 1
_GATE_SHARPNESS = 2.0
_PRIOR = np.array([0.0, 0.0, 0.0, 2.0])
"""Log odds: the bot listens in alliance channels, the gate was fitted with all kinds alike."""
_AGREED = 0.65
"""Two readers' summed logits are this much too sure of themselves."""


class Weights(NamedTuple):
    """Columns, two a reader (negative, positive; neutral is zero): the general reader, Stack Overflow, pull requests,
    alliance; then the three of the gate."""

    general_words: NDArray[np.int8]
    """Hashed features in rows; small integers, to be multiplied by the column's scale."""
    general_characters: NDArray[np.int8]
    special_words: NDArray[np.int8]
    special_characters: NDArray[np.int8]
    scales: Floats
    """A row for each of the four tables, padded to the widest."""
    mean: Floats
    spread: Floats
    dense: Floats
    bias: Floats
    opinion: Floats
    """What the alliance specialist makes of the general reader's two logits."""


@cache
def load() -> Weights:
    with files("bot.mood").joinpath("weights.npz").open("rb") as stream, np.load(stream) as arrays:
        return Weights(*(arrays[name] for name in Weights._fields))


def judge(weights: Weights, found: Features) -> Floats:
    """P(negative), P(neutral), P(positive)."""
    words = np.array(found.words, np.int64)
    characters = found.characters
    by_word = 1 / max(len(words), 1) ** 0.5
    by_character = 1 / len(characters) ** 0.5
    general = _summed(weights.general_words, words & _GENERAL, weights.scales[0, :2] * by_word)
    general += _summed(
        weights.general_characters, characters & _GENERAL, weights.scales[1, :2] * by_character
    )
    special = _summed(weights.special_words, words & _SPECIAL, weights.scales[2] * by_word)
    special += _summed(weights.special_characters, characters & _SPECIAL, weights.scales[3] * by_character)
    dense = (np.array(found.dense) - weights.mean) / weights.spread
    columns = np.concatenate((general, special)) + dense @ weights.dense + weights.bias
    columns[6:8] += columns[:2] @ weights.opinion
    general, stack, pulls, alliance = (_three(columns[at : at + 2]) for at in (0, 2, 4, 6))
    gate = np.concatenate(([0.0], columns[8:11]))[None]
    blend: NDArray[np.float64] = mixed(general, stack, pulls, alliance, gate)[0]
    return blend


def mixed(general: Floats, stack: Floats, pulls: Floats, alliance: Floats, gate: Floats) -> Floats:
    """Readers' opinions weighed by how likely the text is theirs; one row a text."""
    share = softmax(_GATE_SHARPNESS * gate + _PRIOR)
    opinions = (
        softmax(general),
        softmax(_AGREED * (general + stack)),
        softmax(_AGREED * (general + pulls)),
        softmax(alliance),
    )
    return sum((share[:, [at]] * opinion for at, opinion in enumerate(opinions)), np.zeros(general.shape))


def softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    total: Floats = powers / powers.sum(axis=1, keepdims=True)
    return total


def _summed(table: NDArray[np.int8], rows: NDArray[np.int64] | NDArray[np.uint32], scale: Floats) -> Floats:
    total: Floats = table[rows].sum(axis=0, dtype=np.int64) * scale
    return total


def _three(pair: Floats) -> Floats:
    """Logits of the three labels; neutral is the zero they are measured from."""
    return np.array([[pair[0], 0.0, pair[1]]])

"""The trained mixture: a general reader, three specialists, and a gate that says whose text it is."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.mood.features import Features

Floats = NDArray[np.float64]

BITS = 14
"""Width of the hashed features: 2**BITS buckets for words, as many for characters."""
_MASK = (1 << BITS) - 1
_GATE_SHARPNESS = 2.0
_PRIOR = np.array([0.0, 0.0, 0.0, 2.0])
"""Log odds: the bot listens in alliance channels, the gate was fitted with all kinds alike."""
_AGREED = 0.5
"""Two readers' summed logits are this much too sure of themselves."""


class Weights(NamedTuple):
    """Eleven columns, logits of: negative and positive (neutral is zero) by the general reader, Stack Overflow's,
    pull requests' and the alliance's; then the gate's last three kinds (the first is zero)."""

    words: NDArray[np.int8]
    """A row a bucket; small integers, to be multiplied by the column's scale."""
    characters: NDArray[np.int8]
    scales: Floats
    """A row for each of the two tables."""
    mean: Floats
    spread: Floats
    dense: Floats
    bias: Floats
    opinion: Floats
    """What the alliance's reader makes of the general reader's two logits."""


class Model(NamedTuple):
    """Weights in single precision, with scales and the spread of dense features multiplied in."""

    words: NDArray[np.float32]
    characters: NDArray[np.float32]
    dense: NDArray[np.float32]
    bias: NDArray[np.float32]
    opinion: Floats


def stored() -> Weights:
    """The weights as they are in the repository."""
    with files("bot.mood").joinpath("weights.npz").open("rb") as stream, np.load(stream) as arrays:
        return Weights(*(arrays[name] for name in Weights._fields))


@cache
def load() -> Model:
    weights = stored()
    words, characters = weights.words * weights.scales[0], weights.characters * weights.scales[1]
    dense = weights.dense / weights.spread[:, None]
    bias = weights.bias - weights.mean @ dense
    single = np.float32
    return Model(
        words.astype(single),
        characters.astype(single),
        dense.astype(single),
        bias.astype(single),
        weights.opinion,
    )


def judge(model: Model, found: Features) -> Floats:
    """P(negative), P(neutral), P(positive)."""
    words, characters = np.array(found.words, np.int64) & _MASK, found.characters & _MASK
    columns = model.bias + np.array(found.dense, np.float32) @ model.dense
    columns += model.words[words].sum(axis=0) * (max(len(words), 1) ** -0.5)
    columns += model.characters[characters].sum(axis=0) * (len(characters) ** -0.5)
    columns[6:8] += columns[:2] @ model.opinion
    opinions = np.zeros((1, 4, 3))
    opinions[0, :, ::2] = columns[:8].reshape(4, 2)
    gate = np.zeros((1, 4))
    gate[0, 1:] = columns[8:]
    blend: Floats = mixed(opinions, gate)[0]
    return blend


def mixed(opinions: Floats, gate: Floats) -> Floats:
    """Shares of the three labels, a row a text: the readers' softmaxes weighed by how likely the text is theirs.

    `opinions`: texts x readers (general, Stack Overflow, pull requests, alliance) x labels, as logits; the second and
    third reader speak together with the general one. `gate`: texts x readers, as logits."""
    together = opinions.copy()
    together[:, 1:3] = _AGREED * (opinions[:, 1:3] + opinions[:, :1])
    share = softmax(_GATE_SHARPNESS * gate + _PRIOR)
    blend: Floats = (share[:, None] @ softmax(together))[:, 0]
    return blend


def softmax(values: Floats) -> Floats:
    """Over the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    total: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return total

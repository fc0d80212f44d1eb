"""The trained mixture: a general reader, three specialists, and a gate that says whose text it is."""

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.mood.features import Features

Floats = NDArray[np.float64]

_GATE_SHARPNESS = 2.0
_PRIOR = np.array([0.0, 0.0, 0.0, 2.5])
"""Log odds: the bot listens in alliance channels, the gate was fitted with all kinds alike."""
_AGREED = 0.5
"""Two readers' summed logits are this much too sure of themselves."""


class Weights(NamedTuple):
    """Eleven columns, logits of: negative and positive (neutral is zero) by the general reader, Stack Overflow's,
    pull requests' and the alliance's; then the gate's last three kinds (the first is zero).
    """

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
    """Weights in single precision, with the spread of dense features multiplied in; tables stay small integers."""

    words: NDArray[np.int8]
    characters: NDArray[np.int8]
    scales: NDArray[np.float32]
    dense: NDArray[np.float32]
    bias: NDArray[np.float32]
    opinion: Floats


def load_stored() -> Weights:
    """Load the weights as they are in the repository."""
    with files("bot.mood").joinpath("weights.npz").open("rb") as stream, np.load(stream) as arrays:
        return Weights(*(arrays[name] for name in Weights._fields))


@cache
def load_weights() -> Model:
    weights = load_stored()
    dense = weights.dense / weights.spread[:, None]
    bias = weights.bias - weights.mean @ dense
    single = np.float32
    return Model(
        weights.words,
        weights.characters,
        weights.scales.astype(single),
        dense.astype(single),
        bias.astype(single),
        weights.opinion,
    )


def judge(model: Model, found: Features) -> Floats:
    """P(negative), P(neutral), P(positive)."""
    columns = model.bias + np.array(found.dense, np.float32) @ model.dense
    columns += _sum_columns(model.words, np.array(found.words, np.int64)) * model.scales[0]
    columns += _sum_columns(model.characters, found.characters) * model.scales[1]
    columns[6:8] += columns[:2] @ model.opinion
    opinions = np.zeros((1, 4, 3))
    opinions[0, :, ::2] = columns[:8].reshape(4, 2)
    gate = np.zeros((1, 4))
    gate[0, 1:] = columns[8:]
    blend: Floats = mix_weights(opinions, gate)[0]
    return blend


def _sum_columns(table: NDArray[np.int8], rows: NDArray[Any]) -> NDArray[np.float32]:
    """Sum of the rows, over the root of how many there are: long texts speak louder, but not so much."""
    total: NDArray[np.float32] = table[rows].sum(axis=0, dtype=np.float32) * max(len(rows), 1) ** -0.5
    return total


def mix_weights(opinions: Floats, gate: Floats) -> Floats:
    """Shares of the three labels, a row a text: the readers' softmaxes weighed by how likely the text is theirs.

    `opinions`: texts x readers (general, Stack Overflow, pull requests, alliance) x labels, as logits; the second and
    third reader speak together with the general one. `gate`: texts x readers, as logits.
    """
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

"""Train the mood model and write its weights: `python -m bench.train_mood --data DIR`.

DIR holds the public corpora of docs/mood.md. Needs the `training` dependency group. The same data and versions
give the same file, byte for byte (one thread, no random numbers)."""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.mood_corpora import read_corpora
from bench.mood_training import SCALES, Floats, Parts, fit, inputs, spread
from bot.mood.features import DENSE
from bot.mood.weights import GENERAL_BITS, SPECIAL_BITS, Weights

WEIGHTS = Path(__file__).parents[1] / "bot" / "mood" / "weights.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the public corpora"
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS, metavar="FILE", help="default: %(default)s")
    given = parser.parse_args()
    corpora = read_corpora(given.data)
    parts = fit(corpora, inputs(corpora), np.ones(len(corpora.texts), bool))
    weights = packed(parts, *spread(corpora))
    np.savez_compressed(given.out, allow_pickle=False, **weights._asdict())
    size, digest = given.out.stat().st_size, hashlib.sha256(given.out.read_bytes()).hexdigest()
    print(f"{given.out}: {size / 1000:.0f} kB, sha256 {digest}")


def packed(parts: Parts, mean: Floats, deviation: Floats) -> Weights:
    """All parts side by side, the hashed features as bytes."""
    general = _relative(parts.general, [0, 2], 1)
    specials = [
        _relative(part, [0, 2], 1) for part in (parts.stack_overflow, parts.pull_requests, parts.alliance)
    ]
    special = [*specials, _relative(parts.gate, [1, 2, 3], 0)]
    general_words, general_characters, general_dense, _ = _blocks(general[0], GENERAL_BITS)
    blocks = [_blocks(coefficients, SPECIAL_BITS) for coefficients, _ in special]
    tables = [
        general_words,
        general_characters,
        np.hstack([block[0] for block in blocks]),
        np.hstack([block[1] for block in blocks]),
    ]
    dense = np.hstack([general_dense, *(block[2] for block in blocks)])
    bias = np.concatenate([general[1], *(part[1] for part in special)])
    scales = np.zeros((4, tables[2].shape[1]))
    for row, table in enumerate(tables):
        scales[row, : table.shape[1]] = np.abs(table).max(axis=0) / 127
    small = [
        np.round(table / scales[row, : table.shape[1]]).astype(np.int8) for row, table in enumerate(tables)
    ]
    rounded = (np.float64(np.float32(part)) for part in (scales, mean, deviation, dense, bias, blocks[2][3]))
    return Weights(*small, *rounded)


def _relative(model: LogisticRegression, columns: list[int], base: int) -> tuple[Floats, Floats]:
    """Coefficients (features in rows) and bias of some classes, measured from the base class."""
    coefficients = (model.coef_ - model.coef_[base])[columns].T
    return coefficients, (model.intercept_ - model.intercept_[base])[columns]


def _blocks(coefficients: Floats, bits: int) -> tuple[Floats, Floats, Floats, NDArray[np.float64]]:
    """Words, characters, dense and opinion, in units of the unscaled features."""
    width = 1 << bits
    words, characters, rest = np.split(coefficients, [width, 2 * width])
    dense, opinion = np.split(rest, [DENSE])
    return (
        words * SCALES["words"],
        characters * SCALES["characters"],
        dense * SCALES["dense"],
        opinion * SCALES["general"],
    )


if __name__ == "__main__":
    main()

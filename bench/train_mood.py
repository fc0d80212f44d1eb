"""Train the mood model and write its weights: `python -m bench.train_mood --data DIR`.

DIR holds the public corpora of docs/mood.md. Needs the `bench` dependency group. The same data and versions
give the same file, byte for byte (one thread, no random numbers)."""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench.mood_corpora import read_corpora
from bench.mood_training import SCALES, Floats, Parts, fit, inputs, spread
from bot.mood.classifier import Weights
from bot.mood.features import BITS, DENSE

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
    readers = (parts.general, parts.stack_overflow, parts.pull_requests, parts.alliance)
    columns = [_relative(reader, [0, 2], 1) for reader in readers] + [_relative(parts.gate, [1, 2, 3], 0)]
    blocks = [_blocks(coefficients) for coefficients, _ in columns]
    words, characters, dense = (np.hstack([block[part] for block in blocks]) for part in range(3))
    bias = np.concatenate([start for _, start in columns])
    scales = np.array([np.abs(table).max(axis=0) / 127 for table in (words, characters)])
    small = [
        np.round(table / scale).astype(np.int8)
        for table, scale in zip((words, characters), scales, strict=True)
    ]
    rounded = (np.float64(np.float32(part)) for part in (scales, mean, deviation, dense, bias, blocks[3][3]))
    return Weights(*small, *rounded)


def _relative(model: LogisticRegression, columns: list[int], base: int) -> tuple[Floats, Floats]:
    """Coefficients (features in rows) and bias of some classes, measured from the base class."""
    coefficients = (model.coef_ - model.coef_[base])[columns].T
    return coefficients, (model.intercept_ - model.intercept_[base])[columns]


def _blocks(coefficients: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Words, characters, dense and opinion, in units of the unscaled features."""
    width = 1 << BITS
    words, characters, dense, opinion = np.split(coefficients, [width, 2 * width, 2 * width + DENSE])
    return (
        words * SCALES["words"],
        characters * SCALES["characters"],
        dense * SCALES["dense"],
        opinion * SCALES["general"],
    )


if __name__ == "__main__":
    main()

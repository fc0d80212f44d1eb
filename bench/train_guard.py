"""Train the guard's reader and write its weights: `python -m bench.train_guard`.

Needs the `bench` dependency group. The same sentences and versions give the same file, byte for byte (one thread, no
random numbers, two decimals)."""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from bench.guard_training import build_problem, fit_reader, list_weights, read_ordinary, read_sentences

WEIGHTS = Path(__file__).parents[1] / "bot" / "guard" / "weights.tsv"
_HEADING = (
    "# feature\tpatient\tunblinding\tsafety (log odds against none; the line without a name is the bias)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, metavar="FILE", help="default: %(default)s")
    out = parser.parse_args().out
    sentences = read_sentences() + read_ordinary()
    problem = build_problem(sentences)
    weights = list_weights(problem, fit_reader(problem, np.ones(len(sentences), bool)))
    rows = ("\t".join([name, *(f"{weight:.2f}" for weight in row)]) for name, row in weights)
    out.write_text("\n".join([_HEADING, *rows]) + "\n", "utf-8")
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    print(f"{out}: {len(weights)} features, {out.stat().st_size / 1000:.0f} kB, sha256 {digest}")


if __name__ == "__main__":
    main()

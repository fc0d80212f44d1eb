"""Mood: agreement with people's labels, beside TextBlob and VADER as they come, on the same texts in one run.

    python -m bench.mood [--data DIR] [--quick] [--families]

DIR (or $MOOD_DATA) holds the public corpora of docs/mood.md. With it every figure of the model card is measured, by
models trained without the texts that they read (about fifteen minutes of CPU). Without it, or with
--quick, only what needs no training: sentences that the weights in the repository never saw, and what a reading costs.
"""

import argparse
import os
import platform
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bench import mood_cost
from bench.mood_claims import HELD_OUT, Row, alliance_rows, public_rows, unseen_rows
from bench.mood_corpora import read_corpora
from bench.mood_folds import in_folds, whole, without_corpora, without_groups
from bench.mood_scores import kappa
from bench.mood_sentences import alliance, batches, second_labels, themes_of
from bench.mood_training import fit, inputs

_HEAD = f"{'':58}{'floor':>8}{'bot':>9}{'TextBlob':>10}{'VADER':>8}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("MOOD_DATA"), metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="nothing that needs training")
    parser.add_argument("--families", action="store_true", help="also every family of sentences")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    _agreement_of_labels()
    print(f"\n{_HEAD}")
    print("By the weights in the repository")
    for batch, heading in HELD_OUT.items():
        _show(heading, unseen_rows(batch))
    if given.data and not given.quick:
        _trained(given.data, given.families)
    elif not given.quick:
        print(
            "\nleft out: cross-validation needs the public corpora: --data DIR, or MOOD_DATA=DIR make bench"
        )
    _costs()


def _trained(folder: Path, by_family: bool) -> None:
    corpora = read_corpora(folder)
    given = inputs(corpora)
    parts = fit(corpora, given, np.ones(len(corpora.texts), bool))
    folds = in_folds(corpora, given) + whole(corpora, given, parts, corpora.of("goemotions_dev"))
    apart = without_corpora(corpora, given)
    families = without_groups(corpora, given, parts, corpora.family, "families left out")
    themes = without_groups(corpora, given, parts, themes_of(corpora.family), "themes left out")
    print(f"\n{_HEAD}")
    _show("Public corpora", public_rows(corpora, folds, apart, families))
    _show("Alliance sentences, their family left out", alliance_rows(corpora, families))
    _show("Alliance sentences, all families of their theme left out", alliance_rows(corpora, themes))
    if by_family:
        for family in dict.fromkeys(corpora.family[corpora.of("alliance")]):
            rows = corpora.family == family
            right = (families[rows].argmax(axis=1) == corpora.label[rows]).mean()
            print(f"{family:40}{right:8.2f} of {rows.sum()}")


def _agreement_of_labels() -> None:
    second = second_labels()
    for batch, sentences in batches().items():
        twice = [(sentence.label, second[sentence.id]) for sentence in sentences if sentence.id in second]
        first_labels, others = (list(column) for column in zip(*twice, strict=True))
        print(
            f"Labelled twice, {batch} batch: {len(twice)} of {len(sentences)} sentences, "
            f"kappa {kappa(first_labels, others):.3f}"
        )


def _costs() -> None:
    texts = [sentence.text for sentence in alliance()][::3]
    rate = mood_cost.throughput(texts)
    size, seconds = mood_cost.fresh()
    print(f"\nWhat it costs ({len(texts)} messages, taking turns)")
    print(
        f"  messages a CPU second against stock TextBlob: {rate['bot'] / rate['TextBlob']:.2f} (floor 0.5)"
        f"; against VADER: {rate['bot'] / rate['VADER']:.2f}"
    )
    print(
        f"  first reading with all imports: {seconds:.2f} CPU seconds (floor 1.5), {size:.0f} MiB (floor 80)"
    )
    print(f"  weights: {mood_cost.WEIGHTS.stat().st_size / 1000:.0f} kB (floor 3000)")


def _show(heading: str, rows: Iterable[Row]) -> None:
    print(heading)
    for row in rows:
        stock = "".join(
            f"{'–' if item is None else row.form.format(item):>9}" for item in (row.textblob, row.vader)
        )
        print(f"  {row.name:56}{row.floor:>8}{row.form.format(row.bot):>9}{stock}", flush=True)


if __name__ == "__main__":
    main()

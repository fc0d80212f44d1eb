"""Guard: what it finds, what it misses, false alarms, invariance, and what it costs: the figures of docs/guard.md.

python -m bench.guard [--quick] [--missed]
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from pathlib import Path

import numpy as np

from bench.guard_training import (
    FOLDS,
    Labelled,
    build_problem,
    features_of,
    fit_reader,
    fold_of,
    list_weights,
    read_ordinary,
    read_ordinary_unseen,
    read_sentences,
)
from bench.guard_variants import VARIANTS
from bot.guard import CONCERNS, find_concern
from bot.guard.identifiers import find_identifier
from bot.guard.reader import judge_features

LANGUAGES = ("en", "de", "fr", "es", "ja")
CLINICAL_FACTS = ("facts", "clinical")
"""Parts of the names of the mood reading's held-out families that may tell of a case."""
_WEIGHTS = Path(__file__).parents[1] / "bot" / "guard" / "weights.tsv"
_SECOND = Path(__file__).parent / "data" / "guard_second_labels.tsv"
_FRESH = """
import resource
def mebibytes():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
import re, unicodedata, importlib.resources, dataclasses, collections
before = mebibytes()
from bot.guard import find_concern
find_concern("We were not told about the amendment, again.")
find_concern("Das ist nicht mit uns besprochen worden.")
print(mebibytes() - before)
"""
Judged = list[tuple[Labelled, str]]
"""Sentences, each with what the guard says: a concern, or "none"."""


def judge_by_folds(sentences: Sequence[Labelled]) -> Judged:
    """Judge each sentence by a reader that was trained without its fold."""
    problem = build_problem(sentences)
    folds = np.array([fold_of(number) for number in range(len(sentences))])
    judged: Judged = []
    for fold in range(FOLDS):
        weights = dict(list_weights(problem, fit_reader(problem, folds != fold)))
        for at in np.flatnonzero(folds == fold):
            sentence = sentences[int(at)]
            found = judge_features(features_of(sentence.text), weights)
            hard = find_identifier(" ".join(sentence.text.split()))
            judged.append((sentence, "patient" if hard else found.concern if found else "none"))
    return judged


def judge_all(sentences: Iterable[Labelled]) -> Judged:
    return [(sentence, name_concern(sentence.text)) for sentence in sentences]


def name_concern(text: str) -> str:
    found = find_concern(text)
    return found.concern if found else "none"


def bound_share(hits: int, count: int) -> str:
    """Return a share with its 95 % bounds (Wilson), as text."""
    if not count:
        return "–"
    share, z = hits / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{share:.3f} ({max(middle - half, 0):.2f}–{min(middle + half, 1):.2f}; {hits} of {count})"


def print_found(title: str, judged: Judged) -> None:
    """Print how many of each concern are stopped, of whatever kind they are called, and how many of none."""
    print(f"\n{title}")
    for label in (*CONCERNS, "none"):
        own = [said for sentence, said in judged if sentence.label == label]
        if own:
            name = "false alarms" if label == "none" else label
            print(f"  {name:<14}{bound_share(sum(said != 'none' for said in own), len(own))}")
    right = [said == sentence.label for sentence, said in judged if sentence.label != "none" != said]
    if right:
        print(f"  {'right concern':<14}{bound_share(sum(right), len(right))}")


def print_by_language(judged: Judged) -> None:
    print(f"  {'':<14}" + "".join(f"{language:>14}" for language in LANGUAGES))
    for label in (*CONCERNS, "none"):
        cells = []
        for language in LANGUAGES:
            own = [s != "none" for each, s in judged if each.label == label and each.language == language]
            cells.append(f"{sum(own)}/{len(own)}")
        print(
            f"  {'false alarms' if label == 'none' else label:<14}" + "".join(f"{cell:>14}" for cell in cells)
        )


def print_by_family(judged: Judged) -> None:
    families = sorted({(each.label, each.family) for each, _ in judged})
    for label, family in families:
        own = [said != "none" for each, said in judged if (each.label, each.family) == (label, family)]
        print(f"  {label:<11}{family:<24}{bound_share(sum(own), len(own))}")


def print_missed(judged: Judged) -> None:
    for sentence, said in judged:
        if (said == "none") != (sentence.label == "none"):
            print(f"  {sentence.label} → {said}: {sentence.text}")


def print_invariance(sentences: Sequence[Labelled]) -> None:
    """Print how many sentences are judged otherwise when what should not matter is changed."""
    print("\nInvariance: share of held-out sentences that are judged otherwise")
    before = [name_concern(each.text) for each in sentences]
    for name, change in VARIANTS.items():
        flips = [
            name_concern(change(each.text, number)) != said
            for number, (each, said) in enumerate(zip(sentences, before, strict=True))
        ]
        print(f"  {name:<24}{bound_share(sum(flips), len(flips))}")


def print_agreement(sentences: Sequence[Labelled]) -> None:
    """Print how far a second labelling from the bare text agrees: share, and Cohen's kappa."""
    second = dict(line.split("\t") for line in _SECOND.read_text("utf-8").splitlines()[1:])
    pairs = [(each.label, second[each.id]) for each in sentences if each.id in second]
    same = sum(first == other for first, other in pairs) / len(pairs)
    labels = {label for pair in pairs for label in pair}
    chance = (
        sum(
            sum(first == label for first, _ in pairs) * sum(other == label for _, other in pairs)
            for label in labels
        )
        / len(pairs) ** 2
    )
    print(
        f"\nSecond labels: {len(pairs)} sentences, agreement {same:.3f}, kappa {(same - chance) / (1 - chance):.3f}"
    )


def measure_time(texts: Sequence[str]) -> float:
    """Return milliseconds of processor time a text, the best of five rounds."""
    return min(_time_round(texts, find_concern) for _ in range(5)) * 1_000 / len(texts)


def _time_round(texts: Sequence[str], read: Callable[[str], object]) -> float:
    began = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - began


def measure_memory() -> float:
    """Return MiB that a new process grows by to import the guard and read: the smallest of three. Linux only."""
    if not Path("/proc/self/statm").exists():
        return 0.0
    runs = [
        subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    return min(map(float, runs))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="without the folds")
    options.add_argument(
        "--missed", action="store_true", help="list what is judged wrongly in the held-out part"
    )
    given = options.parse_args()
    own, ordinary, held_out = read_sentences(), read_ordinary(), read_sentences("guard_unseen.tsv")
    plain = [
        each for each in read_ordinary_unseen() if not any(part in each.family for part in CLINICAL_FACTS)
    ]
    print(f"{len(own)} sentences written for the guard, {len(ordinary)} ordinary ones of the mood reading")
    if not given.quick:
        judged = judge_by_folds(own + ordinary)
        written = [pair for pair in judged if not pair[0].family.startswith("ordinary_")]
        print_found(f"{FOLDS} folds, written for the guard (false alarms: hard negatives)", written)
        print_by_language(written)
        print_by_family(written)
        print_found(
            f"{FOLDS} folds, ordinary", [pair for pair in judged if pair[0].family.startswith("ordinary_")]
        )
    unseen_judged = judge_all(held_out)
    print_found("Held out", unseen_judged)
    print_by_language(unseen_judged)
    print_by_family(unseen_judged)
    if given.missed:
        print_missed(unseen_judged)
    print_found("Ordinary sentences of the mood reading, held out", judge_all(plain))
    print_invariance(held_out + plain)
    print_agreement(own + held_out)
    texts = [each.text for each in own + ordinary]
    size = _WEIGHTS.stat().st_size / 1_000
    print(f"\n{measure_time(texts):.2f} ms a text, {measure_memory():.1f} MiB, weights {size:.0f} kB")


if __name__ == "__main__":
    main()

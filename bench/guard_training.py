"""Train the guard's reader on our own sentences; bench/data/GUARD_GUIDE.md says how they were made and labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from bench.mood_sentences import alliance, unseen
from bot.guard import CONCERNS
from bot.guard.identifiers import find_identifier
from bot.guard.reader import list_features
from bot.guard.words import name_language, simplify, split_words

LABELS = ("none", *CONCERNS)
ABOUT_CASES = frozenset(
    (
        *(
            "after_the_event",
            "almost_complaint",
            "bad_news_good_people",
            "case_listing",
            "case_quarrel",
        ),
        *(
            "case_teamwork",
            "clinical_reports",
            "clinical_words_negative",
            "clinical_words_positive",
        ),
        *(
            "deviation_quality",
            "deviation_thanks",
            "duty_neglected",
            "efficacy_discontinuation",
        ),
        *(
            "emergency_together",
            "inspection_praise",
            "inspection_quarrel",
            "labs_tests",
            "sad_case_warm_team",
        ),
        *(
            "safety_fact",
            "stops_and_faults",
            "vital_facts",
        ),
    )
)
"""Families of the mood reading's sentences that may tell of a case: they have no label here and are left out."""
ORDINARY_WEIGHT = 0.6
"""What a sentence of the mood reading counts, beside one written for the guard."""
RAREST_FEATURE = 3
"""Sentences that a feature must stand in."""
SCALES = {"word": 0.5, "pair": 0.7, "kind": 1.0}
"""How freely each kind of feature is learned."""
STRENGTH = 1.0
"""Inverse of the penalty on squared weights."""
FOLDS = 5
_DATA = Path(__file__).parent / "data"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    id: str
    language: str
    family: str
    label: str
    """ "none", "patient", "unblinding" or "safety"."""
    text: str


def read_sentences(name: str = "guard_sentences.tsv") -> list[Labelled]:
    lines = (_DATA / name).read_text("utf-8").splitlines()[1:]
    return [Labelled(*line.split("\t")) for line in lines]


def read_ordinary() -> list[Labelled]:
    """Return the mood reading's training sentences that tell of no case: what people usually write."""
    return [
        Labelled(sentence.id, "en", f"ordinary_{sentence.family}", "none", sentence.text)
        for sentence in alliance()
        if sentence.family not in ABOUT_CASES
    ]


def read_ordinary_unseen() -> list[Labelled]:
    """Return the mood reading's held-out sentences that tell of no case; never trained on here either."""
    return [
        Labelled(sentence.id, "en", f"ordinary_{sentence.family}", "none", sentence.text)
        for sentence in unseen()
        if sentence.family not in ABOUT_CASES
    ]


def features_of(text: str) -> list[str]:
    simple = simplify(text)
    words = split_words(simple)
    return list_features(words, name_language(simple, words))


@dataclass(frozen=True, slots=True)
class Problem:
    """Sentences as numbers: `matrix` is scaled, `scales` says by how much."""

    names: list[str]
    scales: Floats
    matrix: csr_matrix
    labels: NDArray[np.int64]
    weights: Floats
    stopped: NDArray[np.bool_]
    """The hard step finds an identifier in it."""


def build_problem(sentences: Sequence[Labelled]) -> Problem:
    vectorizer = DictVectorizer()
    counted = vectorizer.fit_transform([dict.fromkeys(features_of(each.text), 1.0) for each in sentences])
    often = np.asarray((counted > 0).sum(axis=0)).ravel() >= RAREST_FEATURE
    names = [str(name) for name, kept in zip(vectorizer.get_feature_names_out(), often, strict=True) if kept]
    scales = np.array([SCALES[kind_of(name)] for name in names])
    return Problem(
        names,
        scales,
        csr_matrix(counted[:, often].multiply(scales)),
        np.array([LABELS.index(each.label) for each in sentences]),
        np.array([ORDINARY_WEIGHT if each.family.startswith("ordinary_") else 1.0 for each in sentences]),
        np.array([find_identifier(" ".join(each.text.split())) is not None for each in sentences]),
    )


def kind_of(feature: str) -> str:
    return "word" if feature.startswith("=") else "pair" if "+" in feature else "kind"


def fit_reader(problem: Problem, rows: NDArray[np.bool_]) -> LogisticRegression:
    """Fit on these rows, without those that identifiers stop: the reader never gets to see such a text."""
    rows = rows & ~problem.stopped
    model = LogisticRegression(C=STRENGTH, max_iter=2_000, tol=1e-8)
    return model.fit(problem.matrix[rows], problem.labels[rows], problem.weights[rows])


def list_weights(problem: Problem, model: LogisticRegression) -> list[tuple[str, tuple[float, ...]]]:
    """Return a line a feature: its weight for each concern, measured from "none". The bias has the empty name."""
    relative = (model.coef_ - model.coef_[0])[1:].T * problem.scales[:, None]
    start = (model.intercept_ - model.intercept_[0])[1:]
    lines = [("", start), *zip(problem.names, relative, strict=True)]
    rounded = ((name, tuple(round(float(weight), 2) + 0.0 for weight in row)) for name, row in lines)
    return [(name, row) for name, row in rounded if not name or any(abs(weight) >= 0.02 for weight in row)]


def fold_of(number: int) -> int:
    """Spread neighbours, which resemble each other, over the folds by a fixed rule."""
    return number * 7919 // 13 % FOLDS

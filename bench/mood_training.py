"""Fit the parts of the mood model: a general reader, three specialists, and the gate between them."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.mood_corpora import Corpora
from bot.mood.weights import GENERAL_BITS, SPECIAL_BITS, mixed

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Learning weight of a row; found on the development folds.
_PUBLIC_WEIGHTS = {
    "so_senti4sd_train": 2.0,
    "premo_train": 2.0,
    "goemotions_train": 0.7,
    "incivility_negative": 0.3,
    "vader_tweets": 0.7,
    "vader_nyt": 0.5,
    "vader_amazon": 0.5,
    "ctgov_whystopped_train": 0.2,
}
_FACT_WEIGHT = 0.08
_LABEL_WEIGHTS = np.array([1.0, 1.3, 1.5])
"""The alliance sentences hold more complaints than praise; a channel does not."""
SCALES = {"words": 1.5, "characters": 1.0, "dense": 0.2, "general": 0.2}
KINDS = ("other", "stack overflow", "pull requests", "alliance")
"""What the gate tells apart; the last three have a specialist."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Feature matrices, hashed as finely as the parts are."""

    general: sparse.csr_matrix
    special: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class Parts:
    """The fitted parts, each logits = matrix @ weights + bias."""

    general: LogisticRegression
    stack_overflow: LogisticRegression
    pull_requests: LogisticRegression
    alliance: LogisticRegression
    gate: LogisticRegression


def inputs(corpora: Corpora) -> Inputs:
    return Inputs(_joined(corpora, GENERAL_BITS), _joined(corpora, SPECIAL_BITS))


def spread(corpora: Corpora) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the dense features, over all texts."""
    return corpora.dense.mean(0), corpora.dense.std(0) + 1e-6


def fit(corpora: Corpora, given: Inputs, rows: Mask) -> Parts:
    """All parts on `rows`; the development file of GoEmotions teaches nothing."""
    general = fit_general(corpora, given, rows)
    return Parts(
        general,
        _specialist(corpora, given, rows, "so_senti4sd_train"),
        _specialist(corpora, given, rows, "premo_train"),
        fit_alliance(corpora, with_general(given, general), rows),
        fit_gate(corpora, given, rows),
    )


def fit_general(corpora: Corpora, given: Inputs, rows: Mask) -> LogisticRegression:
    weight = np.array([_PUBLIC_WEIGHTS.get(source, 0.0) for source in corpora.source])
    return _fit(given.general, corpora.label, rows & (weight > 0), weight, 0.7)


def _specialist(corpora: Corpora, given: Inputs, rows: Mask, source: str) -> LogisticRegression:
    """Where nothing of the kind may be learned, the general reader's corpora stand in."""
    own = rows & corpora.of(source)
    if not own.any():
        own = rows & corpora.of("vader_tweets", "vader_amazon")
    return _fit(given.special, corpora.label, own, np.ones(len(rows)), 2.0)


def with_general(given: Inputs, general: LogisticRegression) -> sparse.csr_matrix:
    """The alliance specialist also sees what the general reader says."""
    opinion = logits(general, given.general)[:, [0, 2]] * SCALES["general"]
    return sparse.hstack([given.special, sparse.csr_matrix(opinion)]).tocsr()


def fit_alliance(corpora: Corpora, seen: sparse.csr_matrix, rows: Mask) -> LogisticRegression:
    own, facts = corpora.of("alliance"), corpora.of("ctgov_whystopped_train")
    weight = np.where(own, _LABEL_WEIGHTS[corpora.label], _FACT_WEIGHT)
    return _fit(seen, corpora.label, rows & (own | facts), weight, 2.0)


def fit_gate(corpora: Corpora, given: Inputs, rows: Mask) -> LogisticRegression:
    """Every third row of the large corpora is enough to tell kinds apart; kinds weigh alike."""
    kind = np.zeros(len(rows), np.int64)
    kind[corpora.of("so_senti4sd_train")] = 1
    kind[corpora.of("premo_train", "incivility_negative")] = 2
    kind[corpora.of("alliance", "ctgov_whystopped_train")] = 3
    thinned = np.arange(len(kind)) % 3 == 0
    rows = rows & (thinned | corpora.of("alliance", "so_senti4sd_train", "premo_train"))
    counts = np.bincount(kind[rows], minlength=4).astype(float)
    weight = (rows.sum() / 4 / np.maximum(counts, 1))[kind]
    return _fit(given.special, kind, rows, weight, 1.0)


def logits(model: LogisticRegression, matrix: sparse.csr_matrix) -> Floats:
    """A column for each class, relative to neutral (for the gate: to "other")."""
    raw: Floats = model.decision_function(matrix)
    base = (
        1
        if raw.shape[1] == 3
        and len(model.classes_) == 3
        and model.classes_[0] == 0
        and model.classes_[2] == 2
        else 0
    )
    return raw - raw[:, base : base + 1]


def probabilities(
    parts: Parts,
    given: Inputs,
    rows: Mask,
    alliance: LogisticRegression | None = None,
    gate: LogisticRegression | None = None,
) -> Floats:
    """P(negative), P(neutral), P(positive) of the mixture; parts can be exchanged for a fold's own."""
    some = Inputs(given.general[rows], given.special[rows])
    return mixed(
        logits(parts.general, some.general),
        logits(parts.stack_overflow, some.special),
        logits(parts.pull_requests, some.special),
        logits(alliance or parts.alliance, with_general(some, parts.general)),
        logits(gate or parts.gate, some.special),
    )


def _joined(corpora: Corpora, bits: int) -> sparse.csr_matrix:
    mean, deviation = spread(corpora)
    dense = sparse.csr_matrix((corpora.dense - mean) / deviation * SCALES["dense"])
    words = _folded(corpora.words, bits) * SCALES["words"]
    return sparse.hstack([words, _folded(corpora.characters, bits) * SCALES["characters"], dense]).tocsr()


def _folded(matrix: sparse.csr_matrix, bits: int) -> sparse.csr_matrix:
    parts = (matrix.data.copy(), matrix.indices & ((1 << bits) - 1), matrix.indptr.copy())
    folded = sparse.csr_matrix(parts, shape=(matrix.shape[0], 1 << bits))
    folded.sum_duplicates()
    return folded


def _fit(
    matrix: sparse.csr_matrix, label: NDArray[np.int64], rows: Mask, weight: Floats, strength: float
) -> LogisticRegression:
    model = LogisticRegression(C=strength, max_iter=80, tol=1e-3)
    return model.fit(matrix[rows], label[rows], sample_weight=weight[rows])

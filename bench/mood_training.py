"""Fit the parts of the mood model: a general reader, three specialists, and the gate between them."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.mood_corpora import Corpora
from bot.mood.classifier import mix_weights
from bot.mood.features import BITS

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
_FACT_SHARE = 0.1
"""In the gate: what people write to each other says more about an alliance's channel than registry texts."""
_LABEL_WEIGHTS = np.array([1.0, 1.3, 1.5])
"""The alliance sentences hold more complaints than praise; a channel does not."""
SCALES = {"words": 1.5, "characters": 1.0, "dense": 0.2, "general": 0.2}
KINDS = ("other", "stack overflow", "pull requests", "alliance")
"""What the gate tells apart; the last three have a specialist."""
_NEVER = -30.0
_SMOOTHING = 0.3
"""Counts that every hashed feature has before any text is seen."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The fitted parts, each logits = matrix @ weights + bias."""

    general: LogisticRegression
    stack_overflow: LogisticRegression
    pull_requests: LogisticRegression
    alliance: LogisticRegression
    gate: LogisticRegression


def inputs(corpora: Corpora) -> sparse.csr_matrix:
    """Words, characters and dense features side by side, a row a text."""
    mean, deviation = spread(corpora)
    dense = sparse.csr_matrix((corpora.dense - mean) / deviation * SCALES["dense"])
    words, characters = corpora.words * SCALES["words"], corpora.characters * SCALES["characters"]
    return sparse.hstack([words, characters, dense]).tocsr()


def spread(corpora: Corpora) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the dense features, over all texts."""
    return corpora.dense.mean(0), corpora.dense.std(0) + 1e-6


def fit(corpora: Corpora, given: sparse.csr_matrix, rows: Mask) -> Parts:
    """All parts on `rows`; the development file of GoEmotions teaches nothing."""
    general = fit_general(corpora, given, rows)
    return Parts(
        general,
        _specialist(general, corpora, given, rows, "so_senti4sd_train"),
        _specialist(general, corpora, given, rows, "premo_train"),
        fit_alliance(corpora, with_general(given, general), rows),
        fit_gate(corpora, given, rows),
    )


def fit_general(corpora: Corpora, given: sparse.csr_matrix, rows: Mask) -> LogisticRegression:
    weight = np.array([_PUBLIC_WEIGHTS.get(source, 0.0) for source in corpora.source])
    return _fit(given, corpora.label, rows & (weight > 0), weight, 0.35)


def _specialist(
    general: LogisticRegression, corpora: Corpora, given: sparse.csr_matrix, rows: Mask, source: str
) -> LogisticRegression:
    """Fit a reader of one kind of text; the general reader stands in if nothing of that kind may be learned."""
    own = rows & corpora.of(source)
    return _fit(given, corpora.label, own, np.ones(len(rows)), 2.0) if own.any() else general


def with_general(given: sparse.csr_matrix, general: LogisticRegression) -> sparse.csr_matrix:
    """The alliance specialist also sees what the general reader says."""
    opinion = opinions(general, given)[:, [0, 2]] * SCALES["general"]
    return sparse.hstack([given, sparse.csr_matrix(opinion)]).tocsr()


def fit_alliance(corpora: Corpora, seen: sparse.csr_matrix, rows: Mask) -> LogisticRegression:
    own, facts = corpora.of("alliance"), corpora.of("ctgov_whystopped_train")
    weight = np.where(own, _LABEL_WEIGHTS[corpora.label], _FACT_WEIGHT)
    return _fit(seen, corpora.label, rows & (own | facts), weight, 1.5)


def fit_gate(corpora: Corpora, given: sparse.csr_matrix, rows: Mask) -> LogisticRegression:
    """Every third row of the large corpora is enough to tell kinds apart; kinds weigh alike. Heated issues are much
    like pull requests and not one of the kinds."""
    kind = np.zeros(len(rows), np.int64)
    kind[corpora.of("so_senti4sd_train")] = 1
    kind[corpora.of("premo_train")] = 2
    kind[corpora.of("alliance", "ctgov_whystopped_train")] = 3
    thinned = np.arange(len(kind)) % 3 == 0
    rows = rows & (thinned | corpora.of("alliance", "so_senti4sd_train", "premo_train"))
    rows &= ~corpora.of("incivility_negative")
    counts = np.bincount(kind[rows], minlength=4).astype(float)
    weight = (rows.sum() / 4 / np.maximum(counts, 1))[kind]
    weight[corpora.of("ctgov_whystopped_train")] *= _FACT_SHARE
    return _fit(given, kind, rows, weight, 3.0)


def opinions(reader: LogisticRegression, matrix: sparse.csr_matrix) -> Floats:
    """Logits of the three labels, measured from neutral."""
    raw: Floats = reader.decision_function(matrix)
    return raw - raw[:, 1:2]


def kinds(gate: LogisticRegression, matrix: sparse.csr_matrix) -> Floats:
    """Logits of the four kinds, measured from the first; a kind the gate has never seen is out of the question."""
    raw: Floats = gate.decision_function(matrix)
    known = np.full((raw.shape[0], len(KINDS)), _NEVER)
    known[:, gate.classes_] = raw - raw[:, :1]
    return known


def probabilities(parts: Parts, given: sparse.csr_matrix, rows: Mask) -> Floats:
    """P(negative), P(neutral), P(positive) of the mixture."""
    return mix_weights(*logits(parts, given[rows]))


def logits(parts: Parts, given: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """Return the readers' opinions and the gate's, as `mix_weights` takes them."""
    readers = (
        opinions(parts.general, given),
        opinions(parts.stack_overflow, given),
        opinions(parts.pull_requests, given),
        opinions(parts.alliance, with_general(given, parts.general)),
    )
    return np.stack(readers, axis=1), kinds(parts.gate, given)


def _fit(
    matrix: sparse.csr_matrix, label: NDArray[np.int64], rows: Mask, weight: Floats, strength: float
) -> LogisticRegression:
    """Logistic regression in which a hashed feature is the freer, the more one-sided its counts are (Wang and Manning,
    "Baselines and bigrams", 2012: https://aclanthology.org/P12-2018/); the factors end up in the weights."""
    given, labels, weights = matrix[rows], label[rows], weight[rows]
    factor = _one_sidedness(given, labels, weights)
    model = LogisticRegression(C=strength, max_iter=80, tol=1e-3)
    model.fit(given @ sparse.diags(factor), labels, sample_weight=weights)
    model.coef_ *= factor
    return model


def _one_sidedness(matrix: sparse.csr_matrix, label: NDArray[np.int64], weight: Floats) -> Floats:
    """Largest absolute log ratio of a feature's share in one class to that in the others; 1 for features that are not
    hashed."""
    ratios = [
        _log_share(matrix, weight * (label == item)) - _log_share(matrix, weight * (label != item))
        for item in set(label)
    ]
    factor = np.ones(matrix.shape[1])
    factor[: 2 << BITS] = np.abs(ratios).max(axis=0)
    return factor


def _log_share(matrix: sparse.csr_matrix, weight: Floats) -> Floats:
    counts = matrix[:, : 2 << BITS].T @ weight + _SMOOTHING
    shares: Floats = np.log(counts / counts.sum())
    return shares

"""Readings of texts by models that have not learned from them: folds, corpora and families left out."""

from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tqdm import tqdm

from bench.mood_corpora import Corpora
from bench.mood_training import Parts, fit, fit_alliance, fit_gate, probabilities, with_general
from bot.mood.classifier import Floats

FOLDS = 5
GATES = 10
"""Gates that are fitted for the groups of sentences; one a group would take four times as long."""
FOLDED = ("so_senti4sd_train", "premo_train", "ctgov_whystopped_train")
LEFT_OUT = {
    "so_senti4sd_train": "so_senti4sd_train",
    "premo_train": "premo_train",
    "goemotions_train": "goemotions_dev",
}
"""Corpus that is not learned from → texts to read."""


def in_folds(corpora: Corpora, given: csr_matrix) -> Floats:
    """Shares of the three labels for the texts of `FOLDED`, by models without their fold; zeros elsewhere."""
    fold = np.array([crc32(text.encode()) % FOLDS for text in corpora.texts])
    shares = np.zeros((len(corpora.texts), 3))
    for at in tqdm(range(FOLDS), "folds"):
        held = (fold == at) & corpora.of(*FOLDED)
        shares[held] = _read(corpora, given, held, held)
    return _abstained(corpora, shares)


def without_corpora(corpora: Corpora, given: csr_matrix) -> Floats:
    """The same, by models that have seen nothing of the text's corpus."""
    pairs = [(corpora.of(read), corpora.of(out)) for out, read in LEFT_OUT.items()]
    shares = np.zeros((len(corpora.texts), 3))
    for texts, out in tqdm(pairs, "corpora left out"):
        shares[texts] = _read(corpora, given, texts, out)
    return _abstained(corpora, shares)


def without_groups(
    corpora: Corpora, given: csr_matrix, parts: Parts, group: NDArray[np.str_], name: str
) -> Floats:
    """Alliance sentences read by models that have seen no sentence of the same group: the alliance's reader learns from
    all other groups, the gate from nine tenths of them; the other readers of `parts` learn from no alliance sentence
    anyway."""
    seen = with_general(given, parts.general)
    own = corpora.of("alliance")
    groups = [own & (group == fromkey) for fromkey in dict.fromkeys(group[own])]
    shares = np.zeros((len(corpora.texts), 3))
    with tqdm(total=len(groups), desc=name) as progress:
        for tenth in range(GATES):
            out = groups[tenth::GATES]
            gate = fit_gate(corpora, given, ~np.logical_or.reduce(out))
            for held in out:
                alliance = fit_alliance(corpora, seen, ~held)
                shares[held] = probabilities(replace(parts, alliance=alliance, gate=gate), given, held)
                progress.update()
    return _abstained(corpora, shares)


def whole(corpora: Corpora, given: csr_matrix, parts: Parts, rows: NDArray[np.bool_]) -> Floats:
    """Readings by the full model; for texts it has not learned from."""
    shares = np.zeros((len(corpora.texts), 3))
    shares[rows] = probabilities(parts, given, rows)
    return _abstained(corpora, shares)


def _read(corpora: Corpora, given: csr_matrix, texts: NDArray[np.bool_], out: NDArray[np.bool_]) -> Floats:
    return probabilities(fit(corpora, given, ~out), given, texts)


def _abstained(corpora: Corpora, shares: Floats) -> Floats:
    """Count a text as neutral if the analyzer abstains."""
    return np.where(corpora.judged[:, None], shares, np.array([0.0, 1.0, 0.0]))

"""The corpora of the mood model as feature matrices, each text with its label, source and family."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from tqdm import tqdm

from bench.mood_sentences import alliance
from bot.mood.features import BITS, extract_features
from bot.mood.preprocess import PreparedText, find_judgeable
from bot.mood.reading import Reason

LABELS = ("negative", "neutral", "positive")
PUBLIC = (
    "so_senti4sd_train",
    "premo_train",
    "goemotions_train",
    "goemotions_dev",
    "incivility_negative",
    "vader_tweets",
    "vader_nyt",
    "vader_amazon",
    "ctgov_whystopped_train",
)


@dataclass(frozen=True, slots=True)
class Corpora:
    """Row i of every field belongs to text i."""

    texts: list[str]
    label: NDArray[np.int64]
    source: NDArray[np.str_]
    family: NDArray[np.str_]
    """Of an alliance sentence, else empty."""
    judged: NDArray[np.bool_]
    """False where the analyzer abstains; such a text counts as neutral."""
    words: sparse.csr_matrix
    characters: sparse.csr_matrix
    dense: NDArray[np.float64]

    def of(self, *sources: str) -> NDArray[np.bool_]:
        return np.isin(self.source, sources)


def read_corpora(folder: Path) -> Corpora:
    """Every public corpus in `folder` and the project's own sentences."""
    rows = [row for name in PUBLIC for row in _public(folder / f"{name}.tsv")]
    rows += [(own.text, own.label, "alliance", own.family) for own in alliance()]
    texts, labels, sources, families = (list(column) for column in zip(*rows, strict=True))
    words, characters, dense, judged = [], [], [], []
    for text in tqdm(texts, "texts"):
        own = find_judgeable(text)
        judged.append(not isinstance(own, Reason))
        found = extract_features(*(PreparedText("", []) if isinstance(own, Reason) else own))
        words.append(np.array(found.words, np.int32))
        characters.append(found.characters.astype(np.int32))
        dense.append(found.dense)
    return Corpora(
        texts,
        np.array([LABELS.index(label) for label in labels]),
        np.array(sources),
        np.array(families),
        np.array(judged),
        _hashed(words),
        _hashed(characters),
        np.array(dense),
    )


def _public(path: Path) -> list[tuple[str, str, str, str]]:
    lines = path.read_text("utf-8").rstrip("\n").split("\n")[1:]
    fields = (line.rstrip("\r").split("\t") for line in lines)
    return [(_unquoted(text), label, path.stem, "") for text, label, *_ in fields]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def _hashed(grams: list[NDArray[np.int32]]) -> sparse.csr_matrix:
    ends = np.concatenate(([0], np.cumsum([len(row) for row in grams])))
    values = np.concatenate([np.full(len(row), len(row) ** -0.5) for row in grams if len(row)])
    matrix = sparse.csr_matrix((values, np.concatenate(grams), ends), shape=(len(grams), 1 << BITS))
    matrix.sum_duplicates()
    return matrix

"""The figures of the model card, each beside what TextBlob and VADER make of the same texts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench import mood_stock
from bench.mood_corpora import LABELS, Corpora
from bench.mood_scores import Floats, Labels, calibration_error, macro_f1, recall_at_precision
from bench.mood_sentences import CLINICAL_FACTS, CLINICAL_MOOD, FIGURES, SARCASM, unseen
from bot.mood import Mood, read

Mask = NDArray[np.bool_]


HELD_OUT = {
    "u": "Sentences in no training data, looked at once before the last choices",
    "v": "Sentences in no training data, by voices that none has, looked at after the last choice",
}
"""First letter of the ids → what is shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    floor: str
    bot: float
    textblob: float | None
    vader: float | None
    form: str = "{:.3f}"


@dataclass(frozen=True, slots=True)
class Read:
    """Texts of one kind with their labels, and what the three readers say."""

    given: Labels
    family: NDArray[np.str_]
    shares: Floats
    """The bot's P(negative), P(neutral), P(positive)."""
    textblob: Floats
    vader: Floats

    @classmethod
    def of(cls, texts: Sequence[str], given: Labels, family: NDArray[np.str_], shares: Floats) -> "Read":
        return cls(given, family, shares, mood_stock.textblob_scores(texts), mood_stock.vader_scores(texts))

    def only(self, rows: Mask) -> "Read":
        return Read(
            self.given[rows], self.family[rows], self.shares[rows], self.textblob[rows], self.vader[rows]
        )

    def labels(self) -> tuple[Labels, Labels, Labels]:
        """By the bot, TextBlob and VADER."""
        stock = (
            mood_stock.labels(self.textblob, 0.0),
            mood_stock.labels(self.vader, mood_stock.VADER_THRESHOLD),
        )
        return self.shares.argmax(axis=1), *stock


def public_rows(corpora: Corpora, folds: Floats, apart: Floats, families: Floats) -> Iterator[Row]:
    """`folds`, `apart`, `families`: shares by models without the text's fold, corpus and family."""
    stack, pulls, reddit, facts = (
        _of(corpora, folds, corpora.of(source))
        for source in ("so_senti4sd_train", "premo_train", "goemotions_dev", "ctgov_whystopped_train")
    )
    yield _agreement("Senti4SD, 5 folds: macro-F1", ".82", stack)
    yield _agreement("PRemo, 5 folds: macro-F1", ".70", pulls)
    yield _agreement("GoEmotions dev: macro-F1", ".69", reddit)
    kinds = [
        ("Senti4SD", corpora.of("so_senti4sd_train")),
        ("PRemo", corpora.of("premo_train")),
        ("GoEmotions dev", corpora.of("goemotions_dev")),
    ]
    rows = [
        _agreement(f"  {name}, its corpus left out: macro-F1", "", _of(corpora, apart, rows))
        for name, rows in kinds
    ]
    yield from rows
    means = [float(np.mean([getattr(row, who) for row in rows])) for who in ("bot", "textblob", "vader")]
    yield Row("mean of the three, corpus left out: macro-F1", ".68", *means)
    yield _called("Why trials stopped, 5 folds: called negative", "3 %", facts, label=0)
    judged = [(corpora.label[rows], folds[rows]) for _, rows in kinds]
    judged.append((corpora.label[corpora.of("alliance")], families[corpora.of("alliance")]))
    given, shares = (np.concatenate(column) for column in zip(*judged, strict=True))
    yield Row(
        "calibration error over all held-out texts", ".08", calibration_error(given, shares), None, None
    )


def alliance_rows(corpora: Corpora, shares: Floats) -> Iterator[Row]:
    yield from _alliance(_of(corpora, shares, corpora.of("alliance")), ".75", ".55")


def unseen_rows(batch: str) -> Iterator[Row]:
    """By the public door, `bot.mood.read`; only polarity and label leave it, so there is no recall at a precision."""
    own = [item for item in unseen() if item.id.startswith(batch)]
    moods = [read(item.text) for item in own]
    given = np.array([LABELS.index(item.label) for item in own])
    of = Read.of([item.text for item in own], given, np.array([item.family for item in own]), _shares(moods))
    yield _agreement("macro-F1", "", of)
    yield _found("complaints found, by label", of)
    yield _precise("of those called complaints, are", of)
    yield _called(
        "clinical facts called negative", "5 %", of.only(np.char.endswith(of.family, "_facts")), label=0
    )
    moved = np.char.find(of.family, "_clinical_") > 0
    yield _right("clinical words inside real mood: right label", ".80", of.only(moved))
    spoken = sum(isinstance(mood, Mood) for mood in moods) / len(moods)
    yield Row("coverage: judged at all", "", spoken, None, None)


def _alliance(of: Read, floor: str, recall: str) -> Iterator[Row]:
    yield _agreement("macro-F1", floor, of)
    plain = ~np.isin(of.family, SARCASM)
    yield _agreement("macro-F1 without sarcasm", "", of.only(plain))
    scores = (of.shares[:, 0], -of.textblob, -of.vader)
    found = [recall_at_precision(of.given == 0, score) for score in scores]
    yield Row("complaints found where 4 of 5 called so are", recall, *found)
    yield _found("complaints found, by label", of)
    yield _precise("of those called complaints, are", of)
    facts = of.only(np.isin(of.family, CLINICAL_FACTS))
    yield _called("clinical facts called negative", "5 %", facts, label=0)
    yield _called("all neutral sentences called negative", "", of.only(of.given == 1), label=0)
    moved = np.isin(of.family, CLINICAL_MOOD)
    figures = np.isin(of.family, FIGURES)
    yield _right("clinical words inside real mood: right label", ".80", of.only(moved))
    yield _right("  without figures of speech: right label", "", of.only(moved & ~figures))
    yield _right("  figures of speech alone: right label", "", of.only(figures))
    yield _right("sarcasm and passive aggression: right label", "", of.only(np.isin(of.family, SARCASM)))


def _agreement(name: str, floor: str, of: Read) -> Row:
    return _row(name, floor, of, lambda read: macro_f1(of.given, read))


def _right(name: str, floor: str, of: Read) -> Row:
    return _row(name, floor, of, lambda read: float((read == of.given).mean()))


def _found(name: str, of: Read) -> Row:
    return _row(name, "", of, lambda read: float((read[of.given == 0] == 0).mean()))


def _precise(name: str, of: Read) -> Row:
    return _row(name, "", of, lambda read: float((of.given[read == 0] == 0).mean()))


def _called(name: str, floor: str, of: Read, label: int) -> Row:
    return _row(name, floor, of, lambda read: float((read == label).mean()), "{:.1%}")


def _row(name: str, floor: str, of: Read, score: Callable[[Labels], float], form: str = "{:.3f}") -> Row:
    return Row(f"{name} (n={len(of.given)})", floor, *map(score, of.labels()), form)


def _of(corpora: Corpora, shares: Floats, rows: Mask) -> Read:
    texts = [corpora.texts[at] for at in np.flatnonzero(rows)]
    return Read.of(texts, corpora.label[rows], corpora.family[rows], shares[rows])


def _shares(moods: Sequence[object]) -> Floats:
    """All weight on the label; on neutral where nothing was judged."""
    at = [LABELS.index(mood.label) if isinstance(mood, Mood) else 1 for mood in moods]
    return np.eye(3)[at]

"""The project's own sentences; how they were made and labelled is told in bench/data/GUIDE.md."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_DATA = Path(__file__).parent / "data"
_FIRST_BATCH = 3310

CLINICAL_FACTS = (
    "safety_fact",
    "efficacy_discontinuation",
    "labs_tests",
    "deviation_quality",
    "clinical_reports",
    "clinical_words_plain",
    "trade_words",
    "vital_facts",
    "failing_things",
    "trade_idioms",
    "case_listing",
    "stops_and_faults",
)
"""Neutral families that are full of words which lexicons call bad or good."""
FIGURES = (
    "trade_metaphor",
    "trade_compliment",
    "vital_signs",
    "diagnosed",
    "clean_bill",
    "trial_language_gripe",
    "trial_language_praise",
    "sick_and_tired",
)
"""Clinical words as figures of speech about working together."""
CLINICAL_MOOD = (
    "clinical_words_negative",
    "clinical_words_positive",
    "case_quarrel",
    "case_teamwork",
    "inspection_quarrel",
    "inspection_praise",
    "query_quarrel",
    "query_praise",
    "failure_between_us",
    "after_the_event",
    "findings_fight",
    "bad_news_good_people",
    "emergency_together",
    "deviation_thanks",
    "sad_case_warm_team",
    "duty_neglected",
    *FIGURES,
)
"""Mood about working together, told in clinical words."""
SARCASM = ("passive_aggression", "irony", "sour_thanks")


@dataclass(frozen=True, slots=True)
class Sentence:
    id: str
    family: str
    """What it is an example of; families are never split between training and test."""
    label: str
    side: str
    voice: str
    text: str


def alliance() -> list[Sentence]:
    """Return the sentences that the model is trained on."""
    return [Sentence(*fields) for fields in _rows("alliance_sentences.tsv")]


def unseen() -> list[Sentence]:
    """Never trained on. Ids that begin with u: constants were last chosen after one interim look at them; with v: by
    voices that no training sentence has, and looked at once, after the last choice."""
    return [Sentence(*fields) for fields in _rows("alliance_unseen.tsv")]


def batches() -> dict[str, list[Sentence]]:
    """All sentences, by the sitting in which they were written and labelled a second time."""
    own = alliance()
    fresh = [item for item in unseen() if item.id.startswith("v")]
    return {"first": own[:_FIRST_BATCH], "second": own[_FIRST_BATCH:], "held out": fresh}


def second_labels() -> dict[str, str]:
    """Id → label given without sight of the first label."""
    return {row[0]: row[1] for row in _rows("second_labels.tsv")}


def themes_of(families: NDArray[np.str_]) -> NDArray[np.str_]:
    """The theme of each family: families that are about the same thing. One that is listed nowhere is its own."""
    theme = {family: theme for theme, listed in _rows("themes.tsv") for family in listed.split()}
    return np.array([theme.get(family, family) for family in families])


def _rows(name: str) -> list[list[str]]:
    lines = (_DATA / name).read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]

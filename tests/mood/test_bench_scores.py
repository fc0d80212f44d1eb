"""The measures of the model card against values worked out by hand, and sentences that keep their promises."""

from collections import Counter

import numpy as np
import pytest

from bench.mood_scores import calibration_error, kappa, macro_f1, recall_at_precision
from bench.mood_sentences import alliance, second_labels, themes_of, unseen


def test_scores_are_what_they_are_called() -> None:
    given, read = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 2, 0])
    assert macro_f1(given, read) == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)
    wanted, score = np.array([True, True, False, True, True]), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert recall_at_precision(wanted, score, 0.8) == 1.0
    assert recall_at_precision(wanted, score, 0.9) == 0.5
    assert recall_at_precision(wanted, np.zeros(5), 0.9) == 0.0
    shares = np.array([[0.9, 0.05, 0.05], [0.9, 0.05, 0.05]])
    assert calibration_error(np.array([0, 1]), shares) == pytest.approx(0.4)
    assert kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"]) == pytest.approx(0.5)


def test_sentences_are_many_labelled_twice_and_in_families_of_one_label() -> None:
    own = alliance()
    assert len(own) >= 1_200 and 3 * len(second_labels()) >= len(own)
    assert set(second_labels()) <= {sentence.id for sentence in [*own, *unseen()]}
    assert len({sentence.text for sentence in own}) == len({sentence.id for sentence in own}) == len(own)
    families = {sentence.family: sentence.label for sentence in own}
    assert all(families[sentence.family] == sentence.label for sentence in own)
    kinds = Counter(families.values())
    assert (
        kinds["negative"] >= 8 and kinds["positive"] >= 6 and len({sentence.voice for sentence in own}) >= 10
    )


def test_unseen_sentences_are_in_no_training_family_or_text() -> None:
    own, fresh = alliance(), unseen()
    assert not {sentence.family for sentence in own} & {sentence.family for sentence in fresh}
    assert not {sentence.text.lower() for sentence in own} & {sentence.text.lower() for sentence in fresh}


def test_a_theme_holds_whole_families() -> None:
    families = np.array(sorted({sentence.family for sentence in alliance()}))
    assert 30 <= len(set(themes_of(families))) < len(families)

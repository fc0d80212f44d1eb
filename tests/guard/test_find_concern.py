"""The guard on its own: what it stops, what it lets pass, in which languages, and what it costs."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guard import CONCERNS, find_concern, is_read_in_full
from bot.model.events import LONGEST_COMMENT
from tests.timing import measure_cpu

MISSED_BEFORE = [
    ("The patient Maria Schmidt, born 12.3.1961, withdrew.", "patient", "hard"),
    ("SUBJID 10023 query still open", "patient", "hard"),
    ("Pat. 0312 has been waiting", "patient", "hard"),
    ("We saw the randomisation list in the shared folder", "unblinding", "soft"),
    ("site 3 is mostly on placebo", "unblinding", "soft"),
    ("the pharmacist accidentally unblinded the monitor", "unblinding", "soft"),
    ("anaphylaxis at site 9 yesterday", "safety", "soft"),
    ("overdose at site 4", "safety", "soft"),
    ("der Patient hatte einen Krampfanfall", "safety", "soft"),
]
"""Sentences that the patterns before the guard let pass."""
PASS = [
    "Patient 360 dashboards",
    "The patient died down debate is over",
    "SAE reconciliation takes too long on your side",
    "Unblinding procedures should be trained again",
    "Kit shipment was late",
    "14 participants joined the training",
    "Patient Portal is down again",
    "Screening 300 CVs takes us a week",
    "Danke für das offene Gespräch am Donnerstag",
    "La version 12 du protocole est arrivée tard",
    "El tono de los martes es tóxico",
    "会議の雰囲気が良くなりました、感謝します",
]
IDENTIFIERS = [
    *("subject 0012 waits", "Subj. no. 7 waits", "patients 0411 and 0415 wait", "USUBJID NW101-004-0013"),
    *("screening no. 00214", "Randomisation number R10442", "Screeningnummer 00218", "kit no. 88213"),
    *("MRN 4482190", "NHS number 943 476 5919", "numéro de sécurité sociale 2 61 03 75"),
    *(
        "dob 04/11/1972",
        "born on 3 May 1949",
        "geboren am 12.03.1961",
        "née le 12 mars 1961",
        "nacido el 04/11/1972",
    ),
    *(
        "Subject initials J.R.M.",
        "patient A.B., site 3",
        "patient John Miller wrote",
        "the patient, Ms Tanaka, called",
    ),
    *("被験者0412は待っています", "1961年3月12日生まれ", "患者の山田花子さん", "患者番号104-003"),
]


@pytest.mark.parametrize(("text", "concern", "step"), MISSED_BEFORE)
def test_what_was_missed_before_is_stopped(text: str, concern: str, step: str) -> None:
    found = find_concern(text)
    assert found and (found.concern, found.step) == (concern, step) and found.noticed


@pytest.mark.parametrize("text", PASS)
def test_words_about_work_pass(text: str) -> None:
    assert find_concern(text) is None


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_an_identifier_is_hard_however_it_is_written(text: str) -> None:
    for written in (text, f"So:\n\n {text}", text.replace(" ", "\u00a0")):
        found = find_concern(written)
        assert found and found.step == "hard", written


@pytest.mark.parametrize(
    "text", ["x. subject 0012", "We wait. " * 40 + "There was a death at site 4 yesterday."]
)
def test_one_bad_sentence_in_a_long_text_is_enough(text: str) -> None:
    assert find_concern(text)


def test_in_a_language_without_cues_identifiers_alone_are_found() -> None:
    italian = "Il paziente ha avuto una crisi epilettica ieri sera nel centro"
    assert not is_read_in_full(italian) and find_concern(italian) is None
    assert find_concern(f"{italian}, paziente n. 0012, nato: dob 3.2.1955")
    assert is_read_in_full("Der Patient hatte gestern einen Krampfanfall") and is_read_in_full("We wait.")


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["patient", "0012", "died", "。", "on placebo"])).map(" ".join)
)
def test_any_text_can_be_looked_at_and_none_of_it_is_kept(text: str) -> None:
    found = find_concern(text)
    assert found is None or (found.concern in CONCERNS and 0 < found.confidence <= 1)
    assert text != "zyxwv" or "zyxwv" not in repr(found)


HARD = [
    "the patient ",
    "ab ",
    "患者",
    "1-",
    "kit no ",
    "é",
    "patient, a. ",
    "x.\n",
    "12 ",
    "patient died. ",
    "a_",
    "((",
]


def test_five_milliseconds_a_kilobyte_are_enough_for_the_hardest_text() -> None:
    find_concern("warm")
    for text in (part * (LONGEST_COMMENT // len(part) + 9) for part in HARD):
        limit = 0.005 * max(len(text[:LONGEST_COMMENT].encode()) / 1_000, 1)
        assert measure_cpu(partial(find_concern, text), enough=limit) < limit, text[:20]

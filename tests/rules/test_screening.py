"""What a comment may not hold, and what it may: both lists are promises."""

import time

import pytest

from bot.guard import find_concern
from bot.model.events import LONGEST_COMMENT

BELONGS_ELSEWHERE = [
    ("Subject 0012 withdrew consent and nobody told us", "patient"),
    ("please check patient no. 104-003 again", "patient"),
    ("date of birth 12.03.1961 was in the mail", "patient"),
    ("I think the patient was on placebo", "unblinding"),
    ("the participant got randomized to placebo, everyone knows", "unblinding"),
    ("We accidentally unblinded a patient last week", "unblinding"),
    ("One subject died at site 4", "safety"),
    ("our patient was hospitalized yesterday", "safety"),
    ("I want to report an SAE", "safety"),
    ("MRN\n  no.\t : 48213 was in the mail", "patient"),
    ("subject\u00a0\u00a0 # 0012 withdrew", "patient"),
    ("the subject\n\nin cohort two died", "safety"),
]

IS_ABOUT_WORKING_TOGETHER = [
    "We need faster SAE reconciliation between the two teams.",
    "The patient recruitment plan was never shared with us.",
    "Unblinding procedures are unclear; please write them down together.",
    "Adverse event queries sit with the sponsor for two weeks.",
    "Subject matter experts are not invited.",
    "Version 12 of the protocol reached us late.",
    "2 of 3 monitors left this quarter",
    "",
]


@pytest.mark.parametrize(("text", "expected"), BELONGS_ELSEWHERE)
def test_patient_allocation_and_safety_details_are_sent_to_their_formal_path(
    text: str, expected: str
) -> None:
    found = find_concern(text)
    assert found and found.concern == expected


@pytest.mark.parametrize("text", IS_ABOUT_WORKING_TOGETHER)
def test_words_about_working_together_pass(text: str) -> None:
    assert find_concern(text) is None


def test_a_very_long_text_is_screened_quickly() -> None:
    began = time.process_time()
    assert find_concern("the patient " * 1_000_000) is None
    assert time.process_time() - began < 0.5
    assert find_concern("x " * LONGEST_COMMENT + "subject 00123456") is None, (
        "of what is not kept nothing is read"
    )


def test_what_would_be_kept_is_screened_to_its_last_word() -> None:
    words = "x" * (LONGEST_COMMENT - 16)
    found = find_concern(f"{words} subject 00123456")
    assert found and (found.concern, found.step) == ("patient", "hard")

"""Greetings, sign-offs, signatures and blanks state nothing; a complaint in a long message counts; other languages."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mood import Abstained, Label, Mood, Reason, read
from bot.mood.framing import strip_frame

COMPLAINT = "We were not told about the amendment, again."
FRAMES = [
    "{}\nBest,\nAnna",
    "{}\n\nKind regards,\nDr. Tom Berg\nSenior Manager\nMeridian CRO\n+49 30 5550100",
    "{} Thanks.",
    "{} Cheers, Tom",
    "{}\nBR\nYuki",
    "{}\n\nMany thanks in advance!\nMei",
    "Hi team,\n{}",
    "Dear Anna, {}",
    "Hello all! {}",
    "Good morning,\n\n{}\n\nBest wishes\nOlu",
    "<@U12345>   {}  <https://a.example/x>",
]
TEXTS = [
    COMPLAINT,
    "Please send the signed page by Friday.",
    "The data transfer failed because of a wrong header.",
    "You fixed the index in one day, impressive work.",
]
PLAIN = (
    "The minutes of the call are in the folder. Site 14 opens in June. The next transfer is on the 12th. "
    "Version 3 of the plan has a new section on imaging. {} The lab moves to another building in May. "
    "Queries of the last week are listed in the tracker. The next call is on Tuesday."
)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("text", TEXTS)
def test_what_frames_a_message_changes_nothing(frame: str, text: str) -> None:
    assert read(frame.format(text)) == read(text)


@pytest.mark.parametrize(
    "text", ["Thanks!", "Thank you all", "Thanks a lot, Tom", "Hi team,\nThanks!", "Cheers"]
)
def test_thanks_alone_are_a_message(text: str) -> None:
    assert strip_frame(text).lower().count("thank") == text.lower().count("thank")
    assert not isinstance(read("Thank you all, great work!"), Abstained)


def test_a_line_of_thanks_before_more_text_is_no_sign_off() -> None:
    text = (
        "The transfer is complete.\nThanks\n"
        + "This was the best start-up we had so far with any partner. " * 2
    )
    assert strip_frame(text) == text.strip()


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_something_is_always_left(text: str) -> None:
    assert bool(strip_frame(text)) == bool(text.strip())


def test_one_complaint_in_a_long_message_is_heard_and_plain_business_stays_plain() -> None:
    heard = read(PLAIN.format(COMPLAINT))
    assert isinstance(heard, Mood) and heard.label is Label.NEGATIVE
    praised = read(PLAIN.format("Thank you for the great and quick help, we really appreciate it."))
    assert isinstance(praised, Mood) and praised.label is Label.POSITIVE
    plain = read(PLAIN.format("The form has two pages."))
    assert isinstance(plain, Mood) and plain.label is Label.NEUTRAL


def test_other_languages_are_not_read_and_english_is() -> None:
    """The guard's sentences are in five languages; the aims are those of docs/mood.md."""
    rows = [
        line.split("\t")
        for name in ("guard_sentences.tsv", "guard_unseen.tsv")
        for line in Path("bench/data", name).read_text("utf-8").splitlines()[1:]
    ]
    other = [read(text) for _, language, _, _, text in rows if language != "en"][::3]
    caught = sum(isinstance(found, Abstained) and found.reason is Reason.OTHER_LANGUAGE for found in other)
    assert caught >= 0.98 * len(other)
    english = [read(text) for _, language, _, _, text in rows if language == "en"][::3]
    lost = sum(found == Abstained(Reason.OTHER_LANGUAGE) for found in english)
    assert lost <= 0.01 * len(english)


@pytest.mark.parametrize(
    "text",
    [
        "Non siamo stati informati del cambiamento",
        "O contrato ainda não foi assinado",
        "Wij wachten al drie weken op antwoord",
        "Nie mamy jeszcze umowy",
        "Vi har inte fått svar på tre veckor",
        "Děkujeme za pomoc",
        "wann kommt der Vertrag",
        "seguimos esperando",
        "Спасибо за помощь",
    ],
)
def test_a_short_message_in_another_language_is_known_too(text: str) -> None:
    assert read(text) == Abstained(Reason.OTHER_LANGUAGE)

"""What people notice of a reading: whose mood counts, what is left unread, and that markup cannot matter."""

from typing import Any

import pytest
from textblob import Blobber, TextBlob

from bot.mood import Abstained, Label, Mood, Reason, read
from bot.mood.analyzer import AllianceAnalyzer

STRAINED = [
    "We were not told about the amendment, again.",
    "This is a failure of communication, plain and simple.",
    "Fourth reminder and still no reply from your side.",
    "You changed the visit window without asking us.",
    "It is always us who get the blame for your delays.",
    "You promised the data on Monday, and again nothing came.",
    "I will have to escalate this to both executives, we have been waiting for weeks.",
]
GOOD = [
    "Thank you all, this was excellent work and a great handover.",
    "Great job everyone 🎉",
    "That mistake was ours, sorry, and it is already fixed.",
    "Happy to help, send us half of the queries and we close them together.",
    "Your quick answer saved the visit, we really appreciate it.",
    "You told us about the delay early and openly, thank you.",
]
PLAIN = [
    "Serious adverse event reported for subject 0012.",
    "Two deaths in the period, both unrelated to study drug.",
    "The trial was terminated because of futility.",
    "Screen failure rate is 34 percent, mostly due to low haemoglobin.",
    "Subject 0113 discontinued treatment after a positive pregnancy test.",
    "Three critical deviations were recorded at site 14.",
    "The blind review meeting is on Thursday at 10.",
    "Please send the signed page by Friday.",
]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *((text, Label.NEGATIVE) for text in STRAINED),
        *((text, Label.POSITIVE) for text in GOOD),
        *((text, Label.NEUTRAL) for text in PLAIN),
    ],
)
def test_the_working_relationship_is_read_and_not_what_happened_to_patients(text: str, label: Label) -> None:
    mood = read(text)
    assert isinstance(mood, Mood) and mood.label is label, mood


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.TOO_SHORT),
        ("hm", Reason.TOO_SHORT),
        ("12.5 / 13.7", Reason.TOO_SHORT),
        ("Wir haben seit drei Wochen keine Antwort bekommen, das ist nicht gut.", Reason.OTHER_LANGUAGE),
        ("Merci beaucoup pour votre aide, nous sommes très contents.", Reason.OTHER_LANGUAGE),
        ("我们很高兴与你们合作，谢谢大家的帮助", Reason.OTHER_LANGUAGE),
        ("```\nx = 1\nprint(x)\n```", Reason.CODE),
        ('Traceback (most recent call last):\n  File "a.py", line 1\n    import x', Reason.CODE),
        ("site | open | lost\n12 | 3 | 4\n13 | 5 | 6", Reason.TABLE),
        ("> You never answer our mails.", Reason.QUOTED),
        ("From: Anna\nSent: Monday\nSubject: x\n\nYou never answer our mails.", Reason.FORWARDED),
        ("FYI\n---- Forwarded message ----\nThis is terrible.", Reason.FORWARDED),
    ],
)
def test_what_cannot_be_judged_is_said_with_its_reason(text: str, reason: Reason) -> None:
    assert read(text) == Abstained(reason)


@pytest.mark.parametrize(
    "text",
    [
        "> You never answer, this is terrible.\nThank you for the quick answer, that helped us a lot.",
        "&gt; You never answer, this is terrible.\nThank you for the quick answer, that helped us a lot.",
        "<blockquote>You never answer.</blockquote><p>Thank you for the quick answer, that helped us a lot.</p>",
        "Thank you for the quick answer, that helped us a lot. `raise TerribleFailure`",
        "```\nthis is terrible, you never answer\n``` Thank you for the quick answer, that helped us a lot.",
    ],
)
def test_quoted_words_and_code_are_not_the_authors_mood(text: str) -> None:
    mood, own = read(text), read("Thank you for the quick answer, that helped us a lot.")
    assert isinstance(mood, Mood) and isinstance(own, Mood)
    assert mood.label is own.label is Label.POSITIVE


@pytest.mark.parametrize(("slack", "character"), [(":tada:", "🎉"), (":rage:", "😡"), (":+1:", "👍")])
def test_a_shortcode_reads_like_its_emoji(slack: str, character: str) -> None:
    assert read(f"The draft is there {slack}") == read(f"The draft is there {character}")


def test_emoji_negation_and_stress_move_the_mood() -> None:
    def polarity(text: str) -> float:
        mood = read(text)
        assert isinstance(mood, Mood)
        return mood.polarity

    assert (
        polarity("The draft is there 🎉") > polarity("The draft is there") > polarity("The draft is there 😡")
    )
    assert polarity("Your answer was helpful.") > polarity("Your answer was not helpful.")
    assert polarity("We are very happy with this.") > polarity("We are not happy with this.")


def test_it_plugs_into_textblob_as_an_instance() -> None:
    sentiment: Any = TextBlob(STRAINED[0], analyzer=AllianceAnalyzer()).sentiment
    mood = read(STRAINED[0])
    assert isinstance(mood, Mood)
    assert (sentiment.label, sentiment.polarity, sentiment.confidence) == (
        "negative",
        mood.polarity,
        mood.confidence,
    )
    assert 0 <= sentiment.subjectivity <= 1


def test_a_shared_blobber_gives_reasons() -> None:
    blob = Blobber(analyzer=AllianceAnalyzer())("We were not told about the amendment, again.")
    families = dict(blob.sentiment_assessments.assessments)
    assert families["not"] == ("not",) and families["tell"] == ("told",) and "again" in families


def test_textblob_hears_of_an_abstention() -> None:
    assert TextBlob("hm", analyzer=AllianceAnalyzer()).sentiment.label == "abstained"
    assert TextBlob("hm", analyzer=AllianceAnalyzer()).sentiment_assessments.assessments == (
        ("too short", ()),
    )

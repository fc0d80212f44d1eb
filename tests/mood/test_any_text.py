"""Properties over arbitrary texts: no error, no number out of range, no influence of mentions and links, in time."""

from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mood import Abstained, Mood, read
from bot.mood.analyzer import AllianceAnalyzer
from bot.mood.markup import LONGEST
from tests.timing import measure_cpu

ANY = st.text(st.characters(), max_size=400)
"""With surrogates, controls, private and unassigned characters."""
MARKUP = st.lists(
    st.sampled_from(
        [
            *"<>`&;:|@#*_~\n\t\"'()[]{}!?.",
            "<at>",
            "</at>",
            "<@U1>",
            "```",
            "> ",
            "&gt;",
            "://",
            "<a",
            ":tada:",
        ]
    )
    | st.sampled_from(
        ["we", "thanks", "not told", "From:", "Sent:", "SELECT", "😡", "\ud800", "é", "中", "\x00"]
    ),
    max_size=80,
).map("".join)
NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="<>|\n\r @", exclude_categories=["Z", "C"]), min_size=1
)
SAID = "We were not told about the amendment, {}, and nobody answered our questions."


@given(ANY | MARKUP)
@settings(max_examples=150)
def test_any_text_gets_a_number_in_range_or_a_reason(text: str) -> None:
    mood = read(text)
    assert isinstance(mood, Abstained) or (-1 <= mood.polarity <= 1 and 1 / 3 <= mood.confidence <= 1)
    sentiment = AllianceAnalyzer().analyze(text)
    assert -1 <= sentiment.polarity <= 1 and 0 <= sentiment.subjectivity <= 1


@given(NAME, NAME)
@settings(max_examples=60)
def test_whom_a_message_mentions_and_where_it_links_cannot_matter(one: str, other: str) -> None:
    for form in ("<@{}>", "<#C1|{}>", "<https://a.example/{}>", "<https://a.example/|{}>", "<at>{}</at>"):
        assert read(SAID.format(form.format(one))) == read(SAID.format(form.format(other))), form
    for form in ("https://a.example/{}", "{}@a.example", "www.{}"):
        plain = ["".join(char for char in name if char.isalnum()) or "x" for name in (one, other)]
        assert read(SAID.format(form.format(plain[0]))) == read(SAID.format(form.format(plain[1]))), form


@given(st.text(max_size=300))
@settings(max_examples=30)
def test_nothing_after_the_cut_is_read(tail: str) -> None:
    long = ("Thank you for the quick answer. " * (LONGEST // 32 + 1))[:LONGEST]
    assert read(long + tail) == read(long)


HARD = [
    "a" * LONGEST,
    "<" * LONGEST,
    "<a " * 1_400,
    "`" * LONGEST,
    "> " * 2_000,
    ":" * LONGEST,
    "@" * LONGEST,
    "a@" * 2_000,
    "|\n" * 2_000,
    "not " * 1_000,
    "we were not told again by you " * 134,
    "😡" * LONGEST,
    "é'" * 2_000,
    "&gt;" * 1_000,
    "<pre>" * 800,
    "f(" * 2_000,
    "From:\n" * 667,
    "www." * 1_000,
    "http://" * 600,
    "x = " * 1_000 + "\n",
    "\n" * (LONGEST - 20) + "and so on",
    "we wait\nBR" * 400,
    "We wait. " * 440,
]


def test_five_milliseconds_a_kilobyte_are_enough_for_the_hardest_text() -> None:
    """CPU time over texts that are built to be slow; and a megabyte costs no more than its start."""
    for text in [*HARD, *(text * 250 for text in HARD[:6])]:
        limit = 0.005 * max(len(text[:LONGEST].encode("utf-8", "replace")) / 1_000, 1)
        assert measure_cpu(partial(read, text), enough=limit) < limit, text[:20]


def test_a_mood_is_a_number_without_text() -> None:
    mood = read("We were not told about the amendment, again.")
    assert isinstance(mood, Mood) and "amendment" not in repr(mood)

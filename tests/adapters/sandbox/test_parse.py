"""What the page sends: commands are found, forms are read, and what is wrong is refused by name."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox import parse
from adapters.sandbox.cast import PEOPLE
from adapters.sandbox.chat_log import Gone, Posted, Whispered, Words, from_json, to_json
from adapters.sandbox.places import Spot, parse_spot
from adapters.shared.rejection import Refusal
from tests.adapters.sandbox.cards import cards

LIAM = next(person for person in PEOPLE if person.id == "liam")
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/pulse score", "score"),
        ("@pulse score", "score"),
        ("@Pulse, score please", "score please"),
        ("  /pulse", ""),
        ("/pulse  score\n nw-101", "score nw-101"),
        ("/pulses score", None),
        ("@pulse-two score", None),
        ("ask @pulse score", None),
        ("score", None),
    ],
)
def test_a_command_is_what_follows_the_bots_name(text: str, command: str | None) -> None:
    assert parse.find_command(text, direct=False) == command


@pytest.mark.parametrize(("text", "command"), [("score", "score"), ("/pulse score", "score"), ("hi", "hi")])
def test_everything_in_a_direct_message_is_a_command(text: str, command: str) -> None:
    assert parse.find_command(text, direct=True) == command


def test_a_slash_command_is_seen_by_nobody_else_and_a_mention_is() -> None:
    assert parse.is_slash(" /pulse help")
    assert not parse.is_slash("@pulse help")
    assert not parse.is_slash("/shrug")


@given(st.dictionaries(st.text(max_size=8), st.text(), max_size=20))
def test_a_form_comes_back_as_it_was_filled_in(fields: dict[str, str]) -> None:
    try:
        raw = urlencode(fields).encode()
    except UnicodeEncodeError:
        return
    assert parse.parse_form(raw, FORM) == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        parse.parse_form(raw, FORM)
    except Refusal as refusal:
        assert refusal.status == 400


def test_a_form_of_another_type_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        parse.parse_form(b"{}", "application/json")
    assert refusal.value.status == 415


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": " \n"}, "nothing to send"),
        ({"text": "x" * 4001}, "4,001 characters"),
        ({"text": "a\x00b"}, "control characters"),
        ({}, "nothing to send"),
    ],
)
def test_text_that_cannot_be_sent_is_refused_with_the_reason(fields: dict[str, str], says: str) -> None:
    with pytest.raises(Refusal, match=says) as refusal:
        parse.read_text(fields)
    assert refusal.value.status == 400


def test_the_longest_message_is_taken_and_lines_are_kept() -> None:
    assert parse.read_text({"text": "x" * 4000}) == "x" * 4000
    assert parse.read_text({"text": "one\r\n\ttwo "}) == "one\n\ttwo"


@pytest.mark.parametrize(
    "place", ["", "dm:", "thread:x:joint", "thread:-1:joint", "thread:٣:joint", "attic:joint"]
)
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(Refusal):
        parse.find_place({"in": place}, LIAM)


def test_nobody_opens_the_direct_messages_of_someone_else() -> None:
    with pytest.raises(Refusal) as refusal:
        parse.find_place({"in": "dm:anna"}, LIAM)
    assert refusal.value.status == 403


addresses = st.text(min_size=1)
spots = st.one_of(
    st.builds(Spot, st.sampled_from(["channel", "dm"]), addresses),
    st.builds(Spot, st.just("thread"), addresses, st.integers(1, 10**15 - 1)),
)


@given(spots)
def test_a_place_round_trips(place: Spot) -> None:
    assert parse_spot(place.place) == place


bodies = st.one_of(
    st.builds(Words, st.text(), st.booleans()),
    st.builds(Posted, cards),
    st.builds(Whispered, cards, st.text(), st.none() | st.integers(1, 99), st.text()),
    st.just(Gone()),
)


@given(bodies)
def test_a_line_of_the_log_round_trips(body: Words | Posted | Whispered | Gone) -> None:
    assert from_json(to_json(body)) == body


def test_the_demo_has_nine_people_a_side_with_one_lead_each_and_a_visitor() -> None:
    sides = {
        badge: [person for person in PEOPLE if person.company.badge == badge] for badge in ("Sponsor", "CRO")
    }
    assert [len(people) for people in sides.values()] == [9, 9]
    assert [[person.id for person in people if person.lead] for people in sides.values()] == [
        ["anna"],
        ["ben"],
    ]
    assert [person.id for person in PEOPLE if person.company.badge == "Visitor"] == ["sam"]

"""A pseudonym: the same for the same person and purpose, and joined to nothing else."""

from itertools import combinations

from bot.model.alliance import Member
from bot.privacy.pseudonym import make_pseudonym

SECRET = b"s" * 40
ANNA = Member("slack", "U0ANNA", ("T0NORTHWIND",), "T0NORTHWIND")


def test_it_is_the_same_wherever_somebody_writes_from_and_128_bits_long() -> None:
    found = make_pseudonym(SECRET, "north", ANNA, "answer")
    assert found == make_pseudonym(SECRET, "north", Member("slack", "U0ANNA", (), "T0MERIDIAN"), "answer")
    assert len(bytes.fromhex(found)) == 16
    assert "ANNA" not in found


def test_nothing_joins_those_of_another_purpose_alliance_person_platform_or_secret() -> None:
    found = [
        make_pseudonym(SECRET, "north", ANNA, "answer"),
        make_pseudonym(SECRET, "north", ANNA, "reading"),
        make_pseudonym(SECRET, "north", ANNA, "delivery"),
        make_pseudonym(SECRET, "north", ANNA, "audit"),
        make_pseudonym(SECRET, "south", ANNA, "answer"),
        make_pseudonym(SECRET, "north", Member("slack", "U0BEN"), "answer"),
        make_pseudonym(SECRET, "north", Member("teams", "U0ANNA"), "answer"),
        make_pseudonym(b"t" * 40, "north", ANNA, "answer"),
    ]
    assert all(combination != other for combination, other in combinations(found, 2))

"""Whose somebody is, and who may learn of what: never guessed, and nobody learns of the other side's."""

from dataclasses import replace

import pytest

from bot.model.alliance import Alliance, Member, Organisation, Side
from bot.model.closing import Alarm
from bot.privacy.permissions import (
    count_besides_leads,
    find_company_side,
    find_concerned,
    find_led_side,
    find_side,
    find_small_sides,
    find_undeclared_home,
    is_told,
    may_see,
)


def somebody(*home: str, name: str = "anna", platform: str = "slack") -> Member:
    return Member(platform, name, home, "T-JOINT")


ANNA, BEN = somebody("T-N"), somebody("T-M", name="ben")
ALLIANCE = Alliance(
    "a",
    "A",
    "UTC",
    Organisation("N", frozenset({("slack", "T-N"), ("slack", "E-N")}), (ANNA,)),
    Organisation("M", frozenset({("slack", "T-M"), ("teams", "t-m")}), (BEN,)),
)


@pytest.mark.parametrize(
    ("who", "side"),
    [
        (somebody("T-N"), Side.SPONSOR),
        (somebody("T-N", "E-N"), Side.SPONSOR),
        (somebody("T-X", "T-M"), Side.CRO),
        (somebody("t-m", platform="teams"), Side.CRO),
        (somebody("T-N", platform="teams"), None),
        (somebody("T-X"), None),
        (somebody(), None),
        (somebody("T-N", "T-M"), None),
    ],
)
def test_a_side_follows_from_the_home_organisation_and_from_one_alone(who: Member, side: Side | None) -> None:
    assert find_side(ALLIANCE, who) is side


THIRD = ("slack", "E-F")
CLAIMED = replace(
    ALLIANCE,
    sponsor=replace(ALLIANCE.sponsor, homes=ALLIANCE.sponsor.homes | {THIRD}, claimed=frozenset({THIRD})),
)


def test_a_claimed_company_counts_and_takes_nobody_from_a_declared_one() -> None:
    assert find_side(CLAIMED, somebody("T-F", "E-F")) is Side.SPONSOR
    assert find_side(CLAIMED, somebody("T-M", "E-F")) is Side.CRO
    assert find_side(CLAIMED, somebody("T-F")) is None


def test_an_answer_is_kept_with_the_company_that_may_still_be_claimed_or_taken_back() -> None:
    assert find_undeclared_home(ALLIANCE, somebody("T-X", "E-X")) == ("slack", "E-X")
    assert find_undeclared_home(ALLIANCE, somebody()) is None
    assert find_undeclared_home(ALLIANCE, somebody("T-N", "E-X")) is None
    assert find_undeclared_home(CLAIMED, somebody("E-F", "T-F")) == THIRD
    assert find_undeclared_home(CLAIMED, somebody("T-F", "E-F")) == THIRD
    assert find_undeclared_home(CLAIMED, somebody("T-N", "E-F")) is None


def test_a_company_is_one_of_the_two_or_neither() -> None:
    assert find_company_side(ALLIANCE, "slack", "E-N") is Side.SPONSOR
    assert find_company_side(ALLIANCE, "teams", "t-m") is Side.CRO
    assert find_company_side(ALLIANCE, "slack", "t-m") is None
    assert find_company_side(ALLIANCE, "slack", "T-X") is None


def test_a_lead_is_who_is_declared_one_and_still_belongs_there() -> None:
    assert find_led_side(ALLIANCE, ANNA) is Side.SPONSOR and find_led_side(ALLIANCE, BEN) is Side.CRO
    assert find_led_side(ALLIANCE, somebody("T-N", name="carla")) is None
    gone = replace(ALLIANCE, sponsor=replace(ALLIANCE.sponsor, homes=frozenset({("slack", "T-OTHER")})))
    assert find_led_side(gone, ANNA) is None
    crossed = replace(ALLIANCE, cro=replace(ALLIANCE.cro, leads=(ANNA, BEN)))
    assert find_led_side(crossed, ANNA) is Side.SPONSOR


ONE, OTHER, BOTH = (Side.CRO,), (Side.SPONSOR,), (Side.SPONSOR, Side.CRO)
KINDS = {
    "level": BOTH,
    "gap": BOTH,
    "dim:trust": BOTH,
    "dim:value_cro": BOTH,
    "blind_spot": BOTH,
    "cro": ONE,
    "part_cro": ONE,
    "silent_cro": ONE,
    "sponsor": OTHER,
    "part_sponsor": OTHER,
}


def alarm(kind: str, level: str = "alert") -> Alarm:
    return Alarm(kind, level, 9, 8, -1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sides_alarm_is_its_own_and_what_both_make_together_needs_that_both_may_know(kind: str) -> None:
    told = KINDS[kind]
    assert find_concerned(kind) == told
    apart = replace(ALLIANCE, share_dimensions=False)
    for side in Side:
        assert may_see(ALLIANCE, alarm(kind), side) == (side in told)
        assert may_see(apart, alarm(kind), side) == (told == (side,))
        assert may_see(replace(apart, pooled=True), alarm(kind), side) == (side in told)


def test_what_is_watched_or_of_one_dimension_waits_for_the_digest() -> None:
    assert is_told(alarm("cro")) and is_told(alarm("silent_cro"))
    assert not is_told(alarm("cro", level="watch"))
    assert not is_told(alarm("dim:trust"))


@pytest.mark.parametrize(("others", "small"), [(4, (Side.CRO,)), (5, ())])
def test_five_of_a_side_of_whom_one_is_its_lead_are_too_few_for_a_number(
    others: int, small: tuple[Side, ...]
) -> None:
    sponsor = [somebody("T-N", name=f"n{number}") for number in range(9)]
    cro = [BEN, *(somebody("T-M", name=f"m{number}") for number in range(others))]
    people = count_besides_leads(ALLIANCE, [*sponsor, *cro, somebody("T-X", name="x")])
    assert people == {Side.SPONSOR: 9, Side.CRO: others}
    assert find_small_sides(ALLIANCE, people) == small
    assert find_small_sides(replace(ALLIANCE, pooled=True), people) == ()
    assert find_small_sides(ALLIANCE, {}) == ()

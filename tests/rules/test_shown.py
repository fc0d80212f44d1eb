"""How a number is written: rounded, bounded, in bands, with its interval, and no nearer."""

import pytest

from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.privacy.published import (
    bounded_text,
    direction,
    favourable,
    gap,
    prior_estimate,
    response_rate,
    signed,
    turnout,
    word,
)
from bot.scoring.scores import DIMENSION_SD, PRIOR_DF, AllianceScore, Estimate, Gap
from tests.rules.records import START

SURE = 100_000
"""Degrees of freedom with which t is the normal distribution."""


def release(value: float = 50, share: tuple[int, int, int] | None = None) -> Release:
    return Release(Cell(Side.CRO, "trust"), 0, START, value, 10, share)


def aligned(alignment: float, se: float = 1.0) -> AllianceScore:
    return AllianceScore(alignment, se, SURE, 60, 80, 0.5, 10, Gap(0, 1, SURE), {})


@pytest.mark.parametrize(
    ("alignment", "says"),
    [(75, "strong"), (74.4, "sound"), (60, "sound"), (59.4, "strained"), (45, "strained"), (44.4, "poor")],
)
def test_the_word_follows_the_number_as_it_is_shown(alignment: float, says: str) -> None:
    assert word(aligned(alignment)) == says


def test_a_wide_interval_makes_the_word_an_approximate_one() -> None:
    assert word(aligned(80, se=12.4 / 1.96)) == "about strong"
    assert word(aligned(80, se=11.9 / 1.96)) == "strong"


def test_a_gap_has_the_interval_of_two_independent_sides() -> None:
    sides = Estimate(10, 70, 3, SURE), Estimate(10, 50, 4, SURE)
    found = gap(*sides, [release()], 0)
    assert (found.text, found.interval) == ("+20", "+10 to +30"), "1.96 · √(3² + 4²) = 9.8"


@pytest.mark.parametrize(
    ("change", "se", "says"),
    [(1.65, 1, "up"), (1.64, 1, "no clear change"), (-1.64, 1, "no clear change"), (-1.65, 1, "down")],
)
def test_an_arrow_needs_a_change_beyond_its_ninety_percent_interval(
    change: float, se: float, says: str
) -> None:
    assert direction(change, se, SURE) == says
    assert direction(change * 4, se * 4, SURE) == says


def test_no_change_at_all_is_none() -> None:
    assert direction(0, 0, 5) == "no clear change"


def test_the_spread_that_is_shown_is_the_one_assumed_for_the_band() -> None:
    found = prior_estimate(60, 4, DIMENSION_SD)
    assert (found.se, found.df) == (DIMENSION_SD / 2, PRIOR_DF + 3)


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, 0), (1, 1), (4, 1), (5, 5), (9, 5), (10, 10), (19, 10), (20, 20), (500, 20)],
)
def test_how_many_answered_is_told_by_the_lower_end_of_a_band(people: int, told: int) -> None:
    assert turnout(people) == told


def test_who_answered_of_how_many_is_told_in_tens_and_of_five_or_more() -> None:
    assert [response_rate(2, n) for n in (4, 5)] == ["", "about 40 %"]
    assert response_rate(14, 100) == "10 % or less" and response_rate(15, 100) == "about 20 %"
    assert response_rate(84, 100) == "about 80 %" and response_rate(85, 100) == "90 % or more"


def test_signs_and_bounds() -> None:
    assert [signed(n) for n in (-12, -1, 0, 1, 12)] == ["−12", "−1", "0", "+1", "+12"]
    assert [bounded_text(n) for n in (0, 10, 11, 89, 90, 100)] == ["≤10", "≤10", "11", "89", "≥90", "≥90"]


def test_percent_favourable_is_bounded_as_scores_are() -> None:
    assert favourable(release(share=(70, 40, 89))) == "70 % (40–89)"
    assert favourable(release(share=(100, 72, 100))) == "≥90 % (72–100)"
    assert favourable(release(share=(0, 0, 28))) == "≤10 % (0–28)"
    assert favourable(release()) == favourable(None) == ""

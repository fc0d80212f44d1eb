"""How a number is written: rounded, bounded, in bands, with its interval, and no nearer."""

import pytest

from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.privacy.arrows import find_direction
from bot.privacy.bands import band_turnout, word_response_rate, write_bounded, write_signed
from bot.privacy.published import show_favourable, show_gap, word_alignment
from bot.privacy.smoothing import begin_number
from bot.scoring.scores import AllianceScore, Estimate, Gap
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
    assert word_alignment(aligned(alignment)) == says


def test_a_wide_interval_makes_the_word_an_approximate_one() -> None:
    assert word_alignment(aligned(80, se=12.4 / 1.96)) == "about strong"
    assert word_alignment(aligned(80, se=11.9 / 1.96)) == "strong"


def test_a_gap_has_the_interval_of_two_independent_sides() -> None:
    sides = Estimate(10, 70, 3, SURE), Estimate(10, 50, 4, SURE)
    found = show_gap(*sides, [begin_number(release())], 0)
    assert (found.text, found.interval) == ("+20", "+10 to +30"), "1.96 · √(3² + 4²) = 9.8"


@pytest.mark.parametrize(
    ("change", "says"), [(2.76, "up"), (2.74, "no clear change"), (-2.74, "no clear change"), (-2.76, "down")]
)
def test_an_arrow_needs_a_change_of_almost_three_standard_errors(change: float, says: str) -> None:
    assert find_direction(change, 1) == says
    assert find_direction(change * 4, 4) == says


def test_no_change_at_all_is_none() -> None:
    assert find_direction(0, 0) == "no clear change"


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, 0), (1, 1), (4, 1), (5, 5), (9, 5), (10, 10), (19, 10), (20, 20), (500, 20)],
)
def test_how_many_answered_is_told_by_the_lower_end_of_a_band(people: int, told: int) -> None:
    assert band_turnout(people) == told


def test_rates_are_told_in_quarters_of_eight_people_or_more_and_in_tens_of_twenty() -> None:
    assert [word_response_rate(4, n) for n in (5, 7, 8, 19)] == ["", "", "about half", "a quarter or less"]
    assert (
        word_response_rate(12, 19) == "three quarters or more" and word_response_rate(12, 20) == "about 60 %"
    )
    assert word_response_rate(14, 100) == "10 % or less" and word_response_rate(15, 100) == "about 20 %"
    assert word_response_rate(84, 100) == "about 80 %" and word_response_rate(85, 100) == "90 % or more"


@pytest.mark.parametrize("invited", range(8, 61))
def test_no_rate_tells_an_exact_number_nor_that_it_was_everybody_or_nobody(invited: int) -> None:
    fitting: dict[str, list[int]] = {}
    for answered in range(invited + 1):
        fitting.setdefault(word_response_rate(answered, invited), []).append(answered)
    assert min(map(len, fitting.values())) >= 2


def test_signs_and_bounds() -> None:
    assert [write_signed(n) for n in (-12, -1, 0, 1, 12)] == ["−12", "−1", "0", "+1", "+12"]
    assert [write_bounded(n) for n in (0, 10, 11, 89, 90, 100)] == ["≤10", "≤10", "11", "89", "≥90", "≥90"]


def test_a_small_group_is_bounded_sooner() -> None:
    assert [write_bounded(n, (20, 80)) for n in (0, 20, 21, 79, 80)] == ["≤20", "≤20", "21", "79", "≥80"]


def test_percent_favourable_is_bounded_as_scores_are() -> None:
    assert show_favourable(release(share=(70, 40, 89))) == "70 % (40–89)"
    assert show_favourable(release(share=(100, 72, 100))) == "≥90 % (72–100)"
    assert show_favourable(release(share=(0, 0, 28))) == "≤10 % (0–28)"
    assert show_favourable(release()) == show_favourable(None) == ""

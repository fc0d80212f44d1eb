"""What a lead sees besides the headline: the own side, the other's beside it, the gap and the blind spot."""

from dataclasses import replace

import pytest

from bot.model.alliance import Side
from bot.model.cards import to_plain_text
from bot.privacy.board import make_board
from bot.privacy.published import NOT_ENOUGH, NOT_ENOUGH_BOTH, POOLED
from bot.privacy.views import Comparison, LeadView
from bot.questions.bank import load_builtin
from bot.wording import digest, score
from tests.rules.boards import make_release, make_releases
from tests.rules.records import START
from tests.rules.surface import ALLIANCE, QUIET


def of(view: LeadView, dimension: str) -> Comparison:
    return next(comparison for comparison in view.comparisons if comparison.dimension == dimension)


def test_the_own_number_stands_alone_until_the_other_side_has_one_too() -> None:
    for side in Side:
        view = make_board([make_release(side, "trust", 60)], 0, load_builtin()).for_lead(side)
        one = of(view, "trust")
        ours, theirs = (one.sponsor, one.cro) if side is Side.SPONSOR else (one.cro, one.sponsor)
        assert (ours.text, theirs.text, theirs.reason) == ("60", "–", NOT_ENOUGH_BOTH)
        missing = of(view, "roles")
        assert {missing.sponsor.reason, missing.cro.reason} == {NOT_ENOUGH, NOT_ENOUGH_BOTH}


def test_in_a_pooled_alliance_no_lead_has_a_number_of_a_side() -> None:
    one = of(
        make_board([make_release(None, "trust", 60)], 0, load_builtin(), pooled=True).for_lead(Side.CRO),
        "trust",
    )
    assert {one.sponsor.reason, one.cro.reason, one.gap.reason} == {POOLED}


def test_supplements_are_those_of_the_own_side_and_no_core_dimension() -> None:
    extra = [make_release(side, "overall", 60) for side in Side]
    foreign = make_release(Side.CRO, "sponsor_time", 60)
    found = make_board([*make_releases(), *extra, foreign], 0, load_builtin())
    assert found.for_lead(Side.CRO).own.supplements.keys() == {"overall"}


def test_the_own_sides_trend_is_drawn_of_its_score() -> None:
    view = make_board([*make_releases(50, 0), *make_releases(60, 3)], 3, load_builtin()).for_lead(Side.CRO)
    assert view.own.trend.points == (50, 56), "a number leans on its own past"


def test_a_gap_is_new_as_soon_as_one_side_of_it_is() -> None:
    older, newer = make_release(Side.CRO, "trust", 50, 0), make_release(Side.SPONSOR, "trust", 60, 1)
    view = make_board([older, newer], 1, load_builtin()).for_lead(Side.CRO)
    assert (view.gap.state, view.gap.text) == ("fresh", "+10")
    assert make_board([older, newer], 2, load_builtin()).for_lead(Side.CRO).gap.state == "held"


def test_a_blind_spot_is_the_own_guess_minus_what_the_other_side_said() -> None:
    guess, said = make_release(Side.CRO, "prediction", 70), make_release(Side.SPONSOR, "overall", 50)
    found = make_board([guess, said], 0, load_builtin())
    assert found.for_lead(Side.CRO).blind_spot.text == "+20"
    assert found.for_lead(Side.SPONSOR).blind_spot.reason == NOT_ENOUGH_BOTH
    for alone in (guess, said):
        assert make_board([alone], 0, load_builtin()).for_lead(Side.CRO).blind_spot.reason == NOT_ENOUGH_BOTH


def test_how_the_sides_see_each_other_has_a_gap_and_no_alignment() -> None:
    mirror = next(question.dimension for question in load_builtin().items if question.kind == "mirror")
    seen = [make_release(Side.SPONSOR, mirror, 70), make_release(Side.CRO, mirror, 50)]
    view = make_board([*make_releases(), *seen], 0, load_builtin()).for_lead(Side.CRO)
    one = next(candidate for candidate in view.mirrors if candidate.dimension == mirror)
    assert (one.gap.text, one.alignment.state) == ("+20", "hidden")
    assert {comparison.alignment.state for comparison in view.comparisons} == {"fresh"}


def test_a_board_of_a_closing_knows_nothing_of_later_ones() -> None:
    later = [make_release(None, "trust", 60, round=40), *make_releases(round=40)]
    found = make_board(later, 39, load_builtin())
    assert found.releases == () and not found.pooled


@pytest.mark.parametrize(("sponsor", "cro", "apart"), [(78, 43, True), (43, 78, True), (72, 48, False)])
def test_a_topic_that_is_far_apart_stands_beside_the_headline(
    sponsor: float, cro: float, apart: bool
) -> None:
    """Agreement looks perfect, as seven topics agree."""
    values = {(side, "roles"): value for side, value in ((Side.SPONSOR, sponsor), (Side.CRO, cro))}
    found = make_board(
        [
            replace(release, value=values.get((release.cell.side, release.cell.dimension), 60.0))
            for release in make_releases()
        ],
        0,
        load_builtin(),
    )
    assert found.for_member().agreement.text == "≥90" and found.for_member().far_apart is apart
    member = score.write_score_for_member(ALLIANCE, found.for_member(), pooled=False)
    view = found.for_lead(Side.CRO)
    lead = score.write_score_for_lead(ALLIANCE, view, QUIET)
    week = digest.write_digest(ALLIANCE, digest.Week(view, False, False, START, (), (), (), QUIET, (), ()))
    for card, words in ((member, "at least one topic"), (lead, "roles"), (week, "roles")):
        (agreement,) = [line for line in to_plain_text(card).splitlines() if line.startswith("Agreement b")]
        assert (f"far apart on {words}" in agreement) == apart
        assert (f"far apart on {words}" in card.heading) == (apart and card is not week)
    assert "roles" not in to_plain_text(member)


def test_of_many_topics_far_apart_the_headline_says_how_many() -> None:
    found = make_board(
        [
            replace(release, value=80.0 if release.cell.side is Side.CRO else 40.0)
            for release in make_releases()
        ],
        0,
        load_builtin(),
    )
    lead = score.write_score_for_lead(ALLIANCE, found.for_lead(Side.CRO), QUIET)
    assert "far apart on 8 topics" in lead.heading


def test_a_digest_says_that_the_own_company_is_lower_only_of_the_one_that_is() -> None:
    before, now = make_releases(70), make_releases(70, 8)
    fallen = [replace(release, value=45.0) if release.cell.side is Side.CRO else release for release in now]
    found = make_board([*before, *fallen], 8, load_builtin())
    said = {
        side: digest.summarise_week(
            ALLIANCE, digest.Week(found.for_lead(side), False, False, START, (), (), (), QUIET, (), ())
        )
        for side in Side
    }
    assert said[Side.CRO].startswith("Answers at Meridian CRO are lower than four rounds ago")
    assert said[Side.SPONSOR].startswith("Alignment is lower than four rounds ago")

"""What people see: joint suppression, held and hidden numbers, bounds, views, pooled alliances, the charter."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from bot.closing.close_round import close_record
from bot.model.alliance import Answer, Side
from bot.privacy.bands import round_half_up, word_response_rate, write_band
from bot.privacy.board import make_board
from bot.privacy.published import NOT_ENOUGH, NOT_ENOUGH_BOTH, Shown
from bot.questions.bank import load_builtin
from tests.rules.boards import CORE, DIMENSIONS, after, answers, make_release, make_releases
from tests.rules.records import START, asked, item, record


def test_a_number_can_be_shown_by_the_gate_only() -> None:
    with pytest.raises(TypeError, match="seal"):
        Shown("fresh", "74")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="take it from a Board"):
        Shown("fresh", "74", seal=object())  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        replace(make_board(make_releases(), 0, load_builtin()).for_member().alignment, text="12")


@pytest.mark.parametrize("leads", [0, 1])
def test_every_split_of_the_two_sides(leads: int) -> None:
    for sponsor, cro in product(range(13), repeat=2):
        sizes = {Side.SPONSOR: sponsor, Side.CRO: cro}
        given = [answer for side, n in sizes.items() for answer in answers(side, CORE[0], [4] * n)]
        found = after(given, [f"{side}0" for side in Side][: 2 * leads])
        enough = {side: n - leads >= 5 for side, n in sizes.items()}
        headline = found.for_member()
        seen = {headline.alignment.state, headline.level.state, headline.agreement.state}
        assert seen == ({"fresh"} if all(enough.values()) else {"hidden"}), (sponsor, cro)
        assert bool(headline.word) == all(enough.values())
        for side in Side:
            view = found.for_lead(side)
            own = view.own.dimensions["vision"]
            assert (own.state, own.reason) == (("fresh", "") if enough[side] else ("hidden", NOT_ENOUGH))
            other = view.comparisons[0].cro if side is Side.SPONSOR else view.comparisons[0].sponsor
            assert (other.state == "fresh") == all(enough.values())
            assert (view.gap.state == "fresh") == all(enough.values())
            assert view.headline == headline


def test_weights_count_from_their_round_on_in_scores_gaps_and_trend() -> None:
    heavy = replace(load_builtin(), weights=((5, {"trust": 9.0}),))
    values = {d: 80.0 if d == "trust" else 40.0 for d in DIMENSIONS}
    cells = [make_release(side, d, v, at) for at in (4, 5) for side in Side for d, v in values.items()]
    before, after = make_board(cells, 4, heavy), make_board(cells, 5, heavy)
    assert before.for_member().level.point == round_half_up((80 + 7 * 40) / 8)
    assert after.for_member().level.point == round_half_up((9 * 80 + 7 * 40) / 16)
    assert after.for_lead(Side.CRO).own.score.point == after.for_member().level.point
    assert after.for_member().trend.points == (
        before.for_member().alignment.point,
        after.for_member().alignment.point,
    )


def test_a_heavy_dimension_moves_the_arrow() -> None:
    heavy = replace(load_builtin(), weights=((0, {"trust": 9.0}),))
    before = [make_release(side, d, 60.0, 0, 20) for side in Side for d in DIMENSIONS]
    now = [make_release(side, d, 30.0 if d == "trust" else 60.0, 4, 20) for side in Side for d in DIMENSIONS]
    arrows = [make_board([*before, *now], 4, bank).for_lead(Side.CRO) for bank in (load_builtin(), heavy)]
    assert [arrow.own.arrow for arrow in arrows] == ["no clear change", "down"]
    assert [arrow.headline.arrow for arrow in arrows] == ["no clear change", "down"]


def test_seven_of_eight_dimensions_make_the_side_score_of_the_seven() -> None:
    values = {d: 40.0 + 5 * i for i, d in enumerate(DIMENSIONS)}
    seven = [make_release(Side.CRO, d, v) for d, v in values.items() if d != "change"]
    own = make_board(seven, 0, load_builtin()).for_lead(Side.CRO).own
    assert own.score.point == round_half_up(sum(v for d, v in values.items() if d != "change") / 7)
    assert own.dimensions["change"].reason == NOT_ENOUGH


def test_a_number_is_held_with_its_date_for_eight_rounds_and_then_hidden() -> None:
    for round in range(12):
        one = make_board(make_releases(round=2), round + 2, load_builtin()).for_member().alignment
        assert one.state == ("fresh" if round == 0 else "held" if round <= 8 else "hidden")
        assert one.as_of == (START + timedelta(weeks=2) if round <= 8 else None)


def test_an_open_round_shows_what_was_released_before() -> None:
    before = make_board(make_releases(round=1), 1, load_builtin()).for_member()
    assert (
        make_board([*make_releases(round=1), *make_releases(90, round=2)], 1, load_builtin()).for_member()
        == before
    )


def test_arrows_point_only_where_a_change_is_larger_than_chance() -> None:
    for change, expected in ((-30.0, "down"), (30.0, "up"), (-4.0, "no clear change")):
        moved = [*make_releases(60, round=0), *make_releases(60 + change, round=5)]
        found = make_board(moved, 5, load_builtin())
        assert found.for_member().arrow == expected
        assert found.for_lead(Side.CRO).own.arrow == expected
        assert found.for_member().quarter == found.for_lead(Side.CRO).own.quarter == "nothing to compare"
    soon = make_board([*make_releases(60, round=0), *make_releases(20, round=3)], 3, load_builtin())
    assert soon.for_member().arrow == "nothing to compare"


def test_the_trend_has_a_point_for_each_closing_that_released() -> None:
    trend = (
        make_board([*make_releases(50, 0), *make_releases(60, 3), *make_releases(70, 6)], 7, load_builtin())
        .for_member()
        .trend
    )
    # Each number leans on its past: 50 + 0.55·10, and from there 0.44·14.
    assert trend.points == (50, 56, 62)
    assert [day - START for day in trend.dates] == [timedelta(weeks=w) for w in (0, 3, 6)]


def test_items_for_one_side_are_that_sides_alone() -> None:
    bank = load_builtin()
    time = next(each for each in bank.items if each.kind == "sponsor")
    given = [answer for side in Side for answer in answers(side, time, [4] * 6)]
    closing = close_record(record([asked(0, [time])], given))
    assert [release.cell.side for release in closing.releases] == [Side.SPONSOR]
    assert close_record(record([asked(0, [time])], given, pooled=True)).releases == ()
    found = make_board(closing.releases, 0, bank)
    assert found.for_lead(Side.SPONSOR).own.supplements.keys() == {time.dimension}
    assert not found.for_lead(Side.CRO).own.supplements


def test_a_reworded_item_is_not_averaged_with_the_old_wording() -> None:
    old, new = replace(CORE[0]), replace(CORE[0], version=2, text="New words.")
    others = [
        replace(answer, person=f"new-{answer.person}") for answer in answers(Side.CRO, new, [5] * 4, round=1)
    ]
    given = [*answers(Side.CRO, old, [1] * 4), *others]
    assert close_record(record([asked(0, [old]), asked(1, [new])], given)).releases == ()
    more = answers(Side.CRO, new, [5] * 5, round=1)
    (one,) = close_record(record([asked(0, [old]), asked(1, [new])], [*given[:4], *more])).releases
    assert one.value == 100


def test_unreleased_answers_expire_after_eight_rounds() -> None:
    four, fifth = answers(Side.CRO, CORE[0], [4] * 4), Answer(Side.CRO, "late", 8, CORE[0].id, 4)
    for rounds, expected in ((8, 1), (9, 0)):
        late = replace(fifth, round=rounds - 1)
        history = [asked(i, [CORE[0]]) for i in range(rounds)]
        assert len(close_record(record(history, [*four, late])).releases) == expected


def test_flags_of_spread_are_for_the_own_lead_and_enough_people() -> None:
    divided = [1, 1, 1, 1, 1, 5, 5, 5, 5, 5]
    found = after([answer for side in Side for answer in answers(side, CORE[0], divided)])
    assert found.for_lead(Side.CRO).own.favourable == {"vision": "50 % (24–76)"}
    seven = after(answers(Side.CRO, CORE[0], [1, 1, 1, 5, 5, 5, 5]))
    assert seven.for_lead(Side.CRO).own.split == () and not seven.for_lead(Side.CRO).own.favourable


@pytest.mark.parametrize(
    ("flags", "divided"),
    [([True], False), ([True, True], True), ([True, False], False), ([False, True], False)],
)
def test_a_side_is_called_divided_where_two_blocks_in_a_row_say_so(flags: list[bool], divided: bool) -> None:
    cells = [
        replace(make_release(Side.CRO, "vision", 50, 3 * i, 10), split=flag) for i, flag in enumerate(flags)
    ]
    own = make_board(cells, 3 * len(flags), load_builtin()).for_lead(Side.CRO).own
    assert own.split == (("vision",) if divided else ())


def test_two_items_of_a_dimension_are_averaged_whatever_their_order() -> None:
    """Each person says 5 to one and 1 to the other: 50, not the last one listed."""
    first, second = item("first", "trust"), item("second", "trust")
    for items in ((first, second), (second, first)):
        given = [*answers(Side.CRO, first, [5] * 6), *answers(Side.CRO, second, [1] * 6)]
        closing = close_record(record([asked(0, items)], given))
        assert [(release.value, release.band) for release in closing.releases] == [(50.0, 5)]
        assert len(closing.spent) == 12


def test_of_two_items_each_counts_by_its_newest_answer() -> None:
    first, second = item("first", "trust"), item("second", "trust")
    four = [*answers(Side.CRO, first, [1] * 4), *answers(Side.CRO, second, [5] * 4)]
    later = answers(Side.CRO, first, [3] * 5, round=1)
    rounds = [asked(0, [first, second]), asked(1, [first, second])]
    (one,) = close_record(record(rounds, [*four, *later])).releases
    # Four people: (50 + 100)/2; the fifth answered one item only.
    assert one.value == pytest.approx((4 * 75 + 50) / 5)


def test_a_small_group_is_told_within_twenty_and_eighty() -> None:
    for value, text in ((85.0, "≥80"), (80.0, "≥80"), (79.0, "79"), (20.0, "≤20"), (12.0, "≤20")):
        view = make_board(make_releases(value, band=5), 0, load_builtin()).for_lead(Side.CRO)
        assert view.own.dimensions["trust"].text == view.comparisons[0].alignment.text == text
        assert (
            make_board(make_releases(85.0, band=10), 0, load_builtin())
            .for_lead(Side.CRO)
            .own.dimensions["trust"]
            .text
            == "85"
        )


@pytest.mark.parametrize("topics", [1, 2, 3])
def test_a_score_of_few_topics_tells_no_more_than_they_do(topics: int) -> None:
    """Of one to three topics of 5–9 people: whether 85 or 100 stands behind "≥80" cannot be worked out."""
    values = [60.0] * (topics - 1)
    views = [
        make_board(
            [
                make_release(side, d, v)
                for side in Side
                for d, v in zip(DIMENSIONS, [*values, last], strict=False)
            ],
            0,
            load_builtin(),
        ).for_lead(Side.CRO)
        for last in (80.0, 85.0, 100.0)
    ]
    assert len({repr(view) for view in views}) == 1


def test_people_and_rates_are_shown_in_bands_and_steps() -> None:
    assert [write_band(n) for n in (4, 5, 9, 10, 19, 20, 200)] == [
        "under 5",
        "5–9",
        "5–9",
        "10–19",
        "10–19",
        "20+",
        "20+",
    ]
    assert word_response_rate(7, 12) == "about half" and word_response_rate(3, 4) == ""
    assert [word_response_rate(n, 20) for n in (0, 2, 3, 17, 18, 20)] == [
        "10 % or less",
        "10 % or less",
        "about 20 %",
        "90 % or more",
        "90 % or more",
        "90 % or more",
    ]


def test_joint_numbers_say_why_they_are_hidden() -> None:
    view = make_board([make_release(Side.CRO, "trust", 60)], 0, load_builtin()).for_lead(Side.CRO)
    assert view.headline.alignment.reason == view.gap.reason == NOT_ENOUGH_BOTH
    assert view.own.dimensions["trust"].state == "fresh"

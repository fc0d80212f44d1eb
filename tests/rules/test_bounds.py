"""No number betrays a person: bounds, rounding, and groups of the same mean that look alike."""

from hypothesis import given
from hypothesis import strategies as st

from bot.model.alliance import Side
from bot.privacy.board import make_board
from bot.privacy.pairing import combine_sides, find_visible_numbers, pair_cells
from bot.privacy.smoothing import smooth_releases
from bot.questions.bank import load_builtin
from tests.rules.boards import CORE, DIMENSIONS, after, answers, make_release, make_releases, shown_in


@given(st.lists(st.integers(1, 5), min_size=5, max_size=7))
def test_a_unanimous_and_a_mixed_group_of_the_same_mean_look_the_same(values: list[int]) -> None:
    """Five to seven people: no flag of spread is given at this size, and the mean is all that is seen."""
    mean = sum(values) / len(values)
    if mean != int(mean):
        return
    mixed = after([answer for side in Side for answer in answers(side, CORE[0], values)])
    flat = after([answer for side in Side for answer in answers(side, CORE[0], [int(mean)] * len(values))])
    assert mixed.for_member() == flat.for_member()
    assert [mixed.for_lead(side) for side in Side] == [flat.for_lead(side) for side in Side]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=8),
    st.sampled_from([5, 10, 20]),
)
def test_no_number_leaves_ten_to_ninety_and_none_betrays_more(
    values: list[tuple[float, float]], band: int
) -> None:
    cells = [
        make_release(side, DIMENSIONS[i], value, 0, band)
        for i, pair in enumerate(values)
        for side, value in zip(Side, pair, strict=True)
    ]
    found = make_board(cells, 0, load_builtin())
    for side in Side:
        view = found.for_lead(side)
        gaps = {id(value) for value in (view.gap, *(c.gap for c in view.comparisons))}
        for shown_value in shown_in(view):
            if shown_value.point is None:
                continue
            low, high = (-80, 80) if id(shown_value) in gaps else (10, 90)
            assert low <= shown_value.point <= high and "." not in shown_value.text


def test_beyond_the_bounds_all_groups_look_alike() -> None:
    boards = [make_board(make_releases(value), 0, load_builtin()) for value in (90.0, 95.0, 100.0)]
    assert len({repr(board.for_lead(Side.CRO)) for board in boards}) == 1
    alignment = boards[0].for_member().alignment
    assert (alignment.text, alignment.point) == ("≥90", 90)


def test_numbers_are_rounded_last_and_half_up() -> None:
    cells = [
        make_release(side, d, 62.5 if i % 2 else 62.4) for side in Side for i, d in enumerate(DIMENSIONS)
    ]
    found = make_board(cells, 0, load_builtin())
    assert found.for_member().level.text == "62"
    assert found.for_lead(Side.CRO).own.dimensions["practice"].text == "63"


def test_the_shown_interval_is_that_of_the_planned_spread_and_the_band() -> None:
    one = make_board([make_release(Side.CRO, "trust", 60.0, 0, 10)], 0, load_builtin())
    # 60 ± 1.96·0.88·√(187.5/15 + 301.6/13 + 14.1)
    assert one.for_lead(Side.CRO).own.dimensions["trust"].interval == "48–72"
    assert one.for_lead(Side.CRO).own.dimensions["trust"].band == "10–19"


def test_the_gap_has_its_sign_and_the_clearly_lower_side_pulls_alignment_down() -> None:
    cells = [make_release(Side.SPONSOR, d, 30.0, 0, 20) for d in DIMENSIONS]
    cells += [make_release(Side.CRO, d, 80.0, 0, 20) for d in DIMENSIONS]
    view = make_board(cells, 0, load_builtin()).for_lead(Side.SPONSOR)
    assert view.gap.text == view.comparisons[0].gap.text == "−50"
    assert view.headline.level.point == 55
    assert view.headline.alignment.point is not None and view.headline.alignment.point < 34
    assert view.headline.word == "poor"


def test_words_say_about_where_the_interval_is_wide() -> None:
    assert make_board(make_releases(70, band=10), 0, load_builtin()).for_member().word == "sound"
    few = [
        make_release(side, d, v, 0, 5)
        for d in ("trust", "roles")
        for side, v in zip(Side, (85, 35), strict=True)
    ]
    one = combine_sides(
        pair_cells(find_visible_numbers(smooth_releases(few), 0), DIMENSIONS), dict.fromkeys(DIMENSIONS, 1.0)
    )
    assert one.half_width() > 12 and make_board(few, 0, load_builtin()).for_member().word.startswith("about ")

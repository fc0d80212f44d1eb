"""What a number that leaves says of the people behind it: bands, and spread only of a side with enough of them."""

import pytest

from bot.closing.close_round import close_record
from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from tests.rules.boards import CORE, answers
from tests.rules.records import asked, record

VISION = CORE[0]


def release(values: list[int], pooled: bool = False) -> Release:
    """Of people of one side who answer these; pooled with five of the other side, who answer 3."""
    given = [*answers(Side.CRO, VISION, values), *(answers(Side.SPONSOR, VISION, [3] * 5) if pooled else [])]
    (found,) = close_record(record([asked(0, CORE[:3])], given, pooled=pooled)).releases
    assert found.cell == Cell(None if pooled else Side.CRO, "vision")
    return found


@pytest.mark.parametrize(("people", "band"), [(5, 5), (9, 5), (10, 10), (19, 10), (20, 20), (21, 20)])
def test_how_many_stand_behind_it_is_said_in_bands(people: int, band: int) -> None:
    assert release([4] * people).band == band


def test_percent_favourable_is_of_ten_people_or_more_and_never_of_both_sides() -> None:
    assert release([4] * 9).favourable is None
    found = release([4] * 10).favourable
    assert found is not None and found[0] == 100
    assert release([4] * 10, pooled=True).favourable is None


def test_that_a_side_is_divided_is_said_of_eight_people_or_more_and_never_of_both_sides() -> None:
    assert release([1, 5] * 4).split is True
    assert release([1, 5] * 4, pooled=True).split is None
    assert release([3, 4] * 4).split is False
    assert release([1, 5, 1, 5, 1, 5, 1]).split is None

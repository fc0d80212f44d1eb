"""Did an action help? In words, by the same people's answers on its topic before and after it."""

import numpy as np
import pytest

from bot.alarms.follow_up import Askings, FollowUp, find_askings, judge_follow_up
from bot.app.backtest.generate import Change, World
from bot.model.alliance import Side
from tests.rules.histories import simulated

DONE = 12
CRO = (Side.CRO,)


@pytest.mark.parametrize(
    ("effect", "word"), [(1.5, "clearly better"), (-1.5, "lower"), (0.0, "no clear change")]
)
def test_a_large_effect_is_told_and_none_is_not(effect: float, word: FollowUp) -> None:
    past = simulated(World(level=3.0), 3, DONE + 12, Change(DONE, Side.CRO, effect))
    found = find_askings(past, "vision", 0, DONE)
    assert judge_follow_up(past, CRO, "vision", found) == word
    assert judge_follow_up(past, CRO, "", Askings((10, 11), (12, 13, 14))) == word


def test_nothing_is_said_after_one_asking_or_without_any_before() -> None:
    past = simulated(World(), 3, DONE + 12)
    found = find_askings(past, "vision", 0, DONE)
    assert judge_follow_up(past, CRO, "vision", Askings(found.before, found.after[:1])) is None
    assert judge_follow_up(past, CRO, "vision", Askings((), found.after)) is None


def test_too_few_of_the_same_people_are_said_to_be_too_few() -> None:
    past = simulated(World(people=(15, 4)), 3, DONE + 12, Change(DONE, Side.CRO, 1.5))
    found = find_askings(past, "vision", 0, DONE)
    assert judge_follow_up(past, CRO, "vision", found) == "too few to say"
    assert judge_follow_up(past, tuple(Side), "vision", found) != "too few to say"


def test_people_who_came_after_the_action_say_nothing_of_it() -> None:
    """Everybody at the CRO is replaced, and the new people are happier."""
    past = simulated(World(leaving=0.0), 3, DONE + 12, Change(DONE, Side.CRO, 1.5, turnover=1.0))
    found = find_askings(past, "vision", 0, DONE)
    assert judge_follow_up(past, CRO, "vision", found) == "too few to say"


def test_askings_are_those_of_the_topic_since_the_drop_began_and_since_the_action() -> None:
    past = simulated(World(people=(2, 2)), 3, 24)
    asked = [
        item.index
        for item in past.asked
        if any(q.kind == "core" and q.dimension == "vision" for q in item.items)
    ]
    found = find_askings(past, "vision", 5, DONE)
    assert found.before == tuple(index for index in asked if 5 <= index < DONE)
    assert found.after == tuple(index for index in asked if index >= DONE)[:3]
    assert find_askings(past, "", 0, DONE) == Askings((7, 8, 9, 10, 11), (12, 13, 14))


def test_answers_to_other_topics_change_no_word() -> None:
    past = simulated(World(level=3.0), 3, DONE + 12, Change(DONE, Side.CRO, 1.5))
    found = find_askings(past, "vision", 0, DONE)
    columns = past.sides[Side.CRO]
    place = next(n for n, q in enumerate(past.items) if q.kind == "core" and q.dimension == "vision")
    columns.values[np.asarray(columns.items) != place] = 1.0
    assert judge_follow_up(past, CRO, "vision", found) == "clearly better"

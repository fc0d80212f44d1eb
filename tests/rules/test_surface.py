"""What everybody sees together, leads who pool it included, determines nobody's answer.

Other answers would show the same. The long form, over a year of four worlds, is in tests/slow/test_year.py.
"""

import re

import pytest

from bot.rules.simulate import Change, World
from tests.rules.histories import simulated
from tests.rules.surface import shown
from tests.rules.worlds import LEADS, replayed, turned_within_blocks

DATES = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")


@pytest.mark.parametrize("people", [(15, 15), (8, 7)])
def test_other_answers_within_a_block_show_the_same_to_everybody(people: tuple[int, int]) -> None:
    past = simulated(World(people=people), 21, 17)
    twin, turned = turned_within_blocks(past)
    assert turned > 100
    mine, theirs = (list(shown(replayed(one), alarms=False, every=4)) for one in (past, twin))
    assert mine == theirs


def test_this_would_notice_an_answer_that_leaks() -> None:
    """Turning one answer without its counterpart is seen at once."""
    past = simulated(World(people=(8, 7)), 21, 9)
    twin, _ = turned_within_blocks(past, shift=1.0)
    assert list(shown(replayed(past), alarms=False)) != list(shown(replayed(twin), alarms=False))


def test_an_alert_holds_no_number_but_dates() -> None:
    past = simulated(World(), 12, 40, Change(30, shift=-1.0))
    alerts = [words for who, words in shown(replayed(past)) if who.startswith("alert")]
    assert alerts
    assert not [words for words in alerts if re.search(r"\d", DATES.sub("", words))]
    assert not [name for name in LEADS for words in alerts if name in words]

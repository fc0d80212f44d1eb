"""What everybody sees together, leads who pool it included, determines nobody's answer.

Other answers would show the same. The long form, over a year of four worlds, is in tests/slow/test_year.py.
"""

import re
from itertools import product

import pytest

from bot.app.backtest.generate import Change, World
from bot.model.alliance import Side
from bot.model.cards import to_plain_text
from bot.wording import figures, score
from tests.rules.boards import CORE, after, answers
from tests.rules.histories import simulated
from tests.rules.records import START
from tests.rules.surface import ALLIANCE, QUIET, shown
from tests.rules.worlds import LEADS, replayed, turned_within_blocks

DATES = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")


@pytest.mark.parametrize("people", [(15, 15), (8, 7)])
def test_other_answers_within_a_block_show_the_same_to_everybody(people: tuple[int, int]) -> None:
    past = simulated(World(people=people), 21, 17)
    twin, turned = turned_within_blocks(past)
    assert turned > 100
    mine, theirs = (list(shown(replayed(history), alarms=False, every=4)) for history in (past, twin))
    assert mine == theirs


def test_this_would_notice_an_answer_that_leaks() -> None:
    """Turning one answer without its counterpart is seen at once."""
    past = simulated(World(people=(8, 7)), 21, 9)
    twin, _ = turned_within_blocks(past, shift=1.0)
    assert list(shown(replayed(past), alarms=False)) != list(shown(replayed(twin), alarms=False))


def test_an_alert_holds_no_number_but_dates() -> None:
    past = simulated(World(), 12, 26, Change(20, shift=-1.0))
    alerts = [words for who, words in shown(replayed(past)) if who.startswith("alert")]
    assert alerts
    assert not [
        words for words in alerts if re.search(r"\d", DATES.sub("", words).replace("5-point scale", ""))
    ]
    assert not [name for name in LEADS for words in alerts if name in words]


def test_every_split_of_the_two_sides_on_the_cards_of_both_leads_and_in_the_export() -> None:
    """The sponsor says 4 and the CRO 2: 75 is seen only of five sponsors, 25 only of five at the CRO."""
    for sponsor, cro in product(range(13), repeat=2):
        given = [*answers(Side.SPONSOR, CORE[0], [4] * sponsor), *answers(Side.CRO, CORE[0], [2] * cro)]
        found = after(given)
        cards = {
            side: to_plain_text(score.write_score_for_lead(ALLIANCE, found.for_lead(side), QUIET))
            for side in Side
        }
        values = {
            side: set(re.findall(r"(?<![–\d])(?:75|25|50)(?= |$)", card, re.M))
            for side, card in cards.items()
        }
        both = sponsor >= 5 and cro >= 5
        member = to_plain_text(score.write_score_for_member(ALLIANCE, found.for_member(), pooled=False))
        table = str(figures.to_rows(ALLIANCE, START, found.for_lead(Side.SPONSOR)))
        assert ("75" in values[Side.SPONSOR], "25" in values[Side.CRO]) == (sponsor >= 5, cro >= 5)
        assert ("25" in values[Side.SPONSOR], "75" in values[Side.CRO]) == (both, both)
        assert bool(re.search(r"\d", member.split("\nScale 0")[0])) == both
        assert ("'75'" in table, "'25'" in table) == (both, both)

"""What an alarm carries besides its chart: since when, and whether the same people answer differently."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alarms.evidence import compare_people, explain_alarm, word_alarm
from bot.model.alliance import Answer, Side
from bot.model.closing import Alarm
from bot.scoring.answer_matrix import History, build_history
from tests.rules.records import START, asked, item, record

TRUST = item("trust")
ALARM = Alarm("cro", "alert", 9, 8, -1.0, ("trust",))


def lived(before: range, since: range, value: int = 2) -> History:
    """The CRO's people of `before` say 4 in rounds 4 … 7, those of `since` say `value` in rounds 8 and 9."""
    given = [(person, round, 4) for person in before for round in range(4, 8)]
    given += [(person, round, value) for person in since for round in (8, 9)]
    answers = [Answer(Side.CRO, f"p{person}", round, TRUST.id, said) for person, round, said in given]
    return build_history(record([asked(index, [TRUST]) for index in range(10)], answers))


def test_it_says_since_when() -> None:
    assert explain_alarm(ALARM, lived(range(8), range(8))).since == START + timedelta(weeks=8)
    assert explain_alarm(replace(ALARM, start_round=-5), lived(range(8), range(8))).since is None


@pytest.mark.parametrize(
    ("since", "value", "verdict"),
    [
        (range(8), 2, "down"),
        (range(8), 4, "no clear change"),
        (range(8), 5, "up"),
        (range(3, 20), 2, "down"),
        (range(4, 20), 2, None),
        (range(8, 20), 2, None),
    ],
)
def test_of_five_people_or_more_it_says_whether_they_are_lower_themselves(
    since: range, value: int, verdict: str | None
) -> None:
    assert explain_alarm(ALARM, lived(range(8), since, value)).paired == verdict


def test_what_the_same_people_do_not_explain_is_composition() -> None:
    """Five stay at 75; ten newcomers say 25."""
    past = lived(range(5), range(5), 4)
    grown = build_history(
        record(
            past.asked,
            [
                Answer(Side.CRO, f"p{person}", round, TRUST.id, 4)
                for person in range(5)
                for round in range(4, 10)
            ]
            + [Answer(Side.CRO, f"new{person}", 9, TRUST.id, 2) for person in range(10)],
        )
    )
    found = compare_people(grown, [Side.CRO], 8)
    assert found and found.estimate.mean == 0 and found.verdict == "no clear change"
    assert found.composition == pytest.approx((5 * 75 + 10 * 25) / 15 - 75)


@pytest.mark.parametrize(("size", "extent"), [(-0.39, "slight"), (-0.4, "half"), (0.8, "whole")])
def test_leads_read_sizes_in_words(size: float, extent: str) -> None:
    assert word_alarm(replace(ALARM, kind="gap", size=size), START).extent == extent


def test_participation_and_blind_spots_have_no_size_in_steps() -> None:
    for kind in ("part_cro", "silent_cro", "blind_spot"):
        assert word_alarm(replace(ALARM, kind=kind), START).extent is None
        assert explain_alarm(replace(ALARM, kind=kind), lived(range(8), range(8))).paired is None


def test_a_watch_is_told_as_one_and_what_has_no_size_as_nothing_of_one() -> None:
    assert word_alarm(replace(ALARM, level="watch"), START).watch and not word_alarm(ALARM, START).watch
    assert word_alarm(replace(ALARM, size=None), START).extent is None

"""The eleven attacks on the gate, step by step, against closings and the board.

What is released is as the golden file says. What is *shown* has two rules more since: a number leans on its own past
(P5, P6, P10), and a group of five to nine is told within 20 and 80 (P7); there the second calculation says the text.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.closing.close_round import close_record
from bot.model.alliance import Answer, Side
from bot.model.closing import Record
from bot.privacy.bands import round_half_up, write_bounded
from bot.privacy.board import make_board
from bot.questions.bank import Bank
from tests.rules.independent import SHOWN_SINCE, smooth_cells
from tests.rules.records import asked, item, record

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "privacy_cases.json").read_text())
TRUST = item("trust")
BANK = Bank("test", 1, (TRUST,))


def play(case: dict[str, Any]) -> list[tuple[str, float | None, str, str]]:
    """(state, value, text, text by the second calculation) of each step's cell after the closing of the step.

    A step lists what each person's answer is: an answer it names again is the same answer, not a new one.
    """
    given: dict[tuple[str, str, str], Answer] = {}
    before: Record = record((), (), leads=frozenset(case["leads"]))
    seen = []
    for place, step in enumerate(case["steps"]):
        side = Side(step["cell"][0])
        for person, (version, value) in step["content"].items():
            answer = Answer(side, person, place, TRUST.id, int(value / 25) + 1)
            given.setdefault((side, person, version), answer)
        now = replace(
            before,
            asked=(*before.asked, asked(place, [TRUST], minimum=case["k"])),
            answers=tuple(given.values()),
        )
        closing = close_record(now)
        before = replace(now, spent=now.spent | closing.spent, released=(*now.released, *closing.releases))
        shown = make_board(before.released, place, BANK).for_lead(side).own.dimensions["trust"]
        values = [release.value for release in before.released if release.cell.side is side]
        text = shown.reason if shown.state == "hidden" else shown.text
        second = smooth_cells(before.released, place).get((side, "trust"))
        limits = (20, 80) if all(release.band == 5 for release in before.released) else (10, 90)
        leaning = shown.reason if second is None else write_bounded(round_half_up(second), limits)
        seen.append((shown.state, values[-1] if values else None, text, leaning))
    return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_attack_derives_nothing(case: dict[str, Any]) -> None:
    since = SHOWN_SINCE.get(str(case["name"]).split()[0], [step["shown"] for step in case["expect"]])
    for (state, value, text, second), expected, words in zip(play(case), case["expect"], since, strict=True):
        assert state == expected["status"]
        assert value == pytest.approx(expected["value"], abs=1e-4)
        assert text == second == words


def test_lowering_the_threshold_later_changes_nothing_for_what_was_collected_before() -> None:
    answers = [Answer(Side.CRO, f"p{i}", 0, TRUST.id, 4) for i in range(4)]
    late = Answer(Side.CRO, "p4", 1, TRUST.id, 4)
    strict, loose = asked(0, [TRUST], minimum=7), asked(1, [TRUST], minimum=3)
    assert close_record(record([strict, loose], [*answers, late])).releases == ()
    assert close_record(record([asked(0, [TRUST], minimum=3)], answers)).releases == ()

"""The eleven attacks on the gate, step by step, against closings and the board."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.closing.close_round import close
from bot.model.alliance import Answer, Side
from bot.model.closing import Record
from bot.privacy.board import board
from bot.questions.bank import Bank
from tests.rules.records import asked, item, record

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "privacy_cases.json").read_text())
TRUST = item("trust")
BANK = Bank("test", 1, (TRUST,))


def play(case: dict[str, Any]) -> list[tuple[str, float | None, str]]:
    """(state, value, text) of each step's cell after the closing of the step.

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
        closing = close(now)
        before = replace(now, spent=now.spent | closing.spent, released=(*now.released, *closing.releases))
        shown = board(before.released, place, BANK).for_lead(side).own.dimensions["trust"]
        values = [one.value for one in before.released if one.cell.side is side]
        text = shown.reason if shown.state == "hidden" else shown.text
        seen.append((shown.state, values[-1] if values else None, text))
    return seen


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_attack_derives_nothing(case: dict[str, Any]) -> None:
    for (state, value, text), expected in zip(play(case), case["expect"], strict=True):
        assert state == expected["status"]
        assert value == pytest.approx(expected["value"], abs=1e-4)
        assert text == expected["shown"]


def test_lowering_the_threshold_later_changes_nothing_for_what_was_collected_before() -> None:
    answers = [Answer(Side.CRO, f"p{i}", 0, TRUST.id, 4) for i in range(4)]
    late = Answer(Side.CRO, "p4", 1, TRUST.id, 4)
    strict, loose = asked(0, [TRUST], minimum=7), asked(1, [TRUST], minimum=3)
    assert close(record([strict, loose], [*answers, late])).releases == ()
    assert close(record([asked(0, [TRUST], minimum=3)], answers)).releases == ()

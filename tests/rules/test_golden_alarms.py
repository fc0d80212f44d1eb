"""The alarm pipeline on the golden histories, number by number, and the chart recursion by hand.

`golden_alert.json` holds for what no rule has changed since: charts by hand, untuned variances, expected responders.
Deviations, tuned variances, sums and alarms are in `golden_robust.json`, which `tests/rules/independent.py` calculates.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.alarms.baseline import fit_reference, measure_deviation
from bot.alarms.control_charts import CAP, RUNS, advance_charts, find_moves
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.judge import judge_alarms
from bot.alarms.participation import expect_attendance
from bot.alarms.state import State
from bot.closing.close_round import close_record
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell, Memory
from bot.scoring.answer_matrix import History, build_history
from tests.rules.histories import golden_record
from tests.rules.independent import CHARTS, judge_history

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "golden_alert.json").read_text())
ROBUST: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "golden_robust.json").read_text())
NAMES = list(GOLDEN["pipeline"])
TOLERANCE = 1e-5


@cache
def golden_history(name: str) -> History:
    return build_history(golden_record(name))


@cache
def replayed(name: str) -> tuple[list[tuple[Alarm, ...]], list[State], list[list[float]]]:
    """Alarms and state after each round, and S of the five charts before an alarm resets them."""
    past = golden_history(name)
    everything = frozenset(Cell(side, question.dimension) for side in Side for question in past.items)
    state, alarms, states, sums = State(), [], [], []
    for place in range(len(past.asked)):
        before = state
        judged = judge_alarms(replace(past, place=place), state, everything)
        state = judged.state
        alarms.append(judged.alarms)
        states.append(state)
        stepped = advance_charts(
            replace(before, seen=state.seen), find_moves(state, place), "alert", RUNS["alert"], place
        )
        sums.append([stepped.charts.get(f"alert/{chart}", Chart()).s for chart in CHARTS])
    return alarms, states, sums


@pytest.mark.parametrize("case", GOLDEN["hand"])
def test_chart_by_hand(case: dict[str, Any]) -> None:
    chart = Chart()
    for round, (d, v, expected) in enumerate(zip(case["d"], case["v"], case["S"], strict=True)):
        if d is not None:
            chart = advance_chart(chart, round, d, v, -case["delta"], case["cap"] * case["h"])
        assert chart.s == pytest.approx(expected, abs=TOLERANCE)
    assert CAP * RUNS["alert"] == pytest.approx(4.2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", list(Side))
def test_deviations_and_their_variance(name: str, side: Side) -> None:
    past = golden_history(name)
    core = np.ones(len(past.items), dtype=bool)
    columns = past.sides[side]
    for t, expected in enumerate(ROBUST[name][f"d_{side}"]):
        if t < 8:
            assert expected is None
            continue
        rows = columns.find_rows(t, t)
        usual = fit_reference(columns, core, t)
        found = measure_deviation(usual, columns.items[rows], columns.people[rows], columns.values[rows])
        assert (found.d if found else None) == pytest.approx(expected, abs=TOLERANCE)
        assert (found.v if found else None) == pytest.approx(
            GOLDEN["pipeline"][name][f"v_{side}"][t], abs=TOLERANCE
        )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", list(Side))
def test_tuned_variance(name: str, side: Side) -> None:
    seen = {release.round: release for state in replayed(name)[1] for release in state.seen.get(side, ())}
    for t, expected in enumerate(ROBUST[name][f"v_used_{side}"]):
        assert (seen[t].tuned if t in seen else None) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_charts(name: str) -> None:
    sums = np.array(replayed(name)[2])
    assert sums == pytest.approx(np.array(ROBUST[name]["S"]), abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_expected_responders(name: str) -> None:
    past = golden_history(name)
    for number, side in enumerate(Side):
        for t, expected in enumerate(GOLDEN["pipeline"][name]["expected_responders"][number]):
            found = expect_attendance(replace(past, place=t), side)
            assert (found.expected if found else None) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_alarms(name: str) -> None:
    found = {row for alarms in replayed(name)[0] for alarm in alarms for row in as_written(alarm)}
    assert found == {tuple(row) for row in ROBUST[name]["alerts"]}


@pytest.mark.parametrize("name", NAMES)
def test_closing_round_by_round_says_what_a_replay_of_everything_says(name: str) -> None:
    """Each closing sees the last 30 rounds only, and a memory that has been through the store's JSON."""
    whole = golden_record(name)
    memory, spent, released = Memory(), frozenset(), ()
    found = set()
    for t in range(len(whole.asked)):
        recent = {asked_round.index for asked_round in whole.asked[max(0, t - 29) : t + 1]}
        closing = close_record(
            replace(
                whole,
                asked=whole.asked[min(recent) : t + 1],
                answers=tuple(answer for answer in whole.answers if answer.round in recent),
                roster=tuple(invitation for invitation in whole.roster if invitation.round in recent),
                spent=spent,
                released=released,
                memory=memory,
            )
        )
        memory = Memory(json.loads(json.dumps(closing.memory.state)))
        spent, released = spent | closing.spent, (*released, *closing.releases)
        found |= {row for alarm in closing.alarms for row in as_written(alarm)}
    assert found == {tuple(row) for row in ROBUST[name]["alerts"]}


def test_the_golden_file_is_what_the_second_calculation_says() -> None:
    """Written by `python -m tests.rules.independent`; one of the two histories, as it takes a second each."""
    found = json.loads(json.dumps(judge_history(golden_record(NAMES[0]))))
    assert found == ROBUST[NAMES[0]]


def as_written(alarm: Alarm) -> list[tuple[int, str, object, object]]:
    if alarm.kind.startswith("dim:"):
        return [(alarm.round, alarm.kind, "", "")]
    if alarm.level == "watch":
        return [(alarm.round, "watch", "", "")]
    return [(alarm.round, alarm.kind, alarm.start_round, round(alarm.size or 0.0, 2))]

"""Charts against published run lengths, and what makes an alert, a reminder, a watch."""

from collections.abc import Iterator, Sequence
from functools import reduce
from math import atan, copysign, exp, inf, lgamma, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.charts import cusum_run_length, ewma_run_length
from bot.alarms.baseline import Deviation, find_tuning
from bot.alarms.control_charts import (
    advance_charts,
    find_accepted_level,
    find_moves,
    judge_charts,
    note_deviations,
)
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.episodes import follow_levels
from bot.alarms.state import State, accept_level, pack_memory, unpack_memory
from bot.model.alliance import Side
from bot.model.closing import Alarm
from bot.scoring.t_quantile import find_quantile


def noise(seed: int, shift: float = 0.0) -> Iterator[float]:
    chance = np.random.default_rng(seed)
    while True:
        yield from (chance.standard_normal(256) + shift).tolist()


@pytest.mark.parametrize(
    ("h", "shift", "published", "runs"), [(4, 0, 168, 300), (5, 0, 465, 120), (5, 1, 10.4, 800)]
)
def test_cusum_run_lengths_are_the_published_ones(
    h: float, shift: float, published: float, runs: int
) -> None:
    found = np.mean([cusum_run_length(noise(seed, shift), h) for seed in range(runs)])
    assert found == pytest.approx(published, rel=3.3 / runs**0.5)


@pytest.mark.parametrize(
    ("smoothing", "limit", "published"), [(0.1, 2.703, 372), (0.1, 2.814, 500), (0.2, 2.962, 500)]
)
def test_ewma_run_lengths_are_the_published_ones(smoothing: float, limit: float, published: float) -> None:
    found = np.mean([ewma_run_length(noise(seed), smoothing, limit) for seed in range(250)])
    assert found == pytest.approx(published, rel=3.3 / 250**0.5)


@pytest.mark.parametrize(
    ("p", "df", "t"),
    [
        (0.975, 1, 12.70620),
        (0.95, 2, 2.91999),
        (0.975, 8, 2.30600),
        (0.99, 30, 2.45726),
        (0.975, 120, 1.97993),
    ],
)
def test_t_quantiles_are_those_of_the_tables(p: float, df: int, t: float) -> None:
    assert find_quantile(p, df) == pytest.approx(t, abs=2e-5)
    assert find_quantile(1 - p, df) == pytest.approx(-t, abs=2e-5)


@given(st.floats(0.001, 0.999), st.integers(1, 200))
def test_the_quantile_is_the_inverse_of_the_distribution(p: float, df: int) -> None:
    """The density of t = √ν·tan θ, integrated over θ."""
    t = find_quantile(p, df)
    angles = np.linspace(0, atan(abs(t) / sqrt(df)), 4_001)
    area = float(np.trapezoid(np.cos(angles) ** (df - 1), angles))
    central = area * exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(pi)
    assert 0.5 + copysign(central, t) == pytest.approx(p, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 1)), max_size=30))
def test_no_single_round_can_alarm_and_s_never_leaves_its_bounds(series: list[tuple[float, float]]) -> None:
    chart, before = Chart(), 0.0
    for round, (d, v) in enumerate(series):
        chart = advance_chart(chart, round, d, v, -0.5, 0.6 * 7)
        assert 0 <= chart.s <= before + 0.6 * 7 + 1e-9
        before = chart.s


@given(st.lists(st.floats(0, 100), max_size=26))
def test_tuning_stays_between_its_limits(squares: list[float]) -> None:
    assert 12 / 38 <= find_tuning(squares) <= (12 + 26 * 9) / 38


def anything(_kind: str, _start: int) -> bool:
    return True


def lived(rounds: Sequence[tuple[float, float]], people: int = 9) -> list[tuple[Alarm, ...]]:
    """Alarms of rounds 8, 9, … with these deviations of sponsor and CRO."""
    state, alarms = State(), []
    for index, (sponsor, cro) in enumerate(rounds, 8):
        found = {
            Side.SPONSOR: Deviation(sponsor, 0.05, people),
            Side.CRO: Deviation(cro, 0.05, people),
        }
        state = note_deviations(state, found, index)
        said: tuple[Alarm, ...] = ()
        for run in ("alert", "watch"):
            state = advance_charts(
                state, find_moves(state, index), run, {"alert": 7.0, "watch": 4.0}[run], index
            )
            state, judged = judge_charts(state, run, index, anything)  # type: ignore[arg-type]
            said += judged
        state, _ = follow_levels(state, find_moves(state, index), index)
        alarms.append(said)
    return alarms


def alerts(alarms: Sequence[tuple[Alarm, ...]]) -> list[tuple[int, str]]:
    return [(event.round, event.kind) for said in alarms for event in said if event.level == "alert"]


def test_one_bad_round_alarms_nobody_and_two_do() -> None:
    assert alerts(lived([(0, 0)] * 4 + [(-3, -3)] + [(0, 0)] * 4)) == []
    assert alerts(lived([(0, 0)] * 4 + [(-1, -1)] * 2)) == [(13, "level"), (13, "sponsor"), (13, "cro")]


def test_a_widening_gap_alarms_without_a_change_of_level_whichever_side_falls() -> None:
    down = lived([(0, 0)] * 4 + [(-0.7, 0.7)] * 3)
    up = lived([(0, 0)] * 4 + [(0.7, -0.7)] * 3)
    assert {kind for _, kind in alerts(down)} == {"gap", "sponsor"}
    assert {kind for _, kind in alerts(up)} == {"gap", "cro"}
    sizes = [[event.size for said in run for event in said if event.kind == "gap"] for run in (down, up)]
    assert sizes[0] and sizes[0] == [-size for size in sizes[1] if size is not None]


def test_alarms_keep_quiet_for_four_rounds_and_then_remind() -> None:
    alarms = lived([(0, 0)] * 4 + [(-1, -1)] * 9)
    levels = [event for said in alarms for event in said if event.kind == "level" and event.level == "alert"]
    assert [(level.round, level.reminder, level.start_round) for level in levels[:2]] == [
        (13, False, 12),
        (17, True, 12),
    ]


def test_after_recovery_the_next_drop_is_no_reminder() -> None:
    alarms = lived([(0, 0)] * 4 + [(-1, -1)] * 2 + [(0, 0)] * 20 + [(-1, -1)] * 3)
    levels = [event for said in alarms for event in said if event.kind == "level" and event.level == "alert"]
    assert [level.reminder for level in levels] == [False, False]


def after_accepting(then: Sequence[tuple[float, float]]) -> list[Alarm]:
    """Alerts after both sides fell by one and their leads took that as the new normal in round 14."""
    state, told = State(), []
    for index, (sponsor, cro) in enumerate([(0.0, 0.0)] * 4 + [(-1.0, -1.0)] * 2 + [*then], 8):
        found = {side: Deviation(d, 0.05, 9) for side, d in zip(Side, (sponsor, cro), strict=True)}
        state = note_deviations(state, found, index)
        state = advance_charts(state, find_moves(state, index), "alert", 7.0, index)
        state, judged = judge_charts(state, "alert", index, anything)
        state, _ = follow_levels(state, find_moves(state, index), index)
        if index == 13:
            assert {alarm.kind for alarm in judged} == {"level", "sponsor", "cro"}
            state = unpack_memory(reduce(accept_level, judged, pack_memory(state)))
        elif index > 13:
            told += judged
    return told


def test_what_a_lead_accepts_as_the_new_normal_is_told_no_more_until_it_falls_again() -> None:
    assert after_accepting([(-1.0, -1.0)] * 12) == []
    again = after_accepting([(-1.0, -1.0)] * 6 + [(-2.0, -2.0)] * 3)
    assert again and not again[0].reminder and again[0].round >= 20


def test_the_accepted_level_fades_as_the_reference_takes_it_in() -> None:
    state = State(normal={"cro": (40, -1.0)})
    assert find_accepted_level(state, "cro", 42) == -1.0 and find_accepted_level(state, "level", 42) == 0.0
    left = [find_accepted_level(state, "cro", index) for index in range(42, 72)]
    assert left == sorted(left) and left[-1] == 0.0


def test_only_an_open_episode_can_be_accepted() -> None:
    memory = pack_memory(State(charts={"alert/cro": Chart(3.0, 5, 1.0, -1.0)}))
    assert accept_level(memory, Alarm("cro", "alert", 9, 8, -1.0)) == memory


def test_two_people_say_nothing_about_a_side() -> None:
    assert alerts(lived([(0, 0)] * 4 + [(-3, -3)] * 4, people=2)) == []


def test_the_watch_sees_what_is_not_yet_an_alert() -> None:
    watched = [event for said in lived([(0, 0)] * 4 + [(-0.36, -0.36)] * 2) for event in said]
    assert watched and {alarm.level for alarm in watched} == {"watch"}


def test_an_uncapped_chart_takes_a_round_at_its_word() -> None:
    assert advance_chart(Chart(), 1, -3.0, 0.05, -0.8, inf).s == pytest.approx((0.8 * 3 - 0.32) / 0.05)

"""Keep the five charts of an alliance: level, each side, and the gap either way, for alerts and for the watch."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bot.alarms.baseline import ENOUGH_PEOPLE, Deviation, find_tuning, reference_rounds
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.state import Seen, State
from bot.model.alliance import Side
from bot.model.closing import Alarm

CAP = 0.6
"""Share of the limit that one round can add."""
COOL_DOWN = 4
"""Rounds from an alarm to the next that may follow."""
RUNS: Mapping[Literal["alert", "watch"], float] = {"alert": 7.0, "watch": 4.0}
"""Limits h."""


@dataclass(frozen=True, slots=True)
class Move:
    """The input of one chart in a round: d, its variance, and the δ it looks for."""

    d: float
    v: float
    delta: float


Nameable: TypeAlias = Callable[[str, int], bool]
"""Whether the privacy gate lets an alarm of this kind that began in this round be told."""

KINDS = {
    "level": "level",
    "sponsor": "sponsor",
    "cro": "cro",
    "gap_sponsor_lower": "gap",
    "gap_cro_lower": "gap",
}
"""Chart → kind of alarm."""


def tune_deviation(seen: tuple[Seen, ...], found: Deviation, index: int) -> Seen:
    """Return the deviation with v·f, f from the usable rounds of the reference of round `index`."""
    first, last = reference_rounds(index)
    squares = [past.d**2 / past.v for past in seen if first <= past.round <= last]
    return Seen(index, found.d, found.v, found.v * find_tuning(squares))


def note_deviations(state: State, found: Mapping[Side, Deviation | None], index: int) -> State:
    """Add this round's usable deviations; drop those that no later reference reaches."""
    oldest = reference_rounds(index)[0]
    seen = {side: tuple(past for past in kept if past.round >= oldest) for side, kept in state.seen.items()}
    for side, deviation in found.items():
        if deviation and deviation.people >= ENOUGH_PEOPLE:
            seen[side] = (*seen.get(side, ()), tune_deviation(seen.get(side, ()), deviation, index))
    return replace(state, seen=seen)


def find_moves(state: State, index: int) -> dict[str, Move]:
    """Return the input of each chart for round `index`; a chart without one stands still."""
    now = {side: latest for side in Side for latest in state.seen.get(side, ())[-1:] if latest.round == index}
    told = {side.value: Move(latest.d, latest.tuned, -0.5) for side, latest in now.items()}
    if len(now) == 2:
        s, c = now[Side.SPONSOR], now[Side.CRO]
        told["level"] = Move((s.d + c.d) / 2, (s.tuned + c.tuned) / 4, -0.5)
        told["gap_sponsor_lower"] = Move(s.d - c.d, s.tuned + c.tuned, -0.7)
        told["gap_cro_lower"] = Move(s.d - c.d, s.tuned + c.tuned, 0.7)
    return {
        name: replace(move, d=move.d - find_accepted_level(state, name, index)) for name, move in told.items()
    }


def find_accepted_level(state: State, chart: str, index: int) -> float:
    """Return what of an accepted level the reference has not learnt: size·(share of it before the level began)."""
    since, size = state.normal.get(chart, (0, 0.0))
    first, last = reference_rounds(index)
    return size * min(1.0, max(0, since - first) / max(1, last - first + 1))


def advance_charts(state: State, told: Mapping[str, Move], run: str, limit: float, index: int) -> State:
    """Advance the charts of a run by one round."""
    charts = dict(state.charts)
    for name, move in told.items():
        chart = charts.get(f"{run}/{name}", Chart())
        charts[f"{run}/{name}"] = advance_chart(chart, index, move.d, move.v, move.delta, CAP * limit)
    return replace(state, charts=charts)


def judge_charts(
    state: State, run: Literal["alert", "watch"], index: int, nameable: Nameable
) -> tuple[State, tuple[Alarm, ...]]:
    """Return the alarms of a run: every chart above its limit that may be named, unless one alarmed in the last rounds.

    All five charts start again from 0. An alert in an open episode is a reminder.
    """
    if index < state.fired.get(run, -COOL_DOWN) + COOL_DOWN:
        return state, ()
    above = {
        name: chart
        for name in KINDS
        if (chart := state.charts.get(f"{run}/{name}", Chart())).s > RUNS[run]
        and nameable(KINDS[name], chart.find_start(index))
    }
    if not above:
        return state, ()
    still = state.episodes if run == "alert" else {}
    alarms = tuple(
        Alarm(KINDS[name], run, index, chart.find_start(index), chart.size, reminder=KINDS[name] in still)
        for name, chart in above.items()
    )
    return _restart_run(state, run, index, above), alarms


def _restart_run(state: State, run: Literal["alert", "watch"], index: int, above: Iterable[str]) -> State:
    charts = {n: chart.clear_sum() if n.startswith(f"{run}/") else chart for n, chart in state.charts.items()}
    opened = {KINDS[name]: name for name in above} if run == "alert" else {}
    return replace(
        state, charts=charts, fired={**state.fired, run: index}, episodes={**opened, **state.episodes}
    )

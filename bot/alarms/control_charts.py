"""The five charts of an alliance: level, each side, and the gap either way; judged once for alerts, once for
the watch."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bot.alarms.baseline import ENOUGH_PEOPLE, Deviation, reference_rounds, tuning
from bot.alarms.cusum import Chart, step
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
    """What one chart is told of a round: d, its variance, and the δ it looks for."""

    d: float
    v: float
    delta: float


Nameable: TypeAlias = Callable[[str, int], bool]
"""May an alarm of this kind that began in this round be told, as far as the privacy gate goes?"""

KINDS = {
    "level": "level",
    "sponsor": "sponsor",
    "cro": "cro",
    "gap_sponsor_lower": "gap",
    "gap_cro_lower": "gap",
}
"""Chart → kind of alarm."""


def tuned(seen: tuple[Seen, ...], found: Deviation, index: int) -> Seen:
    """The deviation with v·f, f from the usable rounds of the reference of round `index`."""
    first, last = reference_rounds(index)
    squares = [one.d**2 / one.v for one in seen if first <= one.round <= last]
    return Seen(index, found.d, found.v, found.v * tuning(squares))


def noticed(state: State, found: Mapping[Side, Deviation | None], index: int) -> State:
    """The state with this round's usable deviations; what no later reference reaches is dropped."""
    oldest = reference_rounds(index)[0]
    seen = {side: tuple(one for one in kept if one.round >= oldest) for side, kept in state.seen.items()}
    for side, one in found.items():
        if one and one.people >= ENOUGH_PEOPLE:
            seen[side] = (*seen.get(side, ()), tuned(seen.get(side, ()), one, index))
    return replace(state, seen=seen)


def moves(state: State, index: int) -> dict[str, Move]:
    """What each chart is told of round `index`; a chart that is not in here stands still."""
    now = {side: one for side in Side for one in state.seen.get(side, ())[-1:] if one.round == index}
    told = {side.value: Move(one.d, one.tuned, -0.5) for side, one in now.items()}
    if len(now) == 2:
        s, c = now[Side.SPONSOR], now[Side.CRO]
        told["level"] = Move((s.d + c.d) / 2, (s.tuned + c.tuned) / 4, -0.5)
        told["gap_sponsor_lower"] = Move(s.d - c.d, s.tuned + c.tuned, -0.7)
        told["gap_cro_lower"] = Move(s.d - c.d, s.tuned + c.tuned, 0.7)
    return {name: replace(one, d=one.d - accepted(state, name, index)) for name, one in told.items()}


def accepted(state: State, chart: str, index: int) -> float:
    """What is left of a level that was accepted as the new normal: size·(share of the reference before it began)."""
    since, size = state.normal.get(chart, (0, 0.0))
    first, last = reference_rounds(index)
    return size * min(1.0, max(0, since - first) / max(1, last - first + 1))


def advance(state: State, told: Mapping[str, Move], run: str, limit: float, index: int) -> State:
    """One round on the charts of a run."""
    charts = dict(state.charts)
    for name, move in told.items():
        chart = charts.get(f"{run}/{name}", Chart())
        charts[f"{run}/{name}"] = step(chart, index, move.d, move.v, move.delta, CAP * limit)
    return replace(state, charts=charts)


def judge(
    state: State, run: Literal["alert", "watch"], index: int, nameable: Nameable
) -> tuple[State, tuple[Alarm, ...]]:
    """Alarms of a run: every chart above its limit that may be named, unless one alarmed in the last rounds.

    All five charts start again from 0. An alert in an open episode is a reminder.
    """
    if index < state.fired.get(run, -COOL_DOWN) + COOL_DOWN:
        return state, ()
    above = {
        name: chart
        for name in KINDS
        if (chart := state.charts.get(f"{run}/{name}", Chart())).s > RUNS[run]
        and nameable(KINDS[name], chart.began(index))
    }
    if not above:
        return state, ()
    still = state.episodes if run == "alert" else {}
    alarms = tuple(
        Alarm(KINDS[name], run, index, chart.began(index), chart.size, reminder=KINDS[name] in still)
        for name, chart in above.items()
    )
    return _fired(state, run, index, above), alarms


def _fired(state: State, run: Literal["alert", "watch"], index: int, above: Iterable[str]) -> State:
    charts = {n: chart.reset() if n.startswith(f"{run}/") else chart for n, chart in state.charts.items()}
    opened = {KINDS[name]: name for name in above} if run == "alert" else {}
    return replace(
        state, charts=charts, fired={**state.fired, run: index}, episodes={**opened, **state.episodes}
    )

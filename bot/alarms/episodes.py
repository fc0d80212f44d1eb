"""Episodes: an alert stays open until as much evidence says "as usual again" as it took to open it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import copysign

from bot.alarms.baseline import reference_rounds
from bot.alarms.control_charts import RUNS, Move
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.participation import FEWER, HABIT_ROUNDS, LIMIT, Attendance
from bot.alarms.state import State, unpack_memory
from bot.model.alarm_kind import AlarmKind
from bot.model.alliance import Side
from bot.model.closing import Memory

LOW, LEAST = 0.5, 0.25
"""Points of the 1–5 scale from usual that "as usual again" is weighed against: the episode's size within these."""
OVER_CAP = 0.24
"""Share of the limit that one round can add: nothing is over before five rounds say so."""
SETTLING = 8
"""Rounds from the start of an episode over which its size is estimated."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An episode that is over since the round of that index."""

    kind: str
    round: int


def list_open_kinds(memory: Memory) -> frozenset[str]:
    """Return the kinds of alarm whose episodes are open."""
    return frozenset(unpack_memory(memory).episodes)


def follow_levels(state: State, told: Mapping[str, Move], index: int) -> tuple[State, tuple[Ended, ...]]:
    """Weigh a round for "as usual again" on every open episode about how people answer; close those that are over.

    A reference that has taken in low rounds makes low answers look usual, and its noise grow: what it has taken in is
    counted back, and the variance is at most that of the opening.
    """
    ended = []
    for kind, name in state.episodes.items():
        if (move := told.get(name)) is None:
            continue
        before = state.charts.get(f"over/{name}", Chart())
        kept = state.charts.get(f"episode/{name}")
        episode = kept or replace(state.charts.get(f"alert/{name}", Chart()), s=move.v)
        d = move.d + episode.size * _share(episode, before, *reference_rounds(index))
        if kept and kept.start is not None and index - kept.start < SETTLING:
            episode = replace(kept, weight=kept.weight + 1 / move.v, total=kept.total + d / move.v)
        low = copysign(min(LOW, max(LEAST, abs(episode.size))), move.delta)
        over = advance_chart(before, index, d - low, min(move.v, episode.s), -low, OVER_CAP * RUNS["alert"])
        state = _keep(state, name, episode, over)
        if over.s > RUNS["alert"]:
            ended.append(Ended(kind, over.find_start(index)))
    return close_episodes(state, ended), tuple(ended)


def follow_attendance(
    state: State, found: Mapping[Side, Attendance | None], index: int
) -> tuple[State, tuple[Ended, ...]]:
    """End "fewer people answer" once the usual number answers again, rather than 40 % fewer."""
    ended = []
    for side, attendance in found.items():
        kind = str(AlarmKind("participation", side))
        if attendance is None or attendance.expected <= 0 or kind not in state.episodes:
            continue
        before = state.charts.get(f"over/{kind}", Chart())
        episode = state.charts.get(f"episode/{kind}") or state.charts.get(kind, Chart())
        share = _share(episode, before, index - HABIT_ROUNDS - 1, index - 2)
        usual = attendance.expected / (1 + max(-0.9, episode.size) * share)
        missing = FEWER * usual
        over = advance_chart(
            before,
            index,
            attendance.answered - usual + missing,
            attendance.variance,
            missing,
            OVER_CAP * LIMIT,
        )
        state = _keep(state, kind, episode, over)
        if over.s > LIMIT:
            ended.append(Ended(kind, over.find_start(index)))
    return close_episodes(state, ended), tuple(ended)


def close_episodes(state: State, ended: Iterable[Ended]) -> State:
    """Return the state without these episodes and what was kept of them."""
    over = {recovery.kind for recovery in ended}
    names = {state.episodes[kind] for kind in over}
    gone = {f"{prefix}/{name}" for prefix in ("episode", "over") for name in names}
    return replace(
        state,
        episodes={kind: name for kind, name in state.episodes.items() if kind not in over},
        charts={name: chart for name, chart in state.charts.items() if name not in gone},
    )


def find_ended(before: State, after: State, index: int) -> tuple[Ended, ...]:
    """Return the episodes that a step closed by itself: somebody answered again, nobody misjudges any more."""
    return tuple(Ended(kind, index) for kind in before.episodes if kind not in after.episodes)


def _share(episode: Chart, over: Chart, first: int, last: int) -> float:
    """Share of the rounds `first` … `last` that belong to the episode, 0 … 1; those as usual again do not."""
    if episode.start is None:
        return 0.0
    end = last if over.start is None else min(last, over.start - 1)
    return min(1.0, max(0, end - max(first, episode.start) + 1) / max(1, last - max(0, first) + 1))


def _keep(state: State, name: str, episode: Chart, over: Chart) -> State:
    """Keep the episode (since when, how far from usual, in `s` a round's variance at the opening), and what says that
    it is over.
    """
    charts = {**state.charts, f"episode/{name}": episode, f"over/{name}": over}
    return replace(state, charts=charts)

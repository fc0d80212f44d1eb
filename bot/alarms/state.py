"""Keep the charts' memory from closing to closing: aggregates of three people or more, no person's value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.alarms.cusum import Chart
from bot.model.closing import Alarm, Memory


@dataclass(frozen=True, slots=True)
class Seen:
    """A deviation that was judged in a round, with its variance before and after tuning."""

    round: int
    d: float
    v: float
    tuned: float


@dataclass(frozen=True, slots=True)
class Shift:
    """The distance of one dimension of one side from usual in a round."""

    round: int
    side: str
    dimension: str
    d: float
    v: float
    people: int = 0
    """How many it rests on; 0 in memories that were written before it was kept."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the alarms carry on. Keys are names of charts, sides or kinds of alarm."""

    charts: Mapping[str, Chart] = field(default_factory=dict)
    fired: Mapping[str, int] = field(default_factory=dict)
    """Round of the last alarm of each group of charts."""
    episodes: Mapping[str, str] = field(default_factory=dict)
    """Kind of alarm → chart that opened its episode."""
    normal: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """Chart → (since which round, by how much) a lead has accepted its level as the new normal."""
    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    """Side → its deviations in the rounds that the next references reach back to."""
    moved: tuple[Shift, ...] = ()
    silence: Mapping[str, float] = field(default_factory=dict)
    """Side → log of the probability of its rounds without an answer; absent while it answers."""
    blind: Mapping[str, int] = field(default_factory=dict)
    """Side → waves running in which it misjudged the other."""
    mood: Mapping[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    """Side → (round, window mean of message polarity)."""


def pack_memory(state: State) -> Memory:
    """Return the state as the store keeps it."""
    return Memory(asdict(state))


def unpack_memory(memory: Memory) -> State:
    """Read what is packed by `remember`; an empty memory is an empty state."""
    kept: Mapping[str, Any] = memory.state
    if not kept:
        return State()
    return State(
        {name: Chart(**chart) for name, chart in kept["charts"].items()},
        dict(kept["fired"]),
        dict(kept["episodes"]),
        {name: (int(since), float(size)) for name, (since, size) in kept.get("normal", {}).items()},
        {side: tuple(Seen(**fields) for fields in seen) for side, seen in kept["seen"].items()},
        tuple(Shift(**fields) for fields in kept["moved"]),
        dict(kept["silence"]),
        dict(kept["blind"]),
        {side: tuple((int(r), float(m)) for r, m in line) for side, line in kept["mood"].items()},
    )


def accept_level(memory: Memory, alarm: Alarm) -> Memory:
    """Accept an alarm's level as the new normal: end its episode and start its charts anew from there."""
    state = unpack_memory(memory)
    opened = state.episodes.get(alarm.kind)
    if opened is None:
        return memory
    charts = {name: chart for name, chart in state.charts.items() if name.partition("/")[2] != opened}
    episodes = {kind: name for kind, name in state.episodes.items() if kind != alarm.kind}
    normal = {**state.normal, opened: (alarm.start_round, alarm.size or 0.0)}
    return pack_memory(replace(state, charts=charts, episodes=episodes, normal=normal))

"""Find whose answers fell where the level dropped: only sides that are clearly lower by themselves."""

from bot.alarms.baseline import reference_rounds
from bot.alarms.control_charts import Nameable, find_accepted_level
from bot.alarms.state import State
from bot.model.alliance import Side
from bot.model.closing import Alarm

CLEAR = 6.0
"""Log of the odds "dropped by half a point" to "as usual" above which a side is lower by itself; `bench.attribution`
measures how often a side is named wrongly."""
DROP = -0.5
"""δ that the odds are of, points of the 1–5 scale."""


def find_lower_sides(state: State, alarm: Alarm, nameable: Nameable) -> tuple[Side, ...]:
    """Return the sides that a drop of the level may be put down to: both, one, or none where that is not clear.

    One alone only if the other's answers speak for "as usual", and each only if an alarm of its own might name it.
    """
    if alarm.kind != "level":
        return ()
    odds = {side: weigh_drop(state, side, alarm) for side in Side}
    lower = tuple(side for side in Side if odds[side] > CLEAR and nameable(side.value, alarm.start_round))
    return lower if all(odds[side] <= 0 for side in Side if side not in lower) else ()


def weigh_drop(state: State, side: Side, alarm: Alarm) -> float:
    """Return the log of the odds "dropped by δ" to "as usual" over the side's rounds since the alarm began.

    Σ(δ·d − δ²/2)/v · (R + 1)/(R + K): what is usual is the same mean of R rounds for all K of them, so that its error
    does not fade with their number.
    """
    rounds = [seen for seen in state.seen.get(side, ()) if seen.round >= alarm.start_round]
    first, last = reference_rounds(alarm.round)
    usual = last - first + 1
    odds = (
        (DROP * (seen.d - find_accepted_level(state, side.value, seen.round)) - DROP**2 / 2) / seen.tuned
        for seen in rounds
    )
    return sum(odds) * (usual + 1) / (usual + len(rounds))

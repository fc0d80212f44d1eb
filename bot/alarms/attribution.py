"""Find whose answers fell where the level dropped: only sides that are clearly lower by themselves."""

from bot.alarms.control_charts import Nameable, find_accepted_level
from bot.alarms.state import State
from bot.model.alliance import Side
from bot.model.closing import Alarm

CLEAR = 5.0
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
    odds = {side: weigh_drop(state, side, alarm.start_round) for side in Side}
    lower = tuple(side for side in Side if odds[side] > CLEAR and nameable(side.value, alarm.start_round))
    return lower if all(odds[side] <= 0 for side in Side if side not in lower) else ()


def weigh_drop(state: State, side: Side, start: int) -> float:
    """Return Σ(δ·d − δ²/2)/v over the side's rounds since `start`: the log of the odds "dropped by δ" to "as usual"."""
    moves = (
        (seen.d - find_accepted_level(state, side.value, seen.round), seen.tuned)
        for seen in state.seen.get(side, ())
        if seen.round >= start
    )
    return sum((DROP * d - DROP * DROP / 2) / v for d, v in moves)

"""Judge single dimensions: a notice for the digest where both sides moved, and those that moved most in an alarm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf

from bot.alarms.baseline import Deviation, Reference, measure_item_deviation
from bot.alarms.control_charts import COOL_DOWN
from bot.alarms.cusum import Chart, advance_chart
from bot.alarms.state import Shift, State
from bot.model.alarm_kind import AlarmKind, parse_kind
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell
from bot.scoring.answer_matrix import Columns, History

LIMIT = 6.0
DROP = -0.8
KEPT_ROUNDS = 30
"""How long a dimension's deviations are kept to explain alarms with."""
TOPIC_PEOPLE = 5
"""People of a side whose answers a named topic rests on, in every round that counts."""
NAMED = 3
"""Dimensions named in an alarm, at most."""


@dataclass(frozen=True, slots=True)
class ItemMove:
    """One item in one round: both sides' deviations, each of five people or more."""

    dimension: str
    sides: Mapping[Side, Deviation]


def find_item_moves(history: History, usual: Mapping[Side, Reference]) -> tuple[ItemMove, ...]:
    """Return the deviations of the core items that the judged round asked."""
    place = {item.id: number for number, item in enumerate(history.items)}
    found = []
    for item in history.now.items:
        if item.kind == "core":
            sides = {
                side: deviation
                for side, columns in history.sides.items()
                if (deviation := _find_item_deviation(columns, history, usual[side], place[item.id]))
            }
            found.append(ItemMove(item.dimension, sides))
    return tuple(found)


def note_moves(state: State, found: Iterable[ItemMove], index: int) -> State:
    """Add this round's moves; drop those too old to explain anything."""
    kept = tuple(shift for shift in state.moved if shift.round > index - KEPT_ROUNDS)
    new = (
        Shift(index, side, move.dimension, deviation.d, deviation.v, deviation.people)
        for move in found
        for side, deviation in move.sides.items()
    )
    return replace(state, moved=(*kept, *new))


def judge_dimensions(state: State, found: Iterable[ItemMove], index: int) -> tuple[State, tuple[Alarm, ...]]:
    """Advance one uncapped chart a dimension on both sides pooled, δ = 0.8, h = 6: notices for the digest."""
    alarms = []
    for move in found:
        if len(move.sides) < 2:
            continue
        s, c = move.sides[Side.SPONSOR], move.sides[Side.CRO]
        kind = str(AlarmKind("topic", topic=move.dimension))
        before = state.charts.get(kind, Chart())
        chart = advance_chart(before, index, (s.d + c.d) / 2, (s.v + c.v) / 4, DROP, inf)
        fires = chart.s > LIMIT and index >= state.fired.get(kind, -COOL_DOWN) + COOL_DOWN
        if fires:
            alarms.append(Alarm(kind, "watch", index, chart.find_start(index), chart.size, (move.dimension,)))
            state = replace(state, fired={**state.fired, kind: index})
        state = replace(state, charts={**state.charts, kind: chart.clear_sum() if fires else chart})
    return state, tuple(alarms)


def find_farthest_moved(state: State, alarm: Alarm, shown: frozenset[Cell]) -> tuple[str, ...]:
    """Return the shown dimensions that moved at least as far as the alarm says, furthest first.

    A side's alarm needs that side's cell, the others both.
    """
    kind = parse_kind(alarm.kind)
    sides = kind.sides if kind.subject == "side" else tuple(Side)
    signs = (
        {Side.SPONSOR: 1.0, Side.CRO: -1.0}
        if kind.subject == "gap"
        else {side: 1 / len(sides) for side in sides}
    )
    means = _average_shifts(state, alarm.start_round)
    size = alarm.size or 0.0
    direction = -1.0 if size < 0 else 1.0
    moves = {
        dimension: direction * sum(signs[side] * means[side, dimension] for side in sides)
        for dimension in sorted({dimension for _, dimension in means})
        if all((side, dimension) in means and Cell(side, dimension) in shown for side in sides)
    }
    far = [dimension for dimension, move in moves.items() if move >= abs(size)]
    return tuple(sorted(far, key=lambda dimension: -moves[dimension])[:NAMED])


def _find_item_deviation(columns: Columns, history: History, usual: Reference, item: int) -> Deviation | None:
    rows = columns.find_rows(history.now.index, history.now.index)
    asked = columns.items[rows] == item
    found = measure_item_deviation(usual, item, columns.people[rows][asked], columns.values[rows][asked])
    return found if found and found.people >= TOPIC_PEOPLE else None


def _average_shifts(state: State, start: int) -> dict[tuple[str, str], float]:
    """Return each side's and dimension's inverse-variance mean of d since `start`, from rounds with five people."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for shift in state.moved:
        if shift.round >= start and shift.people >= TOPIC_PEOPLE:
            total, weight = sums.get((shift.side, shift.dimension), (0.0, 0.0))
            sums[shift.side, shift.dimension] = total + shift.d / shift.v, weight + 1 / shift.v
    return {key: total / weight for key, (total, weight) in sums.items()}

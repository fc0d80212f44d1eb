"""Explain an alarm to its leads: since when, and whether the same people answer differently."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

import numpy as np

from bot.model.alarm_kind import Subject, parse_kind
from bot.model.alliance import Side
from bot.model.closing import Alarm, Direction
from bot.privacy.permissions import find_concerned, is_told, list_told_sides
from bot.privacy.release_gate import FLOOR
from bot.scoring.answer_matrix import Floats, History
from bot.scoring.window import WINDOW, PairedChange, core_dimensions, measure_change, person_values

HALF, WHOLE = 0.4, 0.8
"""Sizes, points of the 1–5 scale, from which a change is called half a step or a whole one."""

Extent: TypeAlias = Literal["slight", "half", "whole"]


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm as its leads may read it: words and dates, no number."""

    id: str
    """What a lead names it by."""
    kind: str
    watch: bool
    """Of the watch level."""
    urgent: bool
    """It went out at once; everything else waits for the digest."""
    slot: date
    """Of the pulse at whose closing it was judged."""
    since: date | None
    extent: Extent | None
    paired: Direction | None
    dimensions: tuple[str, ...]
    reminder: bool
    seen_by: tuple[Side, ...]
    """Sides of which a lead has taken note."""
    unseen_by: tuple[Side, ...] = ()
    """Sides that were told at once and of which no lead has taken note yet."""
    lower: tuple[Side, ...] = ()
    """Sides that a drop of the level is put down to, as far as this lead may read it."""


def explain_alarm(alarm: Alarm, past: History) -> Alarm:
    """Add since when, and the same people's change, as far as `past` reaches back."""
    since = next((asked.slot for asked in past.asked if asked.index == alarm.start_round), None)
    paired = compare_people(past, _find_answering_sides(alarm), alarm.start_round)
    verdict = paired.verdict if paired is not None and paired.estimate.n >= FLOOR else None
    return replace(alarm, since=since, paired=verdict)


def word_alarm(alarm: Alarm, slot: date, seen_by: Collection[Side] = (), reader: Side | None = None) -> Told:
    """Put an alarm into words for the leads of `reader`, or for those of either side."""
    return Told(
        str(alarm.round),
        alarm.kind,
        alarm.level == "watch",
        is_told(alarm),
        slot,
        alarm.since,
        _find_extent(alarm),
        alarm.paired,
        alarm.dimensions,
        alarm.reminder,
        tuple(sorted(seen_by)),
        tuple(side for side in find_concerned(alarm.kind) if is_told(alarm) and side not in seen_by),
        list_told_sides(alarm, reader),
    )


def compare_people(past: History, sides: Iterable[Side], start: int) -> PairedChange | None:
    """Compare the people of these sides now, in the window but not before `start`, with the window before `start`."""
    place = next((i for i, asked in enumerate(past.asked) if asked.index == start - 1), None)
    rounds = min(WINDOW, past.now.index - start + 1)
    sides = tuple(sides)
    if place is None or not sides:
        return None
    then = _stack_values(replace(past, place=place), sides, WINDOW)
    return measure_change(then, _stack_values(past, sides, rounds))


def _stack_values(past: History, sides: Iterable[Side], rounds: int) -> Floats:
    dimensions = core_dimensions(past)
    return np.vstack([person_values(past, side, dimensions, rounds) for side in sides])


def _find_answering_sides(alarm: Alarm, *also: Subject) -> tuple[Side, ...]:
    """Return the sides whose answers the alarm is about; none for alarms about turnout or guesses."""
    kind = parse_kind(alarm.kind)
    return kind.sides if kind.subject in ("level", "side", *also) else ()


def _find_extent(alarm: Alarm) -> Extent | None:
    if alarm.size is None or not _find_answering_sides(alarm, "gap", "topic"):
        return None
    return "slight" if abs(alarm.size) < HALF else "half" if abs(alarm.size) < WHOLE else "whole"

"""Judge the mood of a side's thread messages against its own habit: a line of its own, never in a score."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean, pstdev
from typing import Literal

from bot.alarms.state import State
from bot.model.alliance import Reading, Side
from bot.model.closing import Asked, MoodLine
from bot.privacy.bands import word_tenths

WINDOW = 4
HABIT_ROUNDS = 26
LEARNING = 8
"""Rounds of habit without which there is no word."""
A_DAY = 3
"""Messages of one person and day that count. Stored readings bear only the day, so that their order is a random one."""
FEWEST_AUTHORS, FEWEST_MESSAGES = 5, 20
SD_FLOOR = 0.05
UNUSUAL = 2.0
"""|z| from which the mood is not as usual."""


def judge_mood(
    state: State, asked: Sequence[Asked], readings: Iterable[Reading]
) -> tuple[State, tuple[MoodLine, ...]]:
    """Return both sides' lines for the last round of `asked`, over the messages of the four rounds before its date."""
    first, last = _find_window(asked)
    within = [reading for reading in readings if first < reading.at.date() <= last]
    lines = []
    for side in Side:
        state, line = _judge_side(
            state, side, [reading for reading in within if reading.side is side], asked[-1].index
        )
        lines.append(line)
    return state, tuple(lines)


@dataclass(frozen=True, slots=True)
class MoodSeen:
    """The mood of the own side's threads as its leads read it."""

    word: Literal["tenser", "as usual", "lighter"] | None
    coverage: str
    """Share of messages that could be judged, to the nearest 10 %."""


def show_mood(lines: Iterable[MoodLine], side: Side) -> MoodSeen:
    """Return the mood for the leads of that side; nobody reads the other side's."""
    mine = next((line for line in lines if line.side is side), None)
    if mine is None or mine.word is None:
        return MoodSeen(None, "")
    return MoodSeen(mine.word, word_tenths(mine.coverage))


def average_side(readings: Iterable[Reading]) -> tuple[float, int, int]:
    """Return the mean of people's mean polarities without the highest and the lowest, −1 … 1; people; messages.

    Without them, as one very negative person is not a side's mood. All people count in the number.
    """
    days: dict[tuple[str, date], list[float]] = defaultdict(list)
    for reading in sorted(readings, key=lambda reading: reading.at):
        if reading.polarity is not None and len(days[reading.person, reading.at.date()]) < A_DAY:
            days[reading.person, reading.at.date()].append(reading.polarity)
    people: dict[str, list[float]] = defaultdict(list)
    for (person, _), polarities in days.items():
        people[person] += polarities
    said = [polarities for polarities in people.values() if polarities]
    means = sorted(map(fmean, said))
    kept = means[1:-1] if len(means) > 2 else means
    mean = fmean(kept) if kept else 0.0
    return mean, len(said), sum(map(len, said))


def word_mood(mean: float, habit: Sequence[float]) -> Literal["tenser", "as usual", "lighter"]:
    """Word z = (mean − usual)/max(SD, 0.05) against the side's own earlier windows; unusual from |z| = 2."""
    z = (mean - fmean(habit)) / max(pstdev(habit), SD_FLOOR)
    return "tenser" if z <= -UNUSUAL else "lighter" if z >= UNUSUAL else "as usual"


def _judge_side(state: State, side: Side, readings: list[Reading], index: int) -> tuple[State, MoodLine]:
    mean, authors, messages = average_side(readings)
    judged = sum(reading.polarity is not None for reading in readings)
    coverage = judged / len(readings) if readings else 0.0
    habit = tuple(point for point in state.mood.get(side, ()) if index - HABIT_ROUNDS <= point[0] < index)
    enough = authors >= FEWEST_AUTHORS and messages >= FEWEST_MESSAGES
    said = word_mood(mean, [m for _, m in habit]) if enough and len(habit) >= LEARNING else None
    kept = (*habit, (index, mean)) if enough else habit
    return replace(state, mood={**state.mood, side: kept}), MoodLine(side, said, authors, messages, coverage)


def _find_window(asked: Sequence[Asked]) -> tuple[date, date]:
    """Return two dates: messages after the first and up to the second count."""
    last = asked[-1].slot
    first = asked[-1 - WINDOW].slot if len(asked) > WINDOW else last - timedelta(weeks=WINDOW)
    return first, last

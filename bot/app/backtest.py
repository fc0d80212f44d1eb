"""`pulse backtest`: any history through the very same scores, gate and alarms, as lines of JSON."""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from bot.app.figures import alarm_line, sentence, week_line
from bot.app.pool import in_order
from bot.app.tables import POSTS, RESPONSES, ROSTER, Row, Table, TableError, joined
from bot.ledger import Asked, Invitation
from bot.model import Answer, Item, Side
from bot.rules.bank import Bank, builtin
from bot.rules.gate import FLOOR
from bot.rules.history import Floats, History, columns
from bot.rules.replay import replay
from bot.rules.window import WINDOW, change, core_dimensions, score_values, side_values

SPREAD_FROM = 100_000
"""Answers from which starting further processes pays."""
FIRST_DAY = date(2001, 1, 1)
"""Week 0 of a history; weeks are counted, so any day will do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of a backtest; without posts the bank's items were asked when answered, without a
    roster people were there from their first to their last answer."""

    responses: Table
    posts: Table | None
    roster: Table | None

    @classmethod
    def at(cls, responses: Path, posts: Path | None, roster: Path | None) -> "Tables":
        return cls(
            Table(responses, RESPONSES),
            Table(posts, POSTS) if posts else None,
            Table(roster, ROSTER) if roster else None,
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked in each week of one alliance."""

    items: Mapping[int, Sequence[Item]]
    holidays: frozenset[int]
    weeks: tuple[int, ...]
    """In order; the place of a week is the index of its round."""


@dataclass(frozen=True, slots=True)
class Task:
    """One alliance's rows of each table."""

    tables: Tables
    alliance: str
    answers: list[Row]
    posts: list[Row] | None
    roster: list[Row] | None
    minimum: int
    """The privacy threshold k."""
    as_json: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One alliance's lines."""

    text: str
    weeks: int
    answers: int


def run(
    responses: Path,
    posts: Path | None,
    roster: Path | None,
    out: TextIO,
    as_json: bool,
    minimum: int = FLOOR,
    progress: bool = True,
) -> int:
    """Write a line for each alliance and week, and one for each alarm; how many weeks. Raises TableError.

    `minimum` is the privacy threshold k that is tried, at least 5.
    """
    tables = Tables.at(responses, posts, roster)
    rows, ordered = tables.responses.count()
    if not rows:
        raise TableError(f"{responses}: there are no answers in it")
    with ExitStack() as stack:
        bar = stack.enter_context(
            tqdm(total=rows, unit=" answers", unit_scale=True, desc="replaying", disable=not progress)
        )
        others = [
            one.by_alliance(stack, one.count()[1]) if one else None for one in (tables.posts, tables.roster)
        ]
        leading = tables.responses.by_alliance(stack, ordered)
        tasks = (
            Task(tables, alliance, answers, asked, people, minimum, as_json)
            for alliance, answers, (asked, people) in joined(leading, others)
        )
        weeks = 0
        for judged in in_order(judge, tasks, spread=rows > SPREAD_FROM):
            out.write(judged.text)
            weeks += judged.weeks
            bar.update(judged.answers)
    return weeks


def judge(task: Task) -> Judged:
    """One alliance, from its rows to its lines."""
    lines = list(_lines(task))
    text = "".join(
        (json.dumps(one, ensure_ascii=False) if task.as_json else sentence(one)) + "\n" for one in lines
    )
    return Judged(text, sum("alarm" not in one for one in lines), len(task.answers))


def _lines(task: Task) -> Iterator[dict[str, Any]]:
    tables, alliance = task.tables, task.alliance
    asking = (
        _asked(tables.posts, task.posts)
        if tables.posts and task.posts is not None
        else _answered(tables.responses, task.answers, builtin())
    )
    past = _history(tables, asking, task.answers, task.roster, task.minimum)
    dimensions, windows = core_dimensions(past), deque[Mapping[Side, Floats]](maxlen=WINDOW + 1)
    for lived in replay(past):
        windows.append(side_values(lived.history))
        then, now = windows[0], windows[-1]
        found = score_values(now[Side.SPONSOR], now[Side.CRO], dimensions, task.minimum)
        full = len(windows) > WINDOW
        changes = {side: change(then[side], now[side]) if full else None for side in Side}
        week = asking.weeks[lived.history.place]
        yield week_line(alliance, week, found, changes, lived)
        for alarm in lived.outcome.alarms:
            yield alarm_line(alliance, week, alarm, asking.weeks[alarm.start_round])


def _asked(table: Table, rows: Sequence[Row]) -> Asking:
    """What posts.csv says."""
    items, holidays = dict[int, list[Item]](), set[int]()
    for line, _, week_text, key, dimension, reverse, holiday in rows:
        week = table.number(line, "week", week_text)
        for column, text in (("item", key), ("dimension", dimension)):
            if not text:
                raise table.refuse(line, column, "is empty")
        asked = items.setdefault(week, [])
        if any(item.key == key for item in asked):
            raise table.refuse(line, "item", f"{key!r} is asked twice in week {week}")
        asked.append(Item(key, 1, dimension, key, "core", table.flag(line, "reverse", reverse)))
        if table.flag(line, "holiday", holiday):
            holidays.add(week)
    return Asking(items, frozenset(holidays), tuple(sorted(items)))


def _answered(table: Table, rows: Sequence[Row], bank: Bank) -> Asking:
    """The bank's items, asked in the weeks in which they were answered."""
    known = {item.key: item for item in bank.items if item.kind != "open"}
    items: dict[int, dict[str, Item]] = {}
    for line, _, _, _, week, key, _ in rows:
        if key not in known:
            raise table.refuse(line, "item", f"{key!r} is not in the bank; give --posts for other items")
        items.setdefault(table.number(line, "week", week), {})[key] = known[key]
    return Asking({w: tuple(one.values()) for w, one in items.items()}, frozenset(), tuple(sorted(items)))


def _history(
    tables: Tables, asking: Asking, rows: Sequence[Row], roster: Sequence[Row] | None, minimum: int
) -> History:
    place = {week: index for index, week in enumerate(asking.weeks)}
    asked = tuple(
        Asked(
            index,
            tuple(asking.items[week]),
            FIRST_DAY + timedelta(weeks=week),
            minimum,
            week in asking.holidays,
        )
        for week, index in place.items()
    )
    items = tuple({item.id: item for one in asked for item in one.items}.values())
    answers, responded = _answers(tables.responses, asking, place, rows)
    invited = (
        _roster(tables.roster, asking, place, roster)
        if tables.roster and roster is not None
        else _from_first_to_last(answers)
    )
    sides = {
        side: columns(
            asked,
            items,
            [one for one in answers if one.side is side],
            [one for one in invited if one.side is side],
            responded,
        )
        for side in Side
    }
    return History(asked, items, sides)


def _answers(
    table: Table, asking: Asking, place: Mapping[int, int], rows: Sequence[Row]
) -> tuple[list[Answer], set[tuple[str, int]]]:
    """Valid answers, and who answered anything when: an empty value is "can't judge"."""
    ids = {(week, item.key): item.id for week, items in asking.items.items() for item in items}
    sides = {side.value: side for side in Side}
    values = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "": 0}
    weeks = {str(week): week for week in asking.weeks}
    answers, responded = [], set()
    for line, _, side, person, week_text, key, value in rows:
        if side not in sides:
            raise table.refuse(line, "side", f"{side!r} is neither sponsor nor cro")
        if not person:
            raise table.refuse(line, "person", "is empty")
        week = weeks[week_text] if week_text in weeks else table.number(line, "week", week_text)
        if (week, key) not in ids:
            raise table.refuse(line, "item", f"{key!r} was not asked in week {week}")
        if value not in values:
            raise table.refuse(line, "value", f'{value!r} is not 1 to 5 (or empty for "can\'t judge")')
        responded.add((person, place[week]))
        if value:
            answers.append(Answer(sides[side], person, place[week], ids[week, key], values[value]))
    return answers, responded


def _roster(table: Table, asking: Asking, place: Mapping[int, int], rows: Sequence[Row]) -> list[Invitation]:
    invited = []
    for line, _, side, person, first_text, last_text in rows:
        if side not in list(Side):
            raise table.refuse(line, "side", f"{side!r} is neither sponsor nor cro")
        first, last = table.number(line, "from_week", first_text), table.number(line, "to_week", last_text)
        if last < first:
            raise table.refuse(line, "to_week", f"{last} is before from_week {first}")
        invited += [Invitation(Side(side), person, place[w]) for w in asking.weeks if first <= w <= last]
    return invited


def _from_first_to_last(answers: Sequence[Answer]) -> list[Invitation]:
    spans: dict[tuple[Side, str], tuple[int, int]] = {}
    for one in answers:
        first, last = spans.get((one.side, one.person), (one.round, one.round))
        spans[one.side, one.person] = min(first, one.round), max(last, one.round)
    return [
        Invitation(side, person, round)
        for (side, person), (first, last) in spans.items()
        for round in range(first, last + 1)
    ]

"""A backtest's tables as a history that the rules can judge: what was asked, who was there, and what they answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.app.backtest.csv_tables import POSTS, RESPONSES, ROSTER, Row, Table
from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Asked, Invitation
from bot.questions.bank import Bank, builtin
from bot.scoring.answer_matrix import History, columns

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
    """List the items asked in each week of one alliance."""

    items: Mapping[int, Sequence[Item]]
    holidays: frozenset[int]
    weeks: tuple[int, ...]
    """In order; the place of a week is the index of its round."""


def weeks_asked(tables: Tables, answers: Sequence[Row], posts: Sequence[Row] | None) -> Asking:
    """Build the rounds of one alliance from its rows. Raises TableError."""
    if tables.posts and posts is not None:
        return _asked(tables.posts, posts)
    return _answered(tables.responses, answers, builtin())


def history(
    tables: Tables, asking: Asking, rows: Sequence[Row], roster: Sequence[Row] | None, minimum: int
) -> History:
    """One alliance's rows in columns; `minimum`: the privacy threshold k. Raises TableError."""
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


def _asked(table: Table, rows: Sequence[Row]) -> Asking:
    """Hold the rows of posts.csv."""
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

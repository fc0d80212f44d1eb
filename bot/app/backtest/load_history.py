"""Load a backtest's tables as a history that the rules can judge: rounds, rosters and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.app.backtest.csv_tables import POSTS, RESPONSES, ROSTER, Grouped, Row, Table
from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Asked, Invitation
from bot.questions.bank import Bank, load_builtin
from bot.scoring.answer_matrix import History, build_columns

FIRST_DAY = date(2001, 1, 1)
"""Week 0 of a history; weeks are counted, so any day will do."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of a backtest; without posts the bank's items were asked when answered, without a
    roster people were there from their first to their last answer.
    """

    responses: Table
    posts: Table | None
    roster: Table | None

    @classmethod
    def name_files(cls, responses: Path, posts: Path | None, roster: Path | None) -> "Tables":
        return cls(
            Table(responses, RESPONSES),
            Table(posts, POSTS) if posts else None,
            Table(roster, ROSTER) if roster else None,
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """One alliance's rows of each table; None for a table that was not given."""

    answers: Sequence[Row]
    posts: Sequence[Row] | None
    roster: Sequence[Row] | None

    @classmethod
    def pick(cls, alliance: str, answers: Grouped, posts: Grouped | None, roster: Grouped | None) -> "Rows":
        return cls(
            answers.get(alliance, ()),
            None if posts is None else posts.get(alliance, ()),
            None if roster is None else roster.get(alliance, ()),
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """The items asked in each week of one alliance."""

    items: Mapping[int, Sequence[Item]]
    holidays: frozenset[int]
    weeks: tuple[int, ...]
    """In order; the place of a week is the index of its round."""


def load_asking(tables: Tables, rows: Rows) -> Asking:
    """Build the rounds of one alliance from its rows. Raises TableError."""
    if tables.posts and rows.posts is not None:
        return _read_posts(tables.posts, rows.posts)
    return _infer_asking(tables.responses, rows.answers, load_builtin())


def load_history(tables: Tables, asking: Asking, rows: Rows, minimum: int) -> History:
    """Arrange one alliance's rows in columns; `minimum`: the privacy threshold k. Raises TableError."""
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
    items = tuple({item.id: item for round_asked in asked for item in round_asked.items}.values())
    answers, responded = _read_answers(tables.responses, asking, place, rows.answers)
    invited = (
        _read_roster(tables.roster, asking, place, rows.roster)
        if tables.roster and rows.roster is not None
        else _infer_roster(answers)
    )
    sides = {
        side: build_columns(
            asked,
            items,
            [answer for answer in answers if answer.side is side],
            [invitation for invitation in invited if invitation.side is side],
            responded,
        )
        for side in Side
    }
    return History(asked, items, sides)


def _read_posts(table: Table, rows: Sequence[Row]) -> Asking:
    """Read the rounds from the rows of posts.csv."""
    items, holidays = dict[int, list[Item]](), set[int]()
    for line, _, week_text, key, dimension, reverse, holiday in rows:
        week = table.parse_number(line, "week", week_text)
        for column, text in (("item", key), ("dimension", dimension)):
            if not text:
                raise table.refuse_cell(line, column, "is empty")
        asked = items.setdefault(week, [])
        if any(item.key == key for item in asked):
            raise table.refuse_cell(line, "item", f"{key!r} is asked twice in week {week}")
        asked.append(Item(key, 1, dimension, key, "core", table.parse_flag(line, "reverse", reverse)))
        if table.parse_flag(line, "holiday", holiday):
            holidays.add(week)
    return Asking(items, frozenset(holidays), tuple(sorted(items)))


def _infer_asking(table: Table, rows: Sequence[Row], bank: Bank) -> Asking:
    """Take the bank's items as asked in the weeks in which they were answered."""
    known = {item.key: item for item in bank.items if item.kind != "open"}
    items: dict[int, dict[str, Item]] = {}
    for line, _, _, _, week, key, _ in rows:
        if key not in known:
            raise table.refuse_cell(line, "item", f"{key!r} is not in the bank; give --posts for other items")
        items.setdefault(table.parse_number(line, "week", week), {})[key] = known[key]
    return Asking(
        {w: tuple(week_items.values()) for w, week_items in items.items()}, frozenset(), tuple(sorted(items))
    )


def _read_answers(
    table: Table, asking: Asking, place: Mapping[int, int], rows: Sequence[Row]
) -> tuple[list[Answer], set[tuple[str, int]]]:
    """Return valid answers, and who answered anything when; an empty value is "can't judge"."""
    ids = {(week, item.key): item.id for week, items in asking.items.items() for item in items}
    sides = {side.value: side for side in Side}
    values = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "": 0}
    weeks = {str(week): week for week in asking.weeks}
    answers, responded = [], set()
    for line, _, side, person, week_text, key, value in rows:
        if side not in sides:
            raise table.refuse_cell(line, "side", f"{side!r} is neither sponsor nor cro")
        if not person:
            raise table.refuse_cell(line, "person", "is empty")
        week = weeks[week_text] if week_text in weeks else table.parse_number(line, "week", week_text)
        if (week, key) not in ids:
            raise table.refuse_cell(line, "item", f"{key!r} was not asked in week {week}")
        if value not in values:
            raise table.refuse_cell(line, "value", f'{value!r} is not 1 to 5 (or empty for "can\'t judge")')
        responded.add((person, place[week]))
        if value:
            answers.append(Answer(sides[side], person, place[week], ids[week, key], values[value]))
    return answers, responded


def _read_roster(
    table: Table, asking: Asking, place: Mapping[int, int], rows: Sequence[Row]
) -> list[Invitation]:
    invited = []
    for line, _, side, person, first_text, last_text in rows:
        if side not in list(Side):
            raise table.refuse_cell(line, "side", f"{side!r} is neither sponsor nor cro")
        first, last = (
            table.parse_number(line, "from_week", first_text),
            table.parse_number(line, "to_week", last_text),
        )
        if last < first:
            raise table.refuse_cell(line, "to_week", f"{last} is before from_week {first}")
        invited += [Invitation(Side(side), person, place[w]) for w in asking.weeks if first <= w <= last]
    return invited


def _infer_roster(answers: Sequence[Answer]) -> list[Invitation]:
    spans: dict[tuple[Side, str], tuple[int, int]] = {}
    for answer in answers:
        first, last = spans.get((answer.side, answer.person), (answer.round, answer.round))
        spans[answer.side, answer.person] = min(first, answer.round), max(last, answer.round)
    return [
        Invitation(side, person, round_index)
        for (side, person), (first, last) in spans.items()
        for round_index in range(first, last + 1)
    ]

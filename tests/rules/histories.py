"""Whole histories for tests: the golden alarm data, and made-up alliances."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.app.backtest.generate import Change, World, is_holiday, make_crowd, simulate_history
from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Asked, Invitation, Record
from bot.questions.bank import load_builtin
from bot.questions.rotation import rotate_items
from bot.scoring.answer_matrix import History
from tests.rules.records import asked, item, record

GOLDEN = Path(__file__).parent / "data" / "golden_alert"


def rows(name: str, alliance: str) -> Iterator[dict[str, str]]:
    with (GOLDEN / name).open() as file:
        yield from (row for row in csv.DictReader(file) if row["alliance"] == alliance)


def golden_record(alliance: str) -> Record:
    """The whole golden history of an alliance as one record."""
    items: dict[int, list[Item]] = defaultdict(list)
    holidays = set()
    for row in rows("posts.csv", alliance):
        items[int(row["week"])].append(item(row["item"], row["dimension"], row["reverse"] == "1"))
        if row["holiday"] == "1":
            holidays.add(int(row["week"]))
    rounds = [asked(week, asking, holiday=week in holidays) for week, asking in sorted(items.items())]
    answers = [
        Answer(Side(row["side"]), row["person"], int(row["week"]), f"{row['item']}@1", int(row["value"]))
        for row in rows("responses.csv", alliance)
    ]
    roster = [
        Invitation(Side(row["side"]), row["person"], week)
        for row in rows("roster.csv", alliance)
        for week in range(int(row["from_week"]), int(row["to_week"]) + 1)
    ]
    return record(rounds, answers, roster=tuple(roster))


def bank_rounds(weeks: int, minimum: int = 5) -> tuple[Asked, ...]:
    """Rounds of the built-in bank a week apart, supplements and holidays included."""
    return tuple(
        asked(week, rotate_items(load_builtin(), week, 3), minimum, is_holiday(week)) for week in range(weeks)
    )


def simulated(world: World, seed: int, weeks: int, *changes: Change) -> History:
    """A made-up alliance's history."""
    return simulate_history(make_crowd(world, seed, weeks, changes), bank_rounds(weeks))

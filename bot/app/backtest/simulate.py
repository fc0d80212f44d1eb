"""Write made-up answers of alliances that do not exist as the tables that a backtest reads: `pulse simulate`."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.app.backtest.csv_tables import POSTS, RESPONSES, ROSTER
from bot.app.backtest.generate import Change, Crowd, World, is_holiday, make_crowd
from bot.model.alliance import Item
from bot.questions.bank import load_builtin
from bot.questions.rotation import rotate_items

HEADERS = {
    "responses.csv": RESPONSES,
    "posts.csv": POSTS,
    "roster.csv": ROSTER,
}


def simulate_tables(
    folder: Path,
    alliances: int,
    weeks: int,
    seed: int,
    world: World | None = None,
    changes: Sequence[Change] = (),
    progress: bool = True,
) -> int:
    """Write the three tables into `folder`, made if need be; return the number of answers.

    The same seed makes the same tables.

    Each week asks three core items of the built-in bank in its rotation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = [rotate_items(load_builtin(), week, 3)[:3] for week in range(weeks)]
    answers = 0
    with ExitStack() as stack:
        files = {
            name: csv.writer(stack.enter_context((folder / name).open("w", newline="", encoding="utf-8")))
            for name in HEADERS
        }
        for name, header in HEADERS.items():
            files[name].writerow(header)
        for number in tqdm(
            range(alliances), desc="simulating", unit=" alliances", disable=None if progress else True
        ):
            name, people = f"A{number:04d}", make_crowd(world or World(), seed + number, weeks, changes)
            rows = list(_list_responses(name, people, items))
            answers += len(rows)
            files["responses.csv"].writerows(rows)
            files["posts.csv"].writerows(_list_posts(name, items))
            files["roster.csv"].writerows(_list_people(name, people))
    return answers


def _list_responses(
    alliance: str, people: Crowd, items: Iterable[Sequence[Item]]
) -> Iterator[tuple[Any, ...]]:
    for week, asked in enumerate(items):
        for answer in people.answer_week(week, asked, is_holiday(week)):
            yield alliance, answer.side.value, answer.person, week, answer.item.key, answer.value or ""


def _list_posts(alliance: str, items: Iterable[Sequence[Item]]) -> Iterator[tuple[Any, ...]]:
    for week, asked in enumerate(items):
        for item in asked:
            yield alliance, week, item.key, item.dimension, int(item.reverse), int(is_holiday(week))


def _list_people(alliance: str, people: Crowd) -> Iterator[tuple[Any, ...]]:
    for name, side, present in zip(people.names, people.sides, people.present, strict=True):
        weeks = present.nonzero()[0]
        yield alliance, side.value, name, int(weeks[0]), int(weeks[-1])

"""`pulse simulate`: made-up answers of alliances that do not exist, as the tables that a backtest reads."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.app.backtest.csv_tables import POSTS, RESPONSES, ROSTER
from bot.app.backtest.generate import Change, Crowd, World, crowd, holiday
from bot.model.alliance import Item
from bot.questions.bank import builtin
from bot.questions.rotation import items_for

HEADERS = {
    "responses.csv": RESPONSES,
    "posts.csv": POSTS,
    "roster.csv": ROSTER,
}


def run(
    folder: Path,
    alliances: int,
    weeks: int,
    seed: int,
    world: World | None = None,
    changes: Sequence[Change] = (),
    progress: bool = True,
) -> int:
    """Write the three tables into `folder`, made if need be; how many answers. The same seed, the same tables.

    Each week asks three core items of the built-in bank in its rotation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = [items_for(builtin(), week, 3)[:3] for week in range(weeks)]
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
            name, people = f"A{number:04d}", crowd(world or World(), seed + number, weeks, changes)
            rows = list(_responses(name, people, items))
            answers += len(rows)
            files["responses.csv"].writerows(rows)
            files["posts.csv"].writerows(_posts(name, items))
            files["roster.csv"].writerows(_roster(name, people))
    return answers


def _responses(alliance: str, people: Crowd, items: Iterable[Sequence[Item]]) -> Iterator[tuple[Any, ...]]:
    for week, asked in enumerate(items):
        for one in people.week(week, asked, holiday(week)):
            yield alliance, one.side.value, one.person, week, one.item.key, one.value or ""


def _posts(alliance: str, items: Iterable[Sequence[Item]]) -> Iterator[tuple[Any, ...]]:
    for week, asked in enumerate(items):
        for item in asked:
            yield alliance, week, item.key, item.dimension, int(item.reverse), int(holiday(week))


def _roster(alliance: str, people: Crowd) -> Iterator[tuple[Any, ...]]:
    for name, side, present in zip(people.names, people.sides, people.present, strict=True):
        weeks = present.nonzero()[0]
        yield alliance, side.value, name, int(weeks[0]), int(weeks[-1])

"""Release answers as numbers, the first half of the privacy gate. Every answer is counted in at most one
published number, together with at least four others, so no subtraction can isolate fewer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from statistics import fmean
from typing import Literal

import numpy as np

from bot.model.alliance import Item, Side
from bot.model.closing import Cell, Release
from bot.scoring.agreement import measure_agreement, measure_favourable
from bot.scoring.answer_matrix import Columns, History, find_current, scale_answers

FLOOR = 5
"""No threshold is lower than this."""
BLOCK_ROUNDS = 8
"""Answers that could not be released within so many rounds expire unshown."""
QUARTER = 13
"""Rounds for which an alliance stays pooled, or its sides apart."""
DIVIDED = 0.30
"""r_wg below which a side is called divided."""
_ONE_SIDED: Mapping[str, Side] = {"sponsor": Side.SPONSOR, "cro": Side.CRO}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that no published number has counted."""

    side: Side
    row: int
    """Its row in the side's columns."""
    item: int
    """Place of the item in the history's `items`."""
    person: str
    round: int
    value: float
    """0 … 100."""


@dataclass(frozen=True, slots=True)
class Block:
    """A release and the answers that it uses up."""

    release: Release
    answers: tuple[Waiting, ...]


def release_cells(
    history: History,
    waiting: Mapping[Side, Sequence[int]],
    leads: frozenset[str],
    pooled: bool = False,
) -> tuple[Block, ...]:
    """Release at the closing of the judged round: one block for each cell with enough people.

    `waiting` has the rows of each side's columns that were never released.
    """
    recent = history.list_recent(BLOCK_ROUNDS)
    minimum = {item.index: item.minimum for item in recent}
    shared = {item.index: item.shared for item in recent}
    found = []
    for cell, answers in _group_answers(history, waiting, pooled).items():
        values = average_items(answers)
        people = len(values.keys() - leads)
        if people >= max(FLOOR, *(minimum[answer.round] for answer in answers)):
            release = _make_release(cell, history, list(values.values()), people)
            is_shared = all(shared[answer.round] for answer in answers)
            found.append(Block(replace(release, shared=is_shared), tuple(answers)))
    return tuple(found)


def average_items(answers: Iterable[Waiting]) -> dict[str, float]:
    """Return each person's mean over the items of a cell, 0 … 100, every item by its newest answer."""
    newest = {
        (answer.person, answer.item): answer.value
        for answer in sorted(answers, key=lambda answer: (answer.round, answer.row))
    }
    values: dict[str, list[float]] = {}
    for (person, _), value in newest.items():
        values.setdefault(person, []).append(value)
    return {person: fmean(given) for person, given in values.items()}


def is_pooled_at(pooled: bool, released: Sequence[Release], round_index: int) -> bool:
    """Return whether the alliance is pooled at a closing; the mode its numbers began in holds for a quarter.

    `pooled` is what is declared; `released` are the numbers until then, oldest first.
    """
    if not released:
        return pooled
    mode = released[-1].cell.side is None
    run = takewhile(lambda release: (release.cell.side is None) is mode, reversed(released))
    return pooled if round_index - min(release.round for release in run) >= QUARTER else mode


def find_band(people: int) -> Literal[5, 10, 20]:
    """Return the lower bound of the band that is shown instead of a number of people: 5–9, 10–19, 20 and more."""
    return 20 if people >= 20 else 10 if people >= 10 else 5


def is_measured(item: Item, side: Side, pooled: bool = False) -> bool:
    """Return whether an answer of this side to this item counts; items for one side only are never pooled."""
    if item.kind in _ONE_SIDED:
        return not pooled and _ONE_SIDED[item.kind] is side
    return item.kind != "open"


def _group_answers(
    history: History, waiting: Mapping[Side, Sequence[int]], pooled: bool
) -> dict[Cell, list[Waiting]]:
    recent = history.list_recent(BLOCK_ROUNDS)
    items = find_current(recent, history.items)
    cells: dict[Cell, list[Waiting]] = {}
    for side, columns in history.sides.items():
        groups: dict[int, list[Waiting]] = {
            i: cells.setdefault(Cell(None if pooled else side, history.items[i].dimension), [])
            for i in sorted(items)
            if is_measured(history.items[i], side, pooled)
        }
        for item, answer in _list_waiting(columns, side, waiting[side], recent[0].index, recent[-1].index):
            if item in groups:
                groups[item].append(answer)
    return {cell: answers for cell, answers in cells.items() if answers}


def _list_waiting(
    columns: Columns, side: Side, rows: Sequence[int], first: int, last: int
) -> Iterator[tuple[int, Waiting]]:
    """Yield the answers in these rows that were given in the rounds first … last, each with its item."""
    places = np.asarray(rows, dtype=np.int64)
    table = zip(
        places.tolist(),
        columns.items[places].tolist(),
        columns.people[places].tolist(),
        columns.rounds[places].tolist(),
        columns.values[places].tolist(),
        strict=True,
    )
    for row, item, person, round_index, value in table:
        if first <= round_index <= last:
            yield item, Waiting(side, row, item, columns.names[person], round_index, scale_answers(value))


def _make_release(cell: Cell, history: History, values: list[float], people: int) -> Release:
    return Release(
        cell,
        history.now.index,
        history.now.slot,
        sum(values) / len(values),
        find_band(people),
        measure_favourable(values, find_band(people)) if cell.side and people >= 10 else None,
        (measure_agreement(values) or 0.0) < DIVIDED if cell.side and people >= 8 else None,
    )

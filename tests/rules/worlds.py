"""Worlds to audit, and twins of them: the same blocks, the same sums, other answers of every single person."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from bot.app.backtest.generate import Change, World
from bot.closing.replay import Lived, replay_rounds
from bot.model.alliance import Side
from bot.privacy.release_gate import Block
from bot.scoring.answer_matrix import History
from tests.rules.histories import simulated

LEADS = frozenset({"sponsor-0-0", "cro-0-0"})
WORLDS: dict[str, tuple[World, int, tuple[Change, ...]]] = {
    "ten answers a side": (World(), 1, ()),
    "five answers a side": (World(people=(8, 8)), 2, ()),
    "five people against thirty-six": (World(people=(5, 36)), 3, ()),
    "people coming and going": (
        World(people=(14, 11), leaving=0.05),
        4,
        (Change(20, response=0.4, last=30),),
    ),
}


def world(name: str, weeks: int) -> History:
    made, seed, changes = WORLDS[name]
    return simulated(made, seed, weeks, *changes)


def replayed(past: History) -> tuple[Lived, ...]:
    return tuple(replay_rounds(past, LEADS))


def turned_within_blocks(past: History, shift: float = 0.0) -> tuple[History, int]:
    """A twin in which people other than leads have each other's answers, block by block; how many got another one.

    Whoever sees the same in both cannot know which of the two is true. `shift` spoils the first of each block.
    """
    values = {side: past.sides[side].values.copy() for side in Side}
    for lived in replayed(past):
        for block in lived.outcome.blocks:
            for side, rows in _counted(block).items():
                values[side][rows] = np.roll(values[side][rows], 1)
                values[side][rows[:1]] = np.clip(values[side][rows[:1]] + shift, 1, 5)
    turned = sum(int((values[side] != past.sides[side].values).sum()) for side in Side)
    sides = {side: replace(columns, values=values[side]) for side, columns in past.sides.items()}
    return replace(past, sides=sides), turned


def _counted(block: Block) -> dict[Side, list[int]]:
    """Rows of the answers in a number: of each person the latest, leads' left alone."""
    latest: dict[str, tuple[int, int, Side]] = {}
    for answer in block.answers:
        if answer.person not in LEADS:
            latest[answer.person] = max(
                latest.get(answer.person, (-1, -1, answer.side)), (answer.round, answer.row, answer.side)
            )
    rows: dict[Side, list[int]] = defaultdict(list)
    for _, row, side in latest.values():
        rows[side].append(row)
    return rows

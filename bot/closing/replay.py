"""Replay a whole history, closing by closing, with the rules of live rounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bot.alarms.state import State
from bot.closing.close_round import RoundOutcome, judge_round
from bot.model.alliance import Reading, Side
from bot.model.closing import Release
from bot.privacy.pairing import HELD_ROUNDS
from bot.privacy.release_gate import BLOCK_ROUNDS
from bot.scoring.answer_matrix import Bools, History


@dataclass(frozen=True, slots=True)
class Lived:
    """One closing of a replay."""

    history: History
    """Up to this round."""
    outcome: RoundOutcome
    released: tuple[Release, ...]
    """What can be seen after this closing was released by one of these: fresh or held."""


def replay_rounds(
    past: History,
    leads: frozenset[str] = frozenset(),
    readings: tuple[Reading, ...] = (),
    pooled: bool = False,
) -> Iterator[Lived]:
    """Close every round of `past` in order."""
    state = State()
    released: tuple[Release, ...] = ()
    spent = {side: np.zeros(past.sides[side].rounds.size, dtype=bool) for side in Side}
    for place in range(len(past.asked)):
        now = replace(past, place=place)
        outcome = judge_round(now, _find_waiting(now, spent), leads, released, readings, state, pooled)
        for block in outcome.blocks:
            for answer in block.answers:
                spent[answer.side][answer.row] = True
        state = outcome.state
        kept = (release for release in released if now.now.index - release.round <= HELD_ROUNDS)
        released = (*kept, *outcome.releases)
        yield Lived(now, outcome, released)


def _find_waiting(now: History, spent: Mapping[Side, Bools]) -> dict[Side, list[int]]:
    recent = now.list_recent(BLOCK_ROUNDS)
    rows = {side: now.sides[side].find_rows(recent[0].index, recent[-1].index) for side in Side}
    return {side: (np.flatnonzero(~spent[side][part]) + part.start).tolist() for side, part in rows.items()}

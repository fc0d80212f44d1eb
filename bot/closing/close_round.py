"""The closing of a round: a record goes in, what is released and judged comes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.alarms.blind_spot import judge_blind_spots
from bot.alarms.episodes import Ended, find_ended
from bot.alarms.evidence import explained
from bot.alarms.judge import judge
from bot.alarms.mood_trend import mood_lines
from bot.alarms.state import State, recall, remember
from bot.model.alliance import Reading, Side
from bot.model.closing import Alarm, AnswerKey, Cell, Closing, MoodLine, Record, Recovery, Release
from bot.privacy.comment_gate import comment_blocks
from bot.privacy.pairing import visible
from bot.privacy.release_gate import Block, blocks, in_force
from bot.scoring.answer_matrix import History, history, keys


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """What came out of a round: `Closing` before it is put into the store's terms."""

    blocks: tuple[Block, ...]
    alarms: tuple[Alarm, ...]
    mood: tuple[MoodLine, ...]
    state: State
    recoveries: tuple[Recovery, ...] = ()

    @property
    def releases(self) -> tuple[Release, ...]:
        return tuple(block.release for block in self.blocks)


def close(record: Record) -> Closing:
    """Judge the round `record.asked[-1]`. Pure: the same record always closes the same way."""
    past = history(record)
    waiting = {side: _waiting(past, side, record.spent) for side in Side}
    outcome = judge_round(
        past,
        waiting,
        record.leads,
        record.released,
        record.readings,
        recall(record.memory),
        in_force(record.pooled, record.released, past.now.index),
    )
    return Closing(
        outcome.releases,
        _spent(past, outcome.blocks),
        outcome.alarms,
        outcome.mood,
        remember(outcome.state),
        comment_blocks(past, record.comments, record.leads),
        outcome.recoveries,
    )


def judge_round(
    past: History,
    waiting: Mapping[Side, Sequence[int]],
    leads: frozenset[str],
    released: tuple[Release, ...],
    readings: Iterable[Reading],
    state: State,
    pooled: bool,
) -> RoundOutcome:
    """Releases first, then alarms that name nothing finer than what can be seen after these releases.

    `waiting` has the rows of each side's answers that no release has counted; `released` is oldest first.
    """
    now = past.now
    found = blocks(past, waiting, leads, pooled)
    fresh = tuple(block.release for block in found)
    shown: frozenset[Cell] = frozenset(visible((*released, *fresh), now.index))
    judged = judge(past, state, shown, pooled)
    state, blind = judge_blind_spots(judged.state, now, fresh)
    ended = (*judged.ended, *find_ended(judged.state, state, now.index))
    state, lines = mood_lines(state, past.recent(len(past.asked)), readings)
    alarms = tuple(explained(one, past) for one in (*judged.alarms, *blind))
    return RoundOutcome(found, alarms, lines, state, tuple(_date_recovery(one, past) for one in ended))


def _date_recovery(ended: Ended, past: History) -> Recovery:
    return Recovery(ended.kind, next((one.slot for one in past.asked if one.index == ended.round), None))


def _waiting(past: History, side: Side, spent: frozenset[AnswerKey]) -> list[int]:
    columns = past.sides[side]
    named = keys(columns, past.items, range(columns.rounds.size))
    return [row for row, key in enumerate(named) if key not in spent]


def _spent(past: History, found: Iterable[Block]) -> frozenset[AnswerKey]:
    return frozenset(
        key
        for block in found
        for side in Side
        for key in keys(past.sides[side], past.items, [a.row for a in block.answers if a.side is side])
    )

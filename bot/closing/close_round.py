"""Close a round: take its record, return what is released and judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.alarms.blind_spot import judge_blind_spots
from bot.alarms.episodes import Ended, find_ended
from bot.alarms.evidence import explain_alarm
from bot.alarms.judge import judge_alarms
from bot.alarms.mood_trend import judge_mood
from bot.alarms.state import State, pack_memory, unpack_memory
from bot.model.alliance import Reading, Side
from bot.model.closing import Alarm, AnswerKey, Cell, Closing, MoodLine, Record, Recovery, Release
from bot.privacy.comment_gate import release_comments
from bot.privacy.pairing import find_visible
from bot.privacy.release_gate import Block, is_pooled_at, release_cells
from bot.scoring.answer_matrix import History, build_history, name_answers


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """The outcome of a round: `Closing` before it is put into the store's terms."""

    blocks: tuple[Block, ...]
    alarms: tuple[Alarm, ...]
    mood: tuple[MoodLine, ...]
    state: State
    recoveries: tuple[Recovery, ...] = ()

    @property
    def releases(self) -> tuple[Release, ...]:
        return tuple(block.release for block in self.blocks)


def close_record(record: Record) -> Closing:
    """Judge the round `record.asked[-1]`. Pure: the same record always closes the same way."""
    past = build_history(record)
    waiting = {side: _find_waiting(past, side, record.spent) for side in Side}
    outcome = judge_round(
        past,
        waiting,
        record.leads,
        record.released,
        record.readings,
        unpack_memory(record.memory),
        is_pooled_at(record.pooled, record.released, past.now.index),
    )
    return Closing(
        outcome.releases,
        _list_spent(past, outcome.blocks),
        outcome.alarms,
        outcome.mood,
        pack_memory(outcome.state),
        release_comments(past, record.comments, record.leads),
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
    """Release first, then raise alarms that name nothing finer than what can be seen after these releases.

    `waiting` has the rows of each side's answers that no release has counted; `released` is oldest first.
    """
    now = past.now
    found = release_cells(past, waiting, leads, pooled)
    fresh = tuple(block.release for block in found)
    shown: frozenset[Cell] = frozenset(find_visible((*released, *fresh), now.index))
    judged = judge_alarms(past, state, shown, pooled)
    state, blind = judge_blind_spots(judged.state, now, fresh)
    ended = (*judged.ended, *find_ended(judged.state, state, now.index))
    state, lines = judge_mood(state, past.list_recent(len(past.asked)), readings)
    alarms = tuple(explain_alarm(alarm, past) for alarm in (*judged.alarms, *blind))
    return RoundOutcome(
        found, alarms, lines, state, tuple(_date_recovery(recovery, past) for recovery in ended)
    )


def _date_recovery(ended: Ended, past: History) -> Recovery:
    return Recovery(
        ended.kind, next((asked.slot for asked in past.asked if asked.index == ended.round), None)
    )


def _find_waiting(past: History, side: Side, spent: frozenset[AnswerKey]) -> list[int]:
    columns = past.sides[side]
    named = name_answers(columns, past.items, range(columns.rounds.size))
    return [row for row, key in enumerate(named) if key not in spent]


def _list_spent(past: History, found: Iterable[Block]) -> frozenset[AnswerKey]:
    return frozenset(
        key
        for block in found
        for side in Side
        for key in name_answers(
            past.sides[side], past.items, [a.row for a in block.answers if a.side is side]
        )
    )

"""Arrange an alliance's answers in columns, a side at a time, for scores, gate and alarms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.model.alliance import Answer, Item, Side
from bot.model.closing import AnswerKey, Asked, Invitation, Record

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Columns:
    """Answers of one side, one row each, ordered by round, item and person."""

    rounds: Ints
    """Index of the round."""
    people: Ints
    """Place of the person in `names`."""
    items: Ints
    """Place of the item in the history's `items`."""
    values: Floats
    """1 … 5, reverse-keyed items turned."""
    names: tuple[str, ...]
    """Pseudonyms."""
    present: Bools
    """People × rounds of the history: on the roster."""
    responded: Bools
    """People × rounds of the history: answered anything while on the roster."""

    def find_rows(self, first: int, last: int) -> slice:
        """Return the rows of the rounds first … last, both included."""
        low, high = np.searchsorted(self.rounds, (first, last + 1)).tolist()
        return slice(low, high)

    def find_answerers(self, first: int, last: int) -> frozenset[int]:
        """Return the people who answered an item in the rounds first … last, as places in `names`."""
        return frozenset(self.people[self.find_rows(first, last)].tolist())


@dataclass(frozen=True, slots=True)
class History:
    """Both sides' answers to the rounds asked, the round to be judged last."""

    asked: tuple[Asked, ...]
    items: tuple[Item, ...]
    sides: Mapping[Side, Columns]
    place: int = -1
    """Place in `asked` of the round to be judged."""

    @property
    def now(self) -> Asked:
        return self.asked[self.place]

    def list_recent(self, rounds: int) -> tuple[Asked, ...]:
        """Return the last `rounds` rounds, the judged one included, in order."""
        end = self.place % len(self.asked) + 1
        return self.asked[max(0, end - rounds) : end]


def build_history(record: Record) -> History:
    """Arrange the record in columns. Raises ValueError for a value other than 1 … 5."""
    items = tuple({item.id: item for asked in record.asked for item in asked.items}.values())
    sides = {
        side: build_columns(
            record.asked,
            items,
            [answer for answer in record.answers if answer.side is side],
            [invitation for invitation in record.roster if invitation.side is side],
            record.responded,
        )
        for side in Side
    }
    return History(record.asked, items, sides)


def build_columns(
    asked: Sequence[Asked],
    items: Sequence[Item],
    answers: Iterable[Answer],
    roster: Iterable[Invitation],
    responded: Iterable[tuple[str, int]],
) -> Columns:
    """Arrange one side's answers; an answer given twice counts once, one to a question not asked never."""
    open_items = {
        (round_asked.index, item.id)
        for round_asked in asked
        for item in round_asked.items
        if item.kind != "open"
    }
    place = {item.id: number for number, item in enumerate(items)}
    reverse = [item.reverse for item in items]
    roster = tuple(roster)
    chosen = {(a.round, place[a.item], a.person): a.value for a in answers if (a.round, a.item) in open_items}
    names = tuple(sorted({person for _, _, person in chosen} | {invitation.person for invitation in roster}))
    who = {name: number for number, name in enumerate(names)}
    rows = sorted(
        (round_index, item, who[person], value) for (round_index, item, person), value in chosen.items()
    )
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Columns(
        table[:, 0],
        table[:, 2],
        table[:, 1],
        turn_reversed(table[:, 3], np.array([reverse[item] for _, item, _, _ in rows], dtype=bool)),
        names,
        *_mark_attendance(asked, who, roster, responded),
    )


def turn_reversed(values: Ints, reverse: Bools) -> Floats:
    """Return values 1 … 5 with reverse-keyed ones turned, 6 − v. Raises ValueError for anything but 1 … 5."""
    if values.size and not (values.min() >= 1 and values.max() <= 5):
        raise ValueError("an answer is a whole number from 1 to 5")
    return np.where(reverse, 6 - values, values).astype(np.float64)


def scale_answers(values: Number) -> Number:
    """Return answers on 0 … 100: 25·(v − 1), v from 1 to 5."""
    return 25.0 * (values - 1.0)


def name_answers(side: Columns, items: Sequence[Item], rows: Iterable[int]) -> list[AnswerKey]:
    """Return the store's keys of the answers in these rows."""
    return [(side.names[side.people[i]], int(side.rounds[i]), items[side.items[i]].id) for i in rows]


def find_current(asked: Iterable[Asked], items: Sequence[Item]) -> frozenset[int]:
    """Return the places of the items asked in these rounds (in order), of each key only the newest version."""
    newest = {item.key: item.id for round_asked in asked for item in round_asked.items}
    return frozenset(number for number, item in enumerate(items) if newest.get(item.key) == item.id)


def _mark_attendance(
    asked: Sequence[Asked],
    who: Mapping[str, int],
    roster: Sequence[Invitation],
    responded: Iterable[tuple[str, int]],
) -> tuple[Bools, Bools]:
    place = {round_asked.index: number for number, round_asked in enumerate(asked)}
    present = np.zeros((len(who), len(asked)), dtype=bool)
    answered = np.zeros_like(present)
    for invitation in roster:
        if invitation.round in place:
            present[who[invitation.person], place[invitation.round]] = True
    for person, round_index in responded:
        if person in who and round_index in place:
            answered[who[person], place[round_index]] = True
    return present, answered & present

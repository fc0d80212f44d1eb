"""Records and histories for tests, from the fewest words."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Asked, Memory, Record
from bot.scoring.answer_matrix import History, build_history
from bot.scoring.window import WindowScore, core_dimensions, score_values, side_values

START = date(2026, 1, 6)


def item(key: str, dimension: str = "", reverse: bool = False, kind: str = "core", version: int = 1) -> Item:
    return Item(key, version, dimension or key, f"About {key}.", kind, reverse)  # type: ignore[arg-type]


def asked(index: int, items: Iterable[Item], minimum: int = 5, holiday: bool = False) -> Asked:
    return Asked(index, tuple(items), START + timedelta(weeks=index), minimum, holiday)


def record(rounds: Iterable[Asked], answers: Iterable[Answer], **more: object) -> Record:
    answers = tuple(answers)
    values: dict[str, object] = {
        "responded": frozenset((answer.person, answer.round) for answer in answers),
        "spent": frozenset(),
        "comments": (),
        "roster": (),
        "leads": frozenset(),
        "released": (),
        "readings": (),
        "memory": Memory(),
    }
    return Record(asked=tuple(rounds), answers=answers, **{**values, **more})  # type: ignore[arg-type]


def golden_history(answers: Iterable[list[object]], items: Mapping[str, list[object]], now: int) -> History:
    """Answers as golden.json writes them; every item is asked in every round 0 … now."""
    bank = {key: item(key, str(dimension), bool(reverse)) for key, (dimension, reverse) in items.items()}
    given = [
        Answer(Side(str(side)), str(person), int(str(round)), bank[str(key)].id, int(str(value)))
        for side, person, round, key, value in answers
    ]
    return build_history(record((asked(i, bank.values()) for i in range(now + 1)), given))


def score_window(history: History, minimum: int, weights: Mapping[str, float] | None = None) -> WindowScore:
    """Score the window of the judged round, as a closing does; `minimum`: people a side for a dimension to count."""
    values, dimensions = side_values(history), core_dimensions(history)
    return score_values(values[Side.SPONSOR], values[Side.CRO], dimensions, minimum, weights)

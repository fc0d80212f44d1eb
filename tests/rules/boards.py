"""Make releases and answers for boards, and list the numbers of a view."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta

from bot.closing.close_round import close_record
from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Cell, Release
from bot.privacy.board import Board, make_board
from bot.privacy.published import Shown
from bot.questions.bank import load_builtin
from tests.rules.records import START, asked, record

CORE = load_builtin().core
DIMENSIONS = [question.dimension for question in CORE]


def make_release(side: Side | None, dimension: str, value: float, round: int = 0, band: int = 5) -> Release:
    day = START + timedelta(weeks=round)
    return Release(Cell(side, dimension), round, day, value, band)  # type: ignore[arg-type]


def make_releases(value: float = 60.0, round: int = 0, band: int = 10) -> list[Release]:
    return [make_release(side, d, value, round, band) for side in Side for d in DIMENSIONS]


def shown_in(view: object) -> Iterable[Shown]:
    """Every number anywhere in a view."""
    if isinstance(view, Shown):
        yield view
    elif isinstance(view, dict):
        for value in view.values():
            yield from shown_in(value)
    elif isinstance(view, tuple | list):
        for value in view:
            yield from shown_in(value)
    elif is_dataclass(view):
        for declared_field in fields(view):
            yield from shown_in(getattr(view, declared_field.name))


def answers(side: Side, item: Item, values: Sequence[int], round: int = 0) -> list[Answer]:
    return [Answer(side, f"{side}{i}", round, item.id, value) for i, value in enumerate(values)]


def after(given: Iterable[Answer], leads: Iterable[str] = ()) -> Board:
    """The board after one round of three core items."""
    closing = close_record(record([asked(0, CORE[:3])], given, leads=frozenset(leads)))
    return make_board(closing.releases, 0, load_builtin())

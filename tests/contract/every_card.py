"""Every card that the bot can say, from the sentences' own functions, with any argument that their types allow.

A new function of `bot/wording` that makes a card is one of these by itself. Cards of numbers are made of released ones:
nothing else can be shown.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from bot import wording
from bot.alarms.evidence import Told
from bot.model.alliance import Alliance, Item, Organisation, Round, Side
from bot.model.cards import Card, Point
from bot.model.closing import Cell, Recovery, Release
from bot.model.milestone import Milestone
from bot.model.proposal import Proposal
from bot.privacy import published as shown
from bot.privacy.published import Shown
from bot.privacy.smoothing import begin_number
from bot.privacy.views import Track
from bot.questions.bank import load_builtin
from bot.wording import question
from bot.wording.loop.actions import ActionLine
from bot.wording.loop.alerts import AlertLine

Maker = Callable[..., Card]

AWKWARD = ("<!channel> & <@U1>", "**x** [y](z) {{DATE(2026-01-01)}} <at>A</at>", "\u202eשלום", "🙂" * 40)
"""What somebody may have written, or called something."""
ZONES = st.sampled_from(["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Asia/Kolkata"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
DIMENSIONS = st.sampled_from(sorted({asked.dimension for asked in load_builtin().items}))
KINDS = ("level", "sponsor", "cro", "gap", "blind_spot", "part_cro", "silent_sponsor", "dim:roles")


def words(longest: int) -> st.SearchStrategy[str]:
    awkward = st.sampled_from([text[:longest] for text in AWKWARD])
    return awkward | st.text(max_size=min(30, longest)) | st.just("x" * longest)


def makers() -> Iterator[tuple[str, Maker]]:
    """Public functions of the wording that make a card, by name."""
    for info in walk_packages(wording.__path__, "bot.wording."):
        module = import_module(info.name)
        for name, made in inspect.getmembers(module, inspect.isfunction):
            own = made.__module__ == module.__name__ and not name.startswith("_")
            if own and get_type_hints(made).get("return") is Card:
                yield f"{info.name.removeprefix('bot.wording.')}.{name}", made


def cards_of(maker: Maker) -> st.SearchStrategy[Card]:
    return st.builds(maker, **_fields(maker))


def _fields(made: Any, **known: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    hints = {
        name: hint for name, hint in get_type_hints(made).items() if name != "return" and hint is not KW_ONLY
    }
    return {name: known[name] if name in known else _any(hint) for name, hint in hints.items()}


def _any(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type."""
    if hint in _KNOWN:
        return _KNOWN[hint]()
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(inside)
    if origin in (Union, UnionType):
        return st.one_of(*map(_any, inside))
    if origin is tuple and inside[-1] is not Ellipsis:
        return st.tuples(*map(_any, inside))
    if origin in (tuple, Sequence):
        return st.lists(_any(inside[0]), max_size=4).map(tuple)
    if origin is frozenset:
        return st.frozensets(_any(inside[0]), max_size=3)
    if origin in (dict, Mapping):
        return st.dictionaries(*map(_any, inside), max_size=6)
    return _made(hint)


@cache
def _made(hint: Any) -> st.SearchStrategy[Any]:
    return st.builds(hint, **_fields(hint)) if is_dataclass(hint) else st.from_type(hint)


def _releases() -> st.SearchStrategy[Release]:
    values = st.floats(0, 100, allow_nan=False)
    cells = st.builds(Cell, st.sampled_from(Side), DIMENSIONS)
    return st.builds(Release, cells, st.integers(0, 60), DAYS, values, st.sampled_from([5, 10, 20]))


def _tracks() -> st.SearchStrategy[Track]:
    points = st.tuples(DAYS, st.none() | st.integers(10, 90).map(Point))
    return st.lists(points, max_size=30).map(
        lambda all: Track(tuple(at for at, _ in all), tuple(point for _, point in all))
    )


def _shown() -> st.SearchStrategy[Shown]:
    reasons = st.sampled_from([shown.NOT_ENOUGH, shown.NOT_ENOUGH_BOTH, shown.NOT_SHARED, shown.POOLED])
    return st.builds(shown.hide_number, reasons) | st.builds(
        shown.show_cell, _releases().map(begin_number), st.integers(0, 60)
    )


def _proposals() -> st.SearchStrategy[Proposal]:
    terms = st.sampled_from([("minimum", "7"), ("share", "on"), ("share", "off"), ("erase", "")])

    def made(term: tuple[Any, str], side: Side, at: datetime) -> Proposal:
        return Proposal("p1", "northwind-meridian", *term, side, at, at)

    return st.builds(made, terms, st.sampled_from(Side), MOMENTS)


def _alliances() -> st.SearchStrategy[Alliance]:
    keys = st.sampled_from(["northwind-meridian", "a" * 63])
    known = {"key": keys, "name": words(80), "timezone": ZONES, "vision": words(500), "bank": st.just("")}
    return st.builds(Alliance, **_fields(Alliance, **known, pulses=st.just(()), channels=st.just(())))


def _organisations() -> st.SearchStrategy[Organisation]:
    return st.builds(Organisation, words(80), st.just(frozenset()))


def _items() -> st.SearchStrategy[Item]:
    keys = st.sampled_from([asked.key for asked in load_builtin().items])
    return st.builds(Item, **_fields(Item, key=keys, dimension=DIMENSIONS, text=words(200)))


def _rounds() -> st.SearchStrategy[Round]:
    items = st.lists(_items(), min_size=1, max_size=5, unique_by=lambda question: question.id).map(tuple)
    return st.builds(Round, **_fields(Round, id=st.just("0123456789abcdef0123"), items=items))


def _told() -> st.SearchStrategy[Told]:
    ids, kinds = st.integers(0, 99).map(str), st.sampled_from(KINDS)
    return st.builds(Told, **_fields(Told, id=ids, kind=kinds, dimensions=st.lists(DIMENSIONS).map(tuple)))


def _alert_lines() -> st.SearchStrategy[AlertLine]:
    numbers, kinds = st.integers(0, 999).map(str), st.sampled_from(KINDS)
    return st.builds(AlertLine, **_fields(AlertLine, number=numbers, kind=kinds))


def _action_lines() -> st.SearchStrategy[ActionLine]:
    ids = st.just("0123456789ab")
    return st.builds(ActionLine, **_fields(ActionLine, id=ids, text=words(200), due=DAYS))


_KNOWN: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: words(300),
    int: lambda: st.integers(1, 5),
    datetime: lambda: MOMENTS,
    date: lambda: DAYS,
    NoneType: st.none,
    Card: lambda: cards_of(question.write_question),
    Shown: _shown,
    Track: _tracks,
    Proposal: _proposals,
    Alliance: _alliances,
    Organisation: _organisations,
    Item: _items,
    Round: _rounds,
    Told: _told,
    Recovery: lambda: st.builds(Recovery, st.sampled_from(KINDS), st.none() | DAYS),
    AlertLine: _alert_lines,
    Milestone: lambda: st.builds(Milestone, **_fields(Milestone, number=st.integers(0, 999), day=DAYS)),
    ActionLine: _action_lines,
    Sequence[AlertLine]: lambda: st.lists(_alert_lines(), min_size=1, max_size=4),
    Sequence[Recovery]: lambda: st.lists(
        st.builds(Recovery, st.sampled_from(KINDS), st.none() | DAYS), min_size=1, max_size=4
    ),
    Sequence[str]: lambda: st.lists(st.sampled_from(KINDS), max_size=4),
    Sequence[Told]: lambda: st.lists(_told(), min_size=1, max_size=4),
}
"""What is narrower than its type: what an operator may name, what the bank has, what the privacy gate makes."""

"""No card can hold a number that did not pass the privacy gate: nothing that wording is handed has one in it.

What mypy refuses is in tests/slow/test_types.py.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any, Literal, NewType, get_args, get_origin, get_type_hints

import pytest

import bot.use_cases
import bot.wording
from bot.model.alliance import Alliance, Item, Pulse, Round
from bot.model.cards import Card, Point
from bot.model.commands import KeptDays
from bot.privacy.published import Shown

MODULES = [
    importlib.import_module(f"bot.wording.{info.name}") for info in pkgutil.iter_modules(bot.wording.__path__)
]
FUNCTIONS = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]
DECLARED = (Alliance, Pulse, Round, Item, KeptDays)
"""What was declared or asked: whole numbers in it are settings and dates, nothing that people answered."""
THEIR_OWN = ("value", "chosen", "own")
"""What the reader answered, or is about to."""
HARMLESS = (str, bool, bytes, date, datetime, time, type(None))


def numbers_in(shape: Any, path: str) -> Iterator[str]:
    """Every place in a type where a number could be that the gate did not make."""
    origin = get_origin(shape)
    if shape in (Shown, Point, Card, Any, Ellipsis) or shape in DECLARED or origin is Literal:
        return
    if isinstance(shape, NewType):
        yield from numbers_in(shape.__supertype__, path)
    elif origin is not None:
        for part in get_args(shape):
            if not isinstance(part, list):
                yield from numbers_in(part, path)
    elif is_dataclass(shape):
        hints = get_type_hints(shape)
        for declared_field in fields(shape):
            yield from numbers_in(hints[declared_field.name], f"{path}.{declared_field.name}")
    elif not (isinstance(shape, type) and issubclass(shape, (*HARMLESS, Enum))):
        yield f"{path}: {shape}"


@pytest.mark.parametrize(
    "function", FUNCTIONS, ids=lambda function: f"{function.__module__}.{function.__name__}"
)
def test_nothing_that_wording_is_handed_holds_an_ungated_number(function: FunctionType) -> None:
    hints = get_type_hints(function)
    given = {name: hints[name] for name in inspect.signature(function).parameters}
    assert [
        found for name, shape in given.items() if name not in THEIR_OWN for found in numbers_in(shape, name)
    ] == []


def test_this_would_find_one() -> None:
    assert list(numbers_in(tuple[float, ...] | None, "x")) and list(numbers_in(dict[str, int], "x"))
    from bot.model.closing import Alarm, MoodLine, Release

    assert all(list(numbers_in(shape, "x")) for shape in (Alarm, MoodLine, Release))


def test_only_wording_builds_what_a_card_holds_and_only_the_gate_a_point() -> None:
    held = {"Facts", "Text", "Trend", "Series", "Choices", "Point"}
    for file in sorted(Path(bot.use_cases.__path__[0]).glob("*.py")):
        taken = {
            name.name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module == "bot.model.cards"
            for name in node.names
        }
        assert not taken & held, file.name
    makers = [
        file.name
        for folder in (
            "alarms",
            "app",
            "closing",
            "entrypoints",
            "privacy",
            "questions",
            "scoring",
            "use_cases",
            "wording",
        )
        for file in (Path(bot.use_cases.__path__[0]).parent / folder).rglob("*.py")
        if "Point(" in file.read_text()
    ]
    assert makers == ["published.py"]

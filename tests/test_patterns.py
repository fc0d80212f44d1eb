"""No text that anybody sends stops the process: each pattern of the code is linear, and quick on the longest text."""

import ast
import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from adapters.sandbox import parse
from adapters.teams import render
from bot.model.events import LONGEST_COMMENT, LONGEST_MESSAGE
from bot.mood import markup
from tests.hostile import Hostile, hostile_texts

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "adapters", "storage")
LONGEST_HERE = {
    "bot.guard": LONGEST_COMMENT,
    "bot.mood": 4 * markup.LONGEST,
    "adapters.sandbox": parse.LONGEST,
    "bot.app": 4_000,
    "adapters.teams.render": render._TEXT,
}
"""Characters that are let through to the patterns of a module; elsewhere a platform's longest message."""
QUICK = 0.010
"""Seconds of processor time that one search may take."""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and _is_pattern_call(node):
                    yield module, node


def _is_pattern_call(node: ast.Call) -> bool:
    match node.func:
        case ast.Attribute(value=ast.Name(id="re"), attr=method):
            return method not in ("escape", "purge")
    return False


def _compiled(module: str, call: ast.Call) -> re.Pattern[str]:
    """What the call compiles, from what its module knows. Raises NameError where it is built at run time."""
    flags = call.args[1:2] if ast.unparse(call.func) == "re.compile" else []
    made = ast.Call(ast.parse("__import__('re').compile", mode="eval").body, [call.args[0], *flags], [])
    expression = ast.fix_missing_locations(ast.Expression(made))
    found: re.Pattern[str] = eval(compile(expression, module, "eval"), vars(import_module(module)))
    return found


def _longest(module: str) -> int:
    return next((most for room, most in LONGEST_HERE.items() if module.startswith(room)), LONGEST_MESSAGE)


CALLS = list(_calls())


@pytest.mark.parametrize(("module", "call"), CALLS, ids=[f"{name}:{call.lineno}" for name, call in CALLS])
def test_a_pattern_takes_time_as_the_text_is_long_and_no_more(module: str, call: ast.Call) -> None:
    pattern, longest = _compiled(module, call), _longest(module)
    assert not call.keywords, "flags are told by position, so that this test sees them"
    suspects, half, whole = hostile_texts(pattern, 600), 0.0, 0.0
    for length, most in ((20, 200), (400, 24), (1_600, 3), (longest // 2, 1), (longest, 1)):
        half = whole
        suspects, whole = _slowest(pattern, suspects, length, most)
        assert whole <= QUICK, f"{whole * 1000:.1f} ms for {length} characters of {suspects[0]}"
    assert whole <= 3 * half + 0.001, f"twice the text takes {whole / half:.1f} times as long: {suspects[0]}"


def test_patterns_are_found_where_they_are_made() -> None:
    """Nobody compiles one by another name, or hands one to a library as a string."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                assert not (isinstance(node, ast.ImportFrom) and node.module in ("re", "regex")), file
                assert not (isinstance(node, ast.keyword) and node.arg in ("pattern", "regex")), file
    assert len(CALLS) >= 40


def test_a_pattern_that_is_not_linear_is_noticed() -> None:
    """The comment that once took 84 seconds, and others of its kind, are made from the patterns themselves."""
    for text, short, long in (
        (r"\b(?:mrn)\s*(?:no\.?|#)?\s*:?\s*\d{3,}", 50, 200),
        (r"<(pre|code)\b.*?</\1>", 200, 800),
        (r"def \w+.*:$", 200, 800),
        (r"(a|a)*b", 8, 16),
    ):
        pattern = re.compile(text, re.DOTALL)
        worst, _ = _slowest(pattern, hostile_texts(pattern, 600), short, 24)
        _, before = _slowest(pattern, worst, short, 1)
        _, after = _slowest(pattern, worst, long, 1)
        assert after > 7 * before, text


def _slowest(
    pattern: re.Pattern[str], texts: list[Hostile], length: int, most: int
) -> tuple[list[Hostile], float]:
    """The slowest of them at that length, and the seconds of processor time that the slowest takes."""
    tries = 12 if most == 1 else 1
    taken = sorted(
        ((_seconds(pattern, text.text(length), tries), text) for text in texts), key=lambda pair: -pair[0]
    )
    return [seconds for _, seconds in taken[:most]], taken[0][0]


def _seconds(pattern: re.Pattern[str], text: str, tries: int) -> float:
    """To find all there is; of some tries the quickest."""

    def once() -> float:
        began = time.thread_time()
        pattern.sub("", text)
        return time.thread_time() - began

    return min(once() for _ in range(tries))

"""What a newcomer relies on: the core names no platform, and everything is small enough to read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOTS = ("bot", "adapters", "storage")
CORE = [
    path
    for path in sorted(Path("bot").rglob("*.py"))
    if "app" not in path.relative_to("bot").parts and "mood" not in path.relative_to("bot").parts
]
MODULES = [path for root in ROOTS for path in sorted(Path(root).rglob("*.py"))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", CORE, ids=str)
def test_the_core_contains_no_platforms_name(path: Path) -> None:
    named = re.findall(r"slack|teams|sandbox|botframework|adaptive", path.read_text(), re.IGNORECASE)
    assert not [word for word in named if word.lower() != "teams" or word[0] == "T"], path


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_and_functions_stay_small(path: Path) -> None:
    assert path.read_text().count("\n") <= 300
    long = [f.name for f in functions(path) if f.end_lineno and f.end_lineno - f.lineno >= 50]
    assert not long


@pytest.mark.parametrize("path", [p for p in MODULES if "app" not in p.parts], ids=str)
def test_nothing_below_the_outer_ring_reads_a_clock(path: Path) -> None:
    assert not re.search(r"datetime\.now\(|\butcnow\(|\btime\.time\(", path.read_text())

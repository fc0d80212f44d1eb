"""Would the tests notice? Breaks the code in one place at a time and runs the quick tests that should go red.

    python -m bench.mutants [AT MOST IN A FILE] [FILE …]

Works on a copy of the tree. Comparisons, arithmetic, `and`/`or`, `not`, numbers and truth values are changed; what no
test notices is printed with its line. Only what functions do is changed: a default or a limit by name is a choice. A
sample is drawn, always the same, where a file has more places than allowed.
"""

import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

TESTS = {
    "bot/rules/slots.py": ("tests/rules/test_slots.py",),
    "bot/walks/ask.py": ("tests/walks/test_ask.py",),
    "bot/walks/deliver.py": ("tests/walks/test_deliver.py", "tests/walks/test_deliver_faults.py"),
    "storage/outbox.py": ("tests/storage/test_outbox.py", "tests/walks/test_deliver.py"),
    "storage/leases.py": ("tests/storage/test_leases.py",),
    "adapters/slack/guard.py": ("tests/adapters/slack/test_guard.py",),
    "adapters/teams/token.py": ("tests/adapters/teams/test_token.py", "tests/adapters/teams/test_door.py"),
    "bot/rules/gate.py": ("tests/rules/test_privacy_cases.py", "tests/rules/test_surface.py"),
    "bot/rules/permissions.py": ("tests/walks/test_command.py", "tests/walks/test_answer.py"),
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
LONGEST = 120
"""Seconds after which a run counts as having noticed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    line: int
    what: str
    text: str


def mutants(source: str) -> Iterator[Mutant]:
    tree = ast.parse(source)
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for one in functions for part in one.body for node in ast.walk(part)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in inside:
            continue
        changed = copy.deepcopy(tree)
        twin = next(one for place, one in enumerate(ast.walk(changed)) if place == number)
        what = _change(twin)
        if what:
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(changed))


def _change(node: ast.AST) -> str:
    """What was changed in this node; empty for nothing."""
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in SWAPS:
            node.ops[0] = SWAPS[type(op)]()  # type: ignore[call-overload]
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in SWAPS:
            node.op = SWAPS[type(op)]()  # type: ignore[assignment]
        case ast.UnaryOp(op=ast.Not()):
            node.op = ast.Not()
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.IfExp():
            node.body, node.orelse = node.orelse, node.body
        case _:
            return ""
    return f"{type(node).__name__} → {ast.unparse(node)}"


def survivors(tree: Path, file: str, most: int) -> tuple[int, list[Mutant]]:
    """How many were tried, and those that no test noticed."""
    original = (tree / file).read_text()
    found = list(mutants(original))
    tried = sorted(random.Random(file).sample(found, min(most, len(found))), key=lambda one: one.line)
    if not _pass(tree, file):
        raise SystemExit(f"{file}: its tests fail without any change")
    alive = []
    for one in tqdm(tried, desc=file, leave=False):
        (tree / file).write_text(one.text)
        if _pass(tree, file):
            alive.append(one)
    (tree / file).write_text(original)
    return len(tried), alive


def _pass(tree: Path, file: str) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *TESTS[file],
    ]
    more = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(command, cwd=tree, env=os.environ | more, capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory(prefix="pulse-mutants-") as folder:
        for part in ("bot", "adapters", "storage", "tests", "bench"):
            shutil.copytree(part, Path(folder) / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy("pyproject.toml", folder)
        for file in sys.argv[2:] or TESTS:
            tried, alive = survivors(Path(folder), file, most)
            print(f"{file}: {tried - len(alive)} of {tried} noticed", flush=True)
            for one in alive:
                print(f"  line {one.line}: {one.what}", flush=True)


if __name__ == "__main__":
    main()

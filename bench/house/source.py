"""Read the source tree, and say what a measure of it is."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SHIPPED = ("bot", "adapters", "storage")
BESIDE = ("tests", "bench")
"""Measured for loop variables too."""
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module
    lines: int

    @property
    def name(self) -> str:
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")


@dataclass(frozen=True)
class Measure:
    title: str
    value: float
    limit: float
    unit: str = ""
    examples: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        return self.value <= self.limit


def read_modules(root: Path, folders: Sequence[str] = SHIPPED) -> list[Module]:
    """Parse the modules of these folders. Released migrations are left out: they never change."""
    found = (path for name in folders for path in sorted((root / name).rglob("*.py")))
    paths = [path for path in found if not {"versions", "node_modules"} & set(path.parts)]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    return [Module(path.relative_to(root), ast.parse(text), text.count("\n")) for path, text in texts.items()]


def find_functions(modules: Sequence[Module]) -> Iterator[tuple[Module, FunctionNode]]:
    """Yield every function and method but dunders and migrations' steps."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, FunctionNode) and not node.name.startswith("__"):
                yield module, node


def percent(part: Sequence[object], whole: Sequence[object]) -> float:
    return 100 * len(part) / max(len(whole), 1)

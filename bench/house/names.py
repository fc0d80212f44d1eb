"""Measure names and docstrings."""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bench.house.source import FunctionNode, Measure, Module, find_functions, percent

REPOSITORIES = {
    *(
        "Alarms",
        "Alliances",
        "Answers",
        "AuditLog",
        "Claims",
        "Closings",
        "Comments",
        "CompanyClaims",
        "Digests",
    ),
    *("Outbox", "Proposals", "Pulses", "Readings", "Rounds", "StoredValues"),
}
"""Named in storage as their protocols are in `bot/ports`."""
SAME_PROTOCOL = {"parse", "render", "main", "routes", "upgrade", *REPOSITORIES}
"""Public names that each platform, each migration, or a protocol and what implements it define on purpose."""
IRREGULAR = frozenset(
    """
    told held known shown lived kept given found seen sent said done made left gone built drawn taken
    met spent begun bound broken brought chosen cut felt frozen got grown heard hidden laid led lent
    lost meant paid sold spoken stood stuck sworn taught thought thrown torn understood woken worn
    written asleep due alone fresh ready whole late early empty valid own new old able
    """.split()  # noqa: SIM905
)
"""Irregular past participles and adjectives that name no action."""
NOT_PARTICIPLES = frozenset(
    {"embed", "feed", "need", "seed", "speed", "proceed", "exceed", "succeed", "shed"}
)


def is_property(node: FunctionNode) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def is_participle(name: str) -> bool:
    """True where the first word is a past participle or an adjective, so that the name says no action."""
    word = name.lstrip("_").split("_")[0]
    return word in IRREGULAR or (word.endswith("ed") and word not in NOT_PARTICIPLES)


def measure_names(modules: Sequence[Module]) -> list[Measure]:
    nodes = [(module, node) for module, node in find_functions(modules) if not is_property(node)]
    participles = [
        f"{module.path}:{node.lineno} {node.name}" for module, node in nodes if is_participle(node.name)
    ]
    single = [
        f"{module.path}:{node.lineno} {node.name}"
        for module, node in nodes
        if "_" not in node.name.lstrip("_")
    ]
    return [
        Measure(
            "functions named by a participle or adjective",
            percent(participles, nodes),
            2,
            "%",
            tuple(participles),
        ),
        Measure("functions named by one word", percent(single, nodes), 45, "%", tuple(single)),
    ]


def measure_public_names(modules: Sequence[Module]) -> Measure:
    """Count public functions and classes defined at the top of more than one module."""
    where = defaultdict[str, list[str]](list)
    for module in modules:
        if "migrations" in module.path.parts:
            continue
        for node in module.tree.body:
            if isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ) and not node.name.startswith("_"):
                where[node.name].append(str(module.path))
    twice = {name: paths for name, paths in where.items() if len(paths) > 1 and name not in SAME_PROTOCOL}
    listed = tuple(f"{name}: {', '.join(paths)}" for name, paths in sorted(twice.items()))
    return Measure("public names in more than one module", percent(listed, list(where)), 4, "%", listed)


def measure_loops(modules: Sequence[Module]) -> Measure:
    found = tuple(
        f"{module.path}:{node.target.lineno}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
        and any(isinstance(part, ast.Name) and part.id == "one" for part in ast.walk(node.target))
    )
    return Measure("loops `for one in`", len(found), 0, "", found)


def measure_shadowed(modules: Sequence[Module]) -> Measure:
    """Count parameters and variables that hide a built-in (fields and attributes do not)."""
    hidden = set(dir(builtins)) - {"__doc__", "__name__"}
    found = []
    for module in modules:
        for node in ast.walk(module.tree):
            name = node.arg if isinstance(node, ast.arg) else stored_name(node)
            if name in hidden:
                found.append(f"{module.path}:{getattr(node, 'lineno', 0)} {name}")
    fields = {f"{module.path}:{line} {name}" for module in modules for line, name in class_fields(module)}
    left = tuple(sorted(set(found) - fields))
    return Measure("built-ins hidden by a name", len(left), 0, "", left)


def stored_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""


def class_fields(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.lineno, field.target.id


def measure_docstrings(modules: Sequence[Module]) -> Measure:
    """Count docstrings that begin with a question word instead of a verb."""
    questions = ("What", "Who", "Whom", "Whose", "Where")
    found = tuple(
        f"{module.path}:{getattr(node, 'lineno', 1)}"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | FunctionNode)
        and ((ast.get_docstring(node) or " ").split() or [""])[0] in questions
    )
    return Measure("docstrings that begin with What, Who or Where", len(found), 0, "", found)

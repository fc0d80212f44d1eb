"""Measure folders, sizes, forwarding methods, types and import cycles."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bench.house.source import FunctionNode, Measure, Module, find_functions

WIDE_FOLDERS = ("adapters/sandbox", "adapters/slack", "adapters/teams", "bot/use_cases")
"""May hold 22 modules; any other folder 15."""


def measure_folders(modules: Sequence[Module]) -> list[Measure]:
    sizes = defaultdict[str, int](int)
    for module in modules:
        if module.path.name != "__init__.py" and "migrations" not in module.path.parts:
            sizes[str(module.path.parent)] += 1
    wide = {folder: size for folder, size in sizes.items() if folder in WIDE_FOLDERS}
    other = {folder: size for folder, size in sizes.items() if folder not in WIDE_FOLDERS}
    return [
        Measure("modules in an adapter or in use_cases", max(wide.values(), default=0), 22, "", most(wide)),
        Measure("modules in any other folder", max(other.values()), 15, "", most(other)),
    ]


def most(sizes: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{folder}: {size}" for folder, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:3])


def measure_forwarders(modules: Sequence[Module]) -> Measure:
    """Count methods that only hand their own parameters on to one other call."""
    found = tuple(
        f"{module.path}:{method.lineno} {owner.name}.{method.name}"
        for module in modules
        for owner in ast.walk(module.tree)
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, FunctionNode) and is_forwarder(method)
    )
    return Measure("methods that only forward", len(found), 10, "", found)


def is_forwarder(method: FunctionNode) -> bool:
    """True for a body of one call to another object's function with exactly the method's own parameters."""
    body = [
        node
        for node in method.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    if len(body) != 1 or method.name.startswith("__") or not isinstance(body[0], ast.Return | ast.Expr):
        return False
    value = body[0].value
    call = value.value if isinstance(value, ast.Await) else value
    own = [argument.arg for argument in method.args.args[1:] + method.args.kwonlyargs]
    if not isinstance(call, ast.Call) or not own:
        return False
    passed = [
        ast.unparse(argument) for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
    ]
    plain = [name for name in passed if not name.startswith("self.") and "." not in name]
    return plain[-len(own) :] == own and len(passed) - len(own) <= 3


def measure_sizes(modules: Sequence[Module]) -> list[Measure]:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1 for _, node in find_functions(modules)
    )
    long = sorted(((module.lines, str(module.path)) for module in modules), reverse=True)
    return [
        Measure("lines of a function, 95th percentile", lengths[int(0.95 * len(lengths))], 20),
        Measure(
            "lines of the longest module", long[0][0], 300, "", tuple(f"{path}: {n}" for n, path in long[:3])
        ),
    ]


def measure_typed(modules: Sequence[Module]) -> Measure:
    """Count functions with a parameter, or a result, that has no type."""
    untyped = tuple(
        f"{module.path}:{node.lineno} {node.name}"
        for module, node in find_functions(modules)
        if node.returns is None
        or any(
            argument.annotation is None and argument.arg not in {"self", "cls"}
            for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        )
    )
    return Measure("functions without full types", len(untyped), 0, "", untyped)


def measure_cycles(modules: Sequence[Module]) -> Measure:
    """Count modules that are imported by what they import, at the top of the module."""
    known = {module.name for module in modules}
    imports = {module.name: set(imported_modules(module, known)) for module in modules}
    rings = tuple(sorted(name for name in imports if reaches(name, name, imports)))
    return Measure("modules in an import cycle", len(rings), 0, "", rings)


def imported_modules(module: Module, known: set[str]) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def reaches(start: str, goal: str, imports: Mapping[str, set[str]]) -> bool:
    seen, waiting = set[str](), list(imports.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(imports.get(name, ()))
    return False

"""Measure how the code reads: names, sizes, loops, cycles. `python -m bench.house` prints and holds the limits.

Only what ships is measured (`bot`, `adapters`, `storage`). Each measure counts what a newcomer stumbles over: a
function whose name is no verb, a name with two meanings, a folder that is a drawer. Exit 1 where a limit is broken.
"""

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOTS = ("bot", "adapters", "storage")
WIDE_FOLDERS = ("adapters/sandbox", "adapters/slack", "adapters/teams", "bot/use_cases")
"""May hold 22 modules; any other folder 15."""
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


def read_modules(root: Path) -> list[Module]:
    found = (path for name in ROOTS for path in sorted((root / name).rglob("*.py")))
    paths = [path for path in found if "versions" not in path.parts]  # released migrations never change
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    return [Module(path.relative_to(root), ast.parse(text), text.count("\n")) for path, text in texts.items()]


def find_functions(modules: Sequence[Module]) -> Iterator[tuple[Module, FunctionNode]]:
    """Yield every function and method but dunders and migrations' steps."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, FunctionNode) and not node.name.startswith("__"):
                yield module, node


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


def percent(part: Sequence[object], whole: Sequence[object]) -> float:
    return 100 * len(part) / max(len(whole), 1)


def measure_public_names(modules: Sequence[Module]) -> Measure:
    """Count public functions and classes defined at the top of more than one module."""
    where = defaultdict[str, list[str]](list)
    for module in modules:
        if "migrations" in module.path.parts:
            continue
        for node in module.tree.body:
            if isinstance(node, (*FunctionNode.__args__, ast.ClassDef)) and not node.name.startswith("_"):
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


def measure_all(root: Path) -> list[Measure]:
    modules = read_modules(root)
    return [
        *measure_names(modules),
        measure_public_names(modules),
        measure_loops(modules),
        measure_shadowed(modules),
        measure_docstrings(modules),
        *measure_folders(modules),
        measure_forwarders(modules),
        *measure_sizes(modules),
        measure_typed(modules),
        measure_cycles(modules),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print a line for each measure, with `-v` every place that counts; 1 where a limit is broken."""
    measures = measure_all(Path(next((word for word in arguments if not word.startswith("-")), ".")))
    for measure in measures:
        mark = "ok " if measure.is_kept else "OVER"
        print(
            f"{mark:5}{measure.title:<50}{measure.value:>7.1f}{measure.unit:<2} limit {measure.limit:g}{measure.unit}"
        )
        if "-v" in arguments:
            print(*(f"       {example}" for example in measure.examples), sep="\n")
    return 0 if all(measure.is_kept for measure in measures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

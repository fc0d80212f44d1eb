"""One small fault at a time: what a source would be with it."""

import ast
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

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
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    line: int
    what: str
    text: str
    """The whole source with this fault."""


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of what functions do, in the order of lines: a default or a limit by name is a choice."""
    tree = ast.parse(source)
    functions = [item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    bodies = {id(part): part for function in functions for part in function.body}
    inside = {id(node): node for part in bodies.values() for node in ast.walk(part)}
    found = [
        Mutant(_line(node), f"{_short(node)} → {_short(other)}", _with(tree, node, other))
        for node in inside.values()
        for other in variants(node)
    ]
    yield from sorted(found, key=lambda mutant: mutant.line)


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield likely mistakes in its place: another sign, number or order, half of a condition, nothing at all."""
    match node:
        case ast.stmt():
            yield from _left_out(node)
        case ast.Constant(value=value):
            yield from _other_constants(node, value)
        case ast.BoolOp() | ast.IfExp() | ast.comprehension(ifs=[_, *_]):
            yield from _other_conditions(node)
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield _changed(node, ops=[*ops[:place], SWAPS[type(op)](), *ops[place + 1 :]])
        case ast.BinOp(op=op) if type(op) in SWAPS:
            yield _changed(node, op=SWAPS[type(op)]())
        case ast.UnaryOp(operand=operand):
            yield operand


def _left_out(node: ast.stmt) -> Iterator[ast.AST]:
    """Nothing raised, nothing done; what is logged is promised to nobody."""
    match node:
        case ast.Raise():
            yield ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Await() as call) if not ast.unparse(call).startswith("log."):
            yield ast.Pass()


def _other_constants(node: ast.Constant, value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield _changed(node, value=not value)
        case int() | float():
            yield _changed(node, value=value + 1)


def _other_conditions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BoolOp(op=op, values=values):
            yield _changed(node, op=SWAPS[type(op)]())
            for place in range(len(values)):
                rest = [*values[:place], *values[place + 1 :]]
                yield _changed(node, values=rest) if len(rest) > 1 else rest[0]
        case ast.IfExp(body=body, orelse=orelse):
            yield _changed(node, body=orelse, orelse=body)
        case ast.comprehension():
            yield _changed(node, ifs=[])


def _changed(node: ast.AST, **fields: Any) -> ast.AST:
    other = copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _with(tree: ast.AST, node: ast.AST, other: ast.AST) -> str:
    """The tree in words, with `other` where `node` is."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                return _unparsed(tree, parent, name, other)
            if isinstance(value, list) and any(item is node for item in value):
                return _unparsed(tree, parent, name, [other if item is node else item for item in value])
    raise ValueError("not of this tree")


def _unparsed(tree: ast.AST, parent: ast.AST, name: str, value: object) -> str:
    before = getattr(parent, name)
    setattr(parent, name, value)
    text = ast.unparse(tree)
    setattr(parent, name, before)
    return text


def _line(node: ast.AST) -> int:
    return min(item.lineno for item in ast.walk(node) if isinstance(item, ast.expr | ast.stmt))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:89]}…"

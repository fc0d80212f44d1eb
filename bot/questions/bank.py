"""Read question banks: the built-in one, and those with which an alliance adds to it or replaces it."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, get_args

from bot.model.alliance import Alliance, Item, ItemKind

_ITEM_FIELDS = {"key", "version", "dimension", "text", "kind", "reverse"}
_BANK_FIELDS = {"name", "version", "extends", "waves", "weights", "item"}
_LONGEST = 200
_HEAVIEST = 10.0


class BankError(ValueError):
    """A bank's TOML cannot be used; the message says where and what to change."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Core items in the order of their rotation, and what is asked besides them, wave by wave."""

    name: str
    version: int
    core: tuple[Item, ...]
    waves: tuple[tuple[Item, ...], ...] = ()
    weights: tuple[tuple[int, Mapping[str, float]], ...] = ()
    """(first round, weights of dimensions from it on), in order."""

    def weights_at(self, round_index: int) -> Mapping[str, float]:
        """Return the weight of each core dimension in a round, in the bank's order; 1 where nothing else was set."""
        set_then = next((of for start, of in reversed(self.weights) if start <= round_index), {})
        return {item.dimension: set_then.get(item.dimension, 1.0) for item in self.core}

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item once, core items first."""
        return tuple(dict.fromkeys((*self.core, *(item for wave in self.waves for item in wave))))


@cache
def load_builtin() -> Bank:
    """Return the bank that comes with the bot: eight core items, one a dimension, and their supplements."""
    return parse_bank(files("bot.questions").joinpath("bank.toml").read_text(encoding="utf-8"))


def find_bank(alliance: Alliance) -> Bank:
    """Return the bank that an alliance is asked from: its own, or the built-in one. Raises BankError."""
    return _parse_cached(alliance.bank) if alliance.bank else load_builtin()


@lru_cache(maxsize=256)
def _parse_cached(text: str) -> Bank:
    return parse_bank(text)


def parse_bank(text: str) -> Bank:
    """Parse the bank written in `text`, TOML laid out as the built-in `bank.toml`.

    With `extends = true` its items are added to the built-in ones, and an item of the same key replaces the
    built-in wording; without, it stands alone. Raises BankError.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BankError(f"not valid TOML: {error}") from None
    _refuse_unknown(tables, _BANK_FIELDS, "the bank")
    name, version = _require_field(tables, "name", str, "the bank"), _parse_version(tables, "the bank")
    base = load_builtin() if tables.get("extends", False) else Bank(name, version, ())
    given = _require_tables(tables.get("item", []))
    items = _merge_items(base, [_parse_item(table, number) for number, table in enumerate(given, 1)])
    core = tuple(item for item in items.values() if item.kind == "core")
    if not core:
        raise BankError('the bank has no item of kind = "core": add at least one')
    weights = _parse_weights(tables, {item.dimension for item in core})
    return Bank(name, version, core, _parse_waves(tables, items, base), weights)


def find_rewording(asked: Iterable[Item], bank: Bank) -> Item | None:
    """Return an item of the bank that was asked under the same version with other words, dimension or keying."""
    known = {item.id: item for item in asked}
    return next((item for item in bank.items if known.get(item.id, item) != item), None)


def find_reweighting(before: Bank, bank: Bank, last: int) -> int | None:
    """Return a round up to `last` whose weights the bank would change: weights are never applied backwards."""
    starts = {0, *(start for either in (before, bank) for start, _ in either.weights)}
    shared = {item.dimension for item in before.core} & {item.dimension for item in bank.core}
    for round_index in sorted(start for start in starts if start <= last):
        old, new = before.weights_at(round_index), bank.weights_at(round_index)
        if any(old[dimension] != new[dimension] for dimension in shared):
            return round_index
    return None


def _merge_items(base: Bank, given: Sequence[Item]) -> dict[str, Item]:
    items = {item.key: item for item in base.items}
    for key in (item.key for item in given if [other.key for other in given].count(item.key) > 1):
        raise BankError(f"item {key!r} is there twice: keep one of them")
    for item in given:
        known = items.get(item.key)
        if known and known != item and known.version >= item.version:
            raise BankError(
                f"item {item.key!r} differs from its version {known.version}: set version = "
                f"{known.version + 1}, so that its answers are not averaged with those to the old wording"
            )
        items[item.key] = item
    return items


def _parse_item(table: Mapping[str, Any], number: int) -> Item:
    where = f"item {table.get('key', f'number {number}')!r}"
    _refuse_unknown(table, _ITEM_FIELDS, where)
    key = _parse_identifier(table, "key", where)
    kind = table.get("kind", "core")
    if kind not in get_args(ItemKind):
        raise BankError(f"{where}: kind = {kind!r} is none of {', '.join(get_args(ItemKind))}")
    text = _require_field(table, "text", str, where).strip()
    if not 0 < len(text) <= _LONGEST:
        raise BankError(f"{where}: text must have 1 to {_LONGEST} characters, not {len(text)}")
    reverse = table.get("reverse", False)
    if not isinstance(reverse, bool):
        raise BankError(f"{where}: reverse must be true or false")
    return Item(
        key, _parse_version(table, where), _parse_identifier(table, "dimension", where), text, kind, reverse
    )


def _parse_waves(
    tables: Mapping[str, Any], items: Mapping[str, Item], base: Bank
) -> tuple[tuple[Item, ...], ...]:
    planned = [[item.key for item in wave] for wave in base.waves]
    extra = [key for key, item in items.items() if item.kind != "core" and item not in base.items]
    fresh = [key for key in extra if not any(key in wave for wave in planned)]
    plan = tables.get("waves", [*planned, *(fresh[i : i + 2] for i in range(0, len(fresh), 2))])
    if not isinstance(plan, list) or not all(isinstance(wave, list) and 0 < len(wave) <= 2 for wave in plan):
        raise BankError("waves must be a list of lists of one or two item keys")
    for key in (key for wave in plan for key in wave):
        if key not in items or items[key].kind == "core":
            raise BankError(f"waves names {key!r}: there is no item of that key that is not a core item")
    return tuple(tuple(items[key] for key in wave) for wave in plan)


def _parse_weights(
    tables: Mapping[str, Any], dimensions: Iterable[str]
) -> tuple[tuple[int, Mapping[str, float]], ...]:
    found: dict[int, Mapping[str, float]] = {}
    for table in _require_tables(tables.get("weights", []), "weights"):
        start = table.get("from_round")
        if not isinstance(start, int) or isinstance(start, bool) or start < 0 or start in found:
            raise BankError("weights need from_round = a whole number from 0, each another one")
        of = {name: value for name, value in table.items() if name != "from_round"}
        _refuse_unknown(of, set(dimensions), f"weights from round {start}")
        for name, value in of.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _HEAVIEST:
                raise BankError(
                    f"weights from round {start}: {name} must be above 0 and at most {_HEAVIEST:g}"
                )
        found[start] = of
    return tuple(sorted(found.items()))


def _require_tables(value: object, name: str = "item") -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise BankError(f"write them as [[{name}]] tables")
    return value


def _refuse_unknown(table: Mapping[str, Any], fields: set[str], where: str) -> None:
    if unknown := sorted(set(table) - fields):
        raise BankError(f"{where} has the unknown key {unknown[0]!r}; known: {', '.join(sorted(fields))}")


def _require_field(table: Mapping[str, Any], field: str, kind: type, where: str) -> Any:
    value = table.get(field)
    if not isinstance(value, kind) or isinstance(value, bool) or not value:
        wanted = "a whole number from 1" if kind is int else "text in quotes"
        raise BankError(f"{where} needs {field} = {wanted}")
    return value


def _parse_version(table: Mapping[str, Any], where: str) -> int:
    version: int = _require_field(table, "version", int, where)
    if version < 1:
        raise BankError(f"{where}: version must be 1 or more")
    return version


def _parse_identifier(table: Mapping[str, Any], field: str, where: str) -> str:
    value: str = _require_field(table, field, str, where)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        raise BankError(f"{where}: {field} = {value!r} must be small letters, digits and _, at most 40")
    return value

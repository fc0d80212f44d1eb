"""Alliances read from their rows: as declared, with what followed since.

What followed: present addresses and numbers of channels, and homes that leads mapped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from bot.model.alliance import Alliance, Organisation, Side
from storage.alliances.channel_numbers import Numbers, load_numbers
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALLIANCE, LEADS
from storage.outbox.addresses import Moves, load_moves, to_present
from storage.tables import alliances, homes


class Declarations:
    """Reads the alliances' table. Opening a row costs more than fetching it, so opened rows are remembered."""

    __slots__ = ("_open", "_vault")

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._open = lru_cache(maxsize=2048)(self._open_texts)

    def find_by_key(self, connection: Connection, key: str) -> Alliance | None:
        """Return the alliance of that key."""
        return next(iter(self.load_by_keys(connection, [key])), None)

    def list_all(self, connection: Connection) -> tuple[Alliance, ...]:
        """Return all, in the order of their keys."""
        return self._load_rows(connection, select(alliances))

    def load_by_keys(self, connection: Connection, keys: Iterable[str]) -> tuple[Alliance, ...]:
        """Return those of these keys that are declared, in the order of their keys."""
        return self._load_rows(connection, select(alliances).where(alliances.c.key.in_(list(keys))))

    def open_row(self, row: Any) -> Alliance:
        """Return the alliance of a row of its table, as it was declared."""
        return self._open(row.key, row.declared, row.leads)

    def _open_texts(self, key: str, declared: str, leads: str) -> Alliance:
        alliance = ALLIANCE.read(declared)
        sponsor, cro = LEADS.read(self._vault.open(leads, "alliance", "leads", key))
        return replace(
            alliance, sponsor=replace(alliance.sponsor, leads=sponsor), cro=replace(alliance.cro, leads=cro)
        )

    def _load_rows(self, connection: Connection, query: Select[tuple[object, ...]]) -> tuple[Alliance, ...]:
        rows = connection.execute(query.order_by(alliances.c.key)).all()
        keys = [row.key for row in rows]
        mapped, numbers = _load_mapped(connection, keys), load_numbers(connection, keys)
        # Last: a number that was read under an address since left is still found.
        moved = load_moves(connection)
        present = (_at_present(self.open_row(row), moved, numbers.get(row.key, {})) for row in rows)
        return tuple(_with_mapped(alliance, mapped.get(alliance.key, ())) for alliance in present)


def _load_mapped(connection: Connection, keys: Sequence[str]) -> dict[str, list[Any]]:
    """Return, by alliance, homes that leads mapped after the declaration."""
    mapped: dict[str, list[Any]] = {}
    for row in connection.execute(select(homes).where(homes.c.alliance.in_(keys), homes.c.mapped)):
        mapped.setdefault(row.alliance, []).append(row)
    return mapped


def _at_present(alliance: Alliance, moved: Moves, numbers: Numbers) -> Alliance:
    channels = tuple(to_present(channel, moved) for channel in alliance.channels)
    present = {to_present(channel, moved): number for channel, number in numbers.items()}
    return replace(alliance, channels=channels, numbers=tuple(present[channel] for channel in channels))


def _with_mapped(alliance: Alliance, mapped: Sequence[Any]) -> Alliance:
    if not mapped:
        return alliance
    return replace(
        alliance,
        sponsor=_with_homes(alliance.sponsor, Side.SPONSOR, mapped),
        cro=_with_homes(alliance.cro, Side.CRO, mapped),
    )


def _with_homes(organisation: Organisation, side: Side, mapped: Sequence[Any]) -> Organisation:
    claimed = frozenset((row.platform, row.organisation) for row in mapped if row.side == side.value)
    return replace(organisation, homes=organisation.homes | claimed, claimed=claimed)

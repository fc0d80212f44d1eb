"""Alliances as declared, and what follows from where and who they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, or_, select

from bot.model.alliance import Alliance, Channel, Organisation, Pulse, Side
from storage.alliances import bank_check as banks
from storage.alliances import channel_moves as moves
from storage.alliances import channel_numbers as numbers
from storage.alliances.channel_moves import Moved, now
from storage.alliances.channel_numbers import Numbers
from storage.alliances.company_claims import count_declared
from storage.alliances.diff import differences
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALLIANCE, LEADS
from storage.engine.upsert import put
from storage.tables import alliances, channels, homes, pulses, rounds
from storage.tables.columns import EPOCH


class Declarations:
    """The alliances' table. Opening a row costs more than fetching it, so what was opened is remembered."""

    __slots__ = ("_open", "_vault")

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._open = lru_cache(maxsize=2048)(self._opened)

    def declare(self, connection: Connection, wanted: Sequence[Alliance], now: datetime) -> tuple[str, ...]:
        """Make these alliances be as given; the differences, one line each. What both sides agreed stays as it is.

        Raises ValueError for an alliance given twice, a channel that already is another alliance's, or a bank that
        would undo what was asked.
        """
        query = select(alliances).where(alliances.c.key.in_([one.key for one in wanted]))
        before = {row.key: row for row in connection.execute(query.with_for_update())}
        if len({one.key for one in wanted}) < len(wanted):
            raise ValueError("an alliance is declared twice: each needs a key of its own")
        bound = _asked_already(connection, before)
        kept = [self._agreed(before[one.key], one) if one.key in bound else one for one in wanted]
        told = {one.key: self._differences(before.get(one.key), one) for one in kept}
        changed = [one for one in kept if told[one.key]]
        known = {one.key: self._open(*_texts(before[one.key])) for one in changed if one.key in before}
        for one in changed:
            if one.key in known:
                banks.check(connection, known[one.key], one)
        put(connection, alliances, *(self._row(before.get(one.key), one) for one in changed))
        _put_channels(connection, changed)
        _put_homes(connection, changed)
        count_declared(connection, changed)
        _put_pulses(connection, list(known.values()), changed, now)
        refused = (line for old, new in zip(kept, wanted, strict=True) for line in _refused(old, new))
        return (*(line for lines in told.values() for line in lines), *refused)

    def find(self, connection: Connection, key: str) -> Alliance | None:
        """The alliance of that key."""
        return next(iter(self.load(connection, [key])), None)

    def all(self, connection: Connection) -> tuple[Alliance, ...]:
        """In the order of their keys."""
        return self._read(connection, select(alliances))

    def load(self, connection: Connection, keys: Iterable[str]) -> tuple[Alliance, ...]:
        """Those of these keys that are declared, in the order of their keys."""
        return self._read(connection, select(alliances).where(alliances.c.key.in_(list(keys))))

    def at(self, connection: Connection, channel: Channel) -> Alliance | None:
        """The alliance whose channel it is."""
        key = connection.scalar(select(channels.c.alliance).where(*_is(channel)))
        return self.find(connection, key) if key else None

    def of(self, connection: Connection, wanted: Sequence[tuple[str, str]]) -> tuple[Alliance, ...]:
        """Those in which one of these organisations, (platform, organisation id), is a side."""
        one = (and_(homes.c.platform == platform, homes.c.organisation == org) for platform, org in wanted)
        keys = connection.scalars(select(homes.c.alliance).where(or_(False, *one))).all()
        return self.load(connection, keys) if keys else ()

    def _read(self, connection: Connection, query: Select[tuple[object, ...]]) -> tuple[Alliance, ...]:
        rows = connection.execute(query.order_by(alliances.c.key)).all()
        keys = [row.key for row in rows]
        mapped, numbered = _mapped(connection, keys), numbers.known(connection, keys)
        moved = moves.load(
            connection
        )  # Last: a number that was read under an address since left is still found.
        declared = (_where_now(self._open(*_texts(row)), moved, numbered.get(row.key, {})) for row in rows)
        return tuple(_joined(one, mapped.get(one.key, ())) for one in declared)

    def _agreed(self, row: Any, wanted: Alliance) -> Alliance:
        """As wanted, but for what only both sides' leads can change once something was asked."""
        before = self._open(*_texts(row))
        return replace(wanted, minimum=before.minimum, share_dimensions=before.share_dimensions)

    def _differences(self, row: Any, wanted: Alliance) -> tuple[str, ...]:
        return differences(self._open(*_texts(row)) if row else None, wanted)

    def _row(self, before: Any, wanted: Alliance) -> dict[str, object]:
        leads = LEADS.write((wanted.sponsor.leads, wanted.cro.leads))
        return {
            "key": wanted.key,
            "declared": ALLIANCE.write(_without_leads(wanted)),
            "leads": self._vault.seal(leads, "alliance", "leads", wanted.key),
            "revision": before.revision + 1 if before else 0,
            "digest_at": EPOCH,
        }

    def _opened(self, key: str, declared: str, leads: str) -> Alliance:
        alliance = ALLIANCE.read(declared)
        sponsor, cro = LEADS.read(self._vault.open(leads, "alliance", "leads", key))
        return replace(
            alliance, sponsor=replace(alliance.sponsor, leads=sponsor), cro=replace(alliance.cro, leads=cro)
        )


def _asked_already(connection: Connection, keys: Iterable[str]) -> set[str]:
    query = select(rounds.c.alliance).where(rounds.c.alliance.in_(list(keys))).distinct()
    return set(connection.scalars(query))


def _refused(kept: Alliance, wanted: Alliance) -> Iterator[str]:
    needs = "needs both sides: a lead proposes it, with"
    if kept.minimum != wanted.minimum:
        told = f"minimum stays {kept.minimum}; {wanted.minimum} {needs}"
        yield f"alliance {kept.key}: {told} “propose minimum {wanted.minimum}”"
    if kept.share_dimensions != wanted.share_dimensions:
        switch = "on" if wanted.share_dimensions else "off"
        yield f"alliance {kept.key}: share_dimensions stays; {switch} {needs} “propose share {switch}”"


def _texts(row: Any) -> tuple[str, str, str]:
    return row.key, row.declared, row.leads


def _is(channel: Channel) -> tuple[ColumnElement[bool], ...]:
    return (
        channels.c.platform == channel.platform,
        channels.c.workspace == channel.workspace,
        channels.c.address == channel.address,
    )


def _mapped(connection: Connection, keys: Sequence[str]) -> dict[str, list[Any]]:
    """Homes that leads mapped after the declaration, by alliance."""
    found: dict[str, list[Any]] = {}
    for row in connection.execute(select(homes).where(homes.c.alliance.in_(keys), homes.c.mapped)):
        found.setdefault(row.alliance, []).append(row)
    return found


def _where_now(alliance: Alliance, moved: Moved, numbered: Numbers) -> Alliance:
    there = tuple(now(one, moved) for one in alliance.channels)
    found = {now(one, moved): number for one, number in numbered.items()}
    return replace(alliance, channels=there, numbers=tuple(found[one] for one in there))


def _joined(alliance: Alliance, mapped: Sequence[Any]) -> Alliance:
    if not mapped:
        return alliance
    return replace(
        alliance,
        sponsor=_with_homes(alliance.sponsor, Side.SPONSOR, mapped),
        cro=_with_homes(alliance.cro, Side.CRO, mapped),
    )


def _with_homes(organisation: Organisation, side: Side, mapped: Sequence[Any]) -> Organisation:
    more = frozenset((row.platform, row.organisation) for row in mapped if row.side == side.value)
    return replace(organisation, homes=organisation.homes | more, claimed=more)


def _without_leads(alliance: Alliance) -> Alliance:
    return replace(alliance, sponsor=replace(alliance.sponsor, leads=()), cro=replace(alliance.cro, leads=()))


def _put_channels(connection: Connection, changed: Sequence[Alliance]) -> None:
    connection.execute(delete(channels).where(channels.c.alliance.in_(_keys(changed))))
    moved = moves.load(connection)
    wanted = [(alliance.key, now(channel, moved)) for alliance in changed for channel in alliance.channels]
    others = select(channels).where(channels.c.address.in_([channel.address for _, channel in wanted]))
    taken = {(row.platform, row.address) for row in connection.execute(others)}
    for key, channel in wanted:
        if (channel.platform, channel.address) in taken:
            where = f"{channel.platform} {channel.workspace} {channel.address}"
            raise ValueError(
                f"alliance {key}: channel {where} is listed twice, or is another alliance's already"
            )
        taken.add((channel.platform, channel.address))
    put(connection, channels, *({**asdict(channel), "alliance": key} for key, channel in wanted))
    numbers.give(connection, wanted)


def _put_homes(connection: Connection, changed: Sequence[Alliance]) -> None:
    """What leads mapped stays, unless it is declared now."""
    connection.execute(delete(homes).where(homes.c.alliance.in_(_keys(changed)), ~homes.c.mapped))
    rows = (
        {"platform": platform, "organisation": organisation, "alliance": alliance.key, "side": side.value}
        for alliance in changed
        for side in Side
        for platform, organisation in alliance.organisation(side).homes
    )
    put(connection, homes, *({**row, "mapped": False} for row in rows))


def _put_pulses(
    connection: Connection, before: Sequence[Alliance], changed: Sequence[Alliance], now: datetime
) -> None:
    """All of them are to be looked at: what changed may be the time zone."""
    these = pulses.c.alliance.in_(_keys(changed))
    since = {(row.alliance, row.key): row.since for row in connection.execute(select(pulses).where(these))}
    was = {(one.key, pulse.key): _times(one, pulse) for one in before for pulse in one.pulses}
    connection.execute(delete(pulses).where(these))
    for one in changed:
        for pulse in one.pulses:
            id = one.key, pulse.key
            kept = since.get(id, now) if was.get(id) == _times(one, pulse) else now
            put(connection, pulses, {"alliance": id[0], "key": id[1], "look_at": EPOCH, "since": kept})


def _times(alliance: Alliance, pulse: Pulse) -> tuple[object, ...]:
    """What decides at which times it is asked."""
    return alliance.timezone, pulse.days, pulse.time, pulse.every_weeks, pulse.paused


def _keys(changed: Sequence[Alliance]) -> list[str]:
    return [one.key for one in changed]

"""Declaring alliances: rows made to be as given, and the differences in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.model.alliance import Alliance, Pulse, Side
from bot.privacy.bands import report_moved
from storage.alliances.bank_check import check_bank_change
from storage.alliances.channel_numbers import give_numbers
from storage.alliances.company_claims import count_declared
from storage.alliances.declarations import Declarations
from storage.alliances.diff import list_differences
from storage.alliances.guests_check import check_guests
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALLIANCE, LEADS
from storage.engine.upsert import upsert_rows
from storage.outbox.addresses import load_moves, to_present
from storage.tables import alliances, channels, homes, pulses, rounds
from storage.tables.columns import EPOCH


@dataclass(frozen=True, slots=True)
class _Change:
    before: Alliance | None
    after: Alliance
    revision: int
    """Of the row before; −1 where there was none."""

    @property
    def lines(self) -> tuple[str, ...]:
        return list_differences(self.before, self.after)


def declare_alliances(
    connection: Connection, vault: Vault, declared: Declarations, wanted: Sequence[Alliance], now: datetime
) -> tuple[str, ...]:
    """Make these alliances be as given; return the differences, one line each. What both sides agreed stays.

    Raises ValueError for an alliance given twice, a channel that already is another alliance's, guests who would be
    people of two companies, or a bank that would undo what was asked.
    """
    if len({alliance.key for alliance in wanted}) < len(wanted):
        raise ValueError("an alliance is declared twice: each needs a key of its own")
    changes = [*_list_changes(connection, declared, wanted)]
    refusals = [
        line
        for change, alliance in zip(changes, wanted, strict=True)
        for line in _list_refusals(change.after, alliance)
    ]
    moved = _write_changes(connection, vault, declared, [change for change in changes if change.lines], now)
    return (*(line for change in changes for line in change.lines), *moved, *refusals)


def _list_changes(
    connection: Connection, declared: Declarations, wanted: Sequence[Alliance]
) -> Iterator[_Change]:
    query = select(alliances).where(alliances.c.key.in_([alliance.key for alliance in wanted]))
    rows = {row.key: row for row in connection.execute(query.with_for_update())}
    asked = _list_asked(connection, rows)
    for alliance in wanted:
        row = rows.get(alliance.key)
        if row is None:
            yield _Change(None, alliance, -1)
            continue
        before = declared.open_row(row)
        after = _keep_agreed(before, alliance) if alliance.key in asked else alliance
        yield _Change(before, after, row.revision)


def _write_changes(
    connection: Connection,
    vault: Vault,
    declared: Declarations,
    changes: Sequence[_Change],
    now: datetime,
) -> list[str]:
    """Write the changes; return a line for each alliance of which answers changed side."""
    for change in changes:
        if change.before is not None:
            check_bank_change(connection, change.before, change.after)
    upsert_rows(connection, alliances, *(_alliance_row(vault, change) for change in changes))
    changed = [change.after for change in changes]
    _write_channels(connection, changed)
    _write_homes(connection, changed)
    check_guests(connection, declared, changed)
    moved = [
        report_moved(change.after.key, count_declared(connection, change.before, change.after))
        for change in changes
    ]
    _write_pulses(connection, changes, now)
    return [line for line in moved if line]


def _list_asked(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Return those of these alliances that had a round."""
    query = select(rounds.c.alliance).where(rounds.c.alliance.in_(list(keys))).distinct()
    return set(connection.scalars(query))


def _keep_agreed(before: Alliance, wanted: Alliance) -> Alliance:
    """Return it as wanted, but for what only both sides' leads can change once something was asked."""
    return replace(wanted, minimum=before.minimum, share_dimensions=before.share_dimensions)


def _list_refusals(kept: Alliance, wanted: Alliance) -> Iterator[str]:
    needs = "needs both sides: a lead proposes it, with"
    if kept.minimum != wanted.minimum:
        stays = f"minimum stays {kept.minimum}; {wanted.minimum} {needs}"
        yield f"alliance {kept.key}: {stays} “propose minimum {wanted.minimum}”"
    if kept.share_dimensions != wanted.share_dimensions:
        switch = "on" if wanted.share_dimensions else "off"
        yield f"alliance {kept.key}: share_dimensions stays; {switch} {needs} “propose share {switch}”"


def _alliance_row(vault: Vault, change: _Change) -> dict[str, object]:
    after = change.after
    leads = LEADS.write((after.sponsor.leads, after.cro.leads))
    return {
        "key": after.key,
        "declared": ALLIANCE.write(_without_leads(after)),
        "leads": vault.seal(leads, "alliance", "leads", after.key),
        "revision": change.revision + 1,
        "digest_at": EPOCH,
    }


def _without_leads(alliance: Alliance) -> Alliance:
    return replace(alliance, sponsor=replace(alliance.sponsor, leads=()), cro=replace(alliance.cro, leads=()))


def _write_channels(connection: Connection, changed: Sequence[Alliance]) -> None:
    connection.execute(delete(channels).where(channels.c.alliance.in_(_list_keys(changed))))
    moved = load_moves(connection)
    wanted = [
        (alliance.key, to_present(channel, moved)) for alliance in changed for channel in alliance.channels
    ]
    others = select(channels).where(channels.c.address.in_([channel.address for _, channel in wanted]))
    taken = {(row.platform, row.address) for row in connection.execute(others)}
    for key, channel in wanted:
        if (channel.platform, channel.address) in taken:
            where = f"{channel.platform} {channel.workspace} {channel.address}"
            raise ValueError(
                f"alliance {key}: channel {where} is listed twice, or is another alliance's already"
            )
        taken.add((channel.platform, channel.address))
    upsert_rows(connection, channels, *({**asdict(channel), "alliance": key} for key, channel in wanted))
    give_numbers(connection, wanted)


def _write_homes(connection: Connection, changed: Sequence[Alliance]) -> None:
    """Leave what leads mapped, unless it is declared now."""
    connection.execute(delete(homes).where(homes.c.alliance.in_(_list_keys(changed)), ~homes.c.mapped))
    rows = (
        {"platform": platform, "organisation": organisation, "alliance": alliance.key, "side": side.value}
        for alliance in changed
        for side in Side
        for platform, organisation in alliance.organisation(side).homes
    )
    upsert_rows(connection, homes, *({**row, "mapped": False} for row in rows))


def _write_pulses(connection: Connection, changes: Sequence[_Change], now: datetime) -> None:
    """Make all of them due at once: what changed may be the time zone."""
    these = pulses.c.alliance.in_(_list_keys([change.after for change in changes]))
    since = {(row.alliance, row.key): row.since for row in connection.execute(select(pulses).where(these))}
    connection.execute(delete(pulses).where(these))
    rows: list[dict[str, Any]] = [
        {
            "alliance": change.after.key,
            "key": pulse.key,
            "look_at": EPOCH,
            "since": _find_since(change, pulse, since, now),
        }
        for change in changes
        for pulse in change.after.pulses
    ]
    upsert_rows(connection, pulses, *rows)


def _find_since(
    change: _Change, pulse: Pulse, since: Mapping[tuple[str, str], datetime], now: datetime
) -> datetime:
    """Return since when the pulse is asked at the times of now."""
    before = change.before
    old = next((p for p in before.pulses if p.key == pulse.key), None) if before else None
    if before is None or old is None or _list_times(before, old) != _list_times(change.after, pulse):
        return now
    return since.get((change.after.key, pulse.key), now)


def _list_times(alliance: Alliance, pulse: Pulse) -> tuple[object, ...]:
    """Return what decides at which times it is asked."""
    return alliance.timezone, pulse.days, pulse.time, pulse.every_weeks, pulse.paused


def _list_keys(changed: Sequence[Alliance]) -> list[str]:
    return [alliance.key for alliance in changed]

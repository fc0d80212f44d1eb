"""Erase a person, a side or a whole alliance with all their data, and remember the erasure.

What was erased is remembered by pseudonym, so that it can be erased again from a database that was restored from
an older backup. Released numbers stay as they were released, unless their whole side or alliance goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, true, update

from bot.model.alliance import Side
from storage.engine.encryption import Vault
from storage.engine.json_codec import LEADS
from storage.engine.upsert import upsert_rows
from storage.loop.alerts import delete_alerts, disown_actions, disown_alerts
from storage.outbox.place_keys import PlaceKeys
from storage.tables import (
    acknowledgements,
    actions,
    alarms,
    alerts,
    alliances,
    answers,
    audit,
    comments,
    deliveries,
    erased,
    invitations,
    metadata,
    readings,
    released,
    rounds,
    settings,
    wishes,
)

Purpose: TypeAlias = Literal["answer", "reading", "place", "owner", "side", "alliance"]
"""Meaning of `Erasure.whose`: one of a person's pseudonyms, a side, or nothing as the whole alliance is meant."""


@dataclass(frozen=True, slots=True)
class Erasure:
    alliance: str
    purpose: Purpose
    whose: str
    at: AwareDatetime


def carry_out_erasures(
    connection: Connection, vault: Vault, places: PlaceKeys, wanted: Iterable[Erasure], *, past: bool = False
) -> dict[str, int]:
    """Delete; return the number of rows by table. `past`: only rows that existed at the time of the first erasure."""
    done: dict[str, int] = {}
    for erasure in wanted:
        remember_erasure(connection, erasure)
        counts = _carry_out_erasure(connection, vault, places, erasure, erasure.at if past else None)
        for table, count in counts.items():
            done[table] = done.get(table, 0) + count
    return {table: count for table, count in done.items() if count}


def load_erasures(connection: Connection) -> tuple[Erasure, ...]:
    rows = connection.execute(select(erased).order_by(erased.c.at, *erased.primary_key))
    return tuple(Erasure(row.alliance, row.purpose, row.person, row.at) for row in rows)


def remember_erasure(connection: Connection, erasure: Erasure) -> None:
    row = {
        "alliance": erasure.alliance,
        "purpose": erasure.purpose,
        "person": erasure.whose,
        "at": erasure.at,
    }
    upsert_rows(connection, erased, row)


def _carry_out_erasure(
    connection: Connection, vault: Vault, places: PlaceKeys, erasure: Erasure, until: datetime | None
) -> Mapping[str, int]:
    match erasure.purpose:
        case "answer":
            return _delete_answers(
                connection,
                erasure.alliance,
                answers.c.person == erasure.whose,
                until,
                "person",
                erasure.whose,
            )
        case "reading":
            return {
                "reading": _delete_readings(
                    connection, erasure.alliance, readings.c.person == erasure.whose, until
                )
            }
        case "place":
            leads = _drop_leads(connection, vault, erasure.alliance, places, erasure.whose)
            _delete_rows(connection, settings, settings.c.key == f"data_request:{erasure.whose}")
            return {
                "delivery": _delete_messages(connection, erasure.alliance, erasure.whose, until),
                "lead": leads,
            }
        case "owner":
            mine, key = erasure.whose, erasure.alliance
            return {
                "alert": disown_alerts(connection, key, alerts.c.owner == mine, mine),
                "action": disown_actions(connection, key, actions.c.owner == mine),
            }
        case "side":
            return _erase_side(connection, vault, places, erasure)
        case "alliance":
            return (
                {}
                if _began_since(connection, erasure.alliance, until)
                else _erase_alliance(connection, erasure.alliance)
            )


def _delete_answers(
    connection: Connection,
    alliance: str,
    given: ColumnElement[bool],
    until: datetime | None,
    column: str,
    value: str,
) -> dict[str, int]:
    """Delete answers, comments, roster entries and wishes where `column` (person or side) is `value`."""
    mine = select(rounds.c.id).where(rounds.c.alliance == alliance)
    opened = mine if until is None else mine.where(rounds.c.opens_at <= until)
    return {
        "answer": _delete_rows(
            connection, answers, given, answers.c.round.in_(mine), _is_no_later_than(answers, until)
        ),
        "comment": _delete_rows(
            connection,
            comments,
            comments.c[column] == value,
            comments.c.round.in_(mine),
            _is_no_later_than(comments, until),
        ),
        "invitation": _delete_rows(
            connection, invitations, invitations.c[column] == value, invitations.c.round.in_(opened)
        ),
        "wish": _delete_rows(
            connection,
            wishes,
            wishes.c.alliance == alliance,
            wishes.c[column] == value,
            _is_no_later_than(wishes, until),
        ),
    }


def _delete_readings(
    connection: Connection, alliance: str, whose: ColumnElement[bool], until: datetime | None
) -> int:
    return _delete_rows(
        connection, readings, readings.c.alliance == alliance, whose, _is_no_later_than(readings, until)
    )


def _delete_messages(connection: Connection, alliance: str, place: str, until: datetime | None) -> int:
    """Delete deliveries to a person, sent or waiting. The chat platform keeps its messages under its own rules."""
    here = deliveries.c.alliance == alliance, deliveries.c.place_key == place
    then = deliveries.c.changed_at <= until if until else deliveries.c.place_key == place
    return _delete_rows(connection, deliveries, *here, then)


def _erase_side(connection: Connection, vault: Vault, places: PlaceKeys, erasure: Erasure) -> dict[str, int]:
    """Delete all data of one company until it left: its people's, and numbers and alarms about it."""
    side, then = erasure.whose, erasure.at
    about = [side, f"part_{side}", f"silent_{side}"]
    theirs = alarms.c.alliance == erasure.alliance, alarms.c.kind.in_(about), alarms.c.slot <= then.date()
    gone = select(alarms.c.id).where(*theirs)
    _delete_rows(connection, acknowledgements, acknowledgements.c.alarm.in_(gone))
    delete_alerts(connection, gone)
    disown_alerts(connection, erasure.alliance, alerts.c.owner_side == side)
    disown_actions(connection, erasure.alliance, actions.c.owner_side == side)
    numbers = released.c.alliance == erasure.alliance, released.c.side == side, released.c.slot <= then.date()
    return {
        **_delete_answers(connection, erasure.alliance, answers.c.side == side, then, "side", side),
        "reading": _delete_readings(connection, erasure.alliance, readings.c.side == side, then),
        "alarm": _delete_rows(connection, alarms, *theirs),
        "released": _delete_rows(connection, released, *numbers),
        "lead": _drop_leads(connection, vault, erasure.alliance, places, side=Side(side)),
    }


def _erase_alliance(connection: Connection, key: str) -> dict[str, int]:
    """Delete the alliance's rows from every table but the audit log."""
    done = {}
    for table in reversed(metadata.sorted_tables):
        if table not in (audit, erased):
            done[table.name] = _delete_rows(connection, table, or_(False, *_match_alliance(table, key)))
    _delete_rows(connection, settings, settings.c.key == f"companies:{key}")
    _delete_rows(connection, erased, erased.c.alliance == key, erased.c.purpose != "alliance")
    return done


def _began_since(connection: Connection, key: str, until: datetime | None) -> bool:
    """Return whether this is a later alliance of the same key: its first round was asked after the erasure."""
    if until is None:
        return False
    first = connection.scalar(select(func.min(rounds.c.opens_at)).where(rounds.c.alliance == key))
    return first is not None and first > until


def _match_alliance(table: Table, key: str) -> list[ColumnElement[bool]]:
    if table is alliances:
        return [alliances.c.key == key]
    if "alliance" in table.c:
        return [table.c.alliance == key]
    owners = [(reference.parent, reference.column) for reference in table.foreign_keys]
    return [column.in_(select(target).where(target.table.c.alliance == key)) for column, target in owners]


def _drop_leads(
    connection: Connection,
    vault: Vault,
    key: str,
    places: PlaceKeys,
    place: str = "",
    side: Side | None = None,
) -> int:
    """Remove the leads of that side, or the lead at that place, from the declaration; return how many."""
    this = alliances.c.key == key
    sealed = connection.scalar(select(alliances.c.leads).where(this).with_for_update())
    if sealed is None:
        return 0
    before = LEADS.read(vault.open(sealed, "alliance", "leads", key))
    after = tuple(
        () if own is side else tuple(lead for lead in leads if places.hash_place(lead) != place)
        for own, leads in zip(Side, before, strict=True)
    )
    if after == before:
        return 0
    changed = vault.seal(LEADS.write((after[0], after[1])), "alliance", "leads", key)
    connection.execute(update(alliances).where(this).values(leads=changed, revision=alliances.c.revision + 1))
    return sum(map(len, before)) - sum(map(len, after))


def _is_no_later_than(table: Table, until: datetime | None) -> ColumnElement[bool]:
    return table.c.at <= until if until else true()


def _delete_rows(connection: Connection, table: Table, *where: Any) -> int:
    return connection.execute(delete(table).where(*where)).rowcount

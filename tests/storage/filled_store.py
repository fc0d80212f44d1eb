"""Fill a store with the rows that two people of an alliance leave behind, and count them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

import storage
from bot.alarms.lifecycle import PlanAction, advance_alert
from bot.model.alert import Alert, AlertReminder
from bot.model.alliance import Member, Organisation, Side
from bot.model.audit import AuditEntry
from bot.model.closing import Alarm, Cell, Release
from bot.model.commands import GivenComment, GivenReading
from bot.model.planned_action import PlannedAction
from bot.model.wish import Wish
from bot.privacy.pseudonym import make_pseudonym
from storage.data_rights.retention import Terms
from storage.engine.connect import open_engine
from storage.tables import metadata
from tests.storage.factories import (
    ANNA,
    JOINT,
    START,
    empty_closing,
    find_revision,
    make_alliance,
    make_answer,
    make_delivery,
    make_round,
)

SECRET = b"s" * 40
BEN = Member("slack", "U0BEN", ("T-M-north",), "T0NORTHWIND")
DAY = timedelta(days=1)
TERMS = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))


def make_entry(days: float = 0) -> AuditEntry:
    return AuditEntry("erase", "", "operator:x", START + days * DAY)


def pseudonym_of(who: Member, purpose: str = "answer") -> str:
    return make_pseudonym(SECRET, "north", who, purpose)  # type: ignore[arg-type]


async def fill_alliance(store: storage.DatabaseStore, index: int = 0) -> None:
    """A round in which Anna and Ben answered, commented, wrote and were written to; closed with a release."""
    declared = make_alliance(cro=Organisation("Meridian", frozenset({("slack", "T-M-north")}), (BEN,)))
    await store.alliances.declare([declared])
    asked = replace((await ask_declared(store, index)), index=index)
    at = asked.opens_at + timedelta(hours=1)
    for who, side in ((ANNA, Side.SPONSOR), (BEN, Side.CRO)):
        await store.rounds.enrol(
            asked.id, [(Side.SPONSOR, pseudonym_of(ANNA)), (Side.CRO, pseudonym_of(BEN))]
        )
        await store.answers.save_answer(
            make_answer(pseudonym_of(who), round_id=asked.id, side=side, at=at), at
        )
        await store.comments.save_comment(
            GivenComment(asked.id, pseudonym_of(who), side, f"words of {who.id}", True, at), at
        )
        reading = GivenReading(
            "north", JOINT, f"m-{side}-{index}", pseudonym_of(who, "reading"), side, 0.5, at
        )
        await store.readings.save_reading(reading)
        await store.outbox.enqueue([make_delivery(f"reminder:{asked.id}:{side}", who)])
        await store.wishes.save_wish("north", pseudonym_of(who), side, Wish("pause", at + 500 * DAY), at)
    release = Release(Cell(Side.SPONSOR, "vision"), index, asked.slot, 70.0, 5)
    theirs = Release(Cell(Side.CRO, "vision"), index, asked.slot, 60.0, 5)
    alarm = Alarm("cro", "alert", index, 0, -0.6, ())
    opened = Alert(f"north.{index}.cro", "north", "cro", index, asked.slot)
    closing = empty_closing(releases=(release, theirs), alarms=(alarm,))
    await store.closings.close_round(asked.id, closing, [], [opened])
    await store.alarms.acknowledge(f"north.{index}.cro", Side.CRO)
    await own_alert(store, opened)


async def own_alert(store: storage.DatabaseStore, opened: Alert) -> None:
    """Ben takes the alert, plans an action, and wants to be reminded."""
    owner = pseudonym_of(BEN, "owner")
    taken = advance_alert(opened, PlanAction(owner, Side.CRO))
    assert isinstance(taken, Alert)
    action = PlannedAction(
        f"{opened.round:012x}", "north", opened.id, "vision", "words of U0BEN", owner, Side.CRO, opened.slot
    )
    assert await store.actions.plan(action, (opened, taken), [opened.id], []) == "planned"
    told = replace(action, state="done", story="more words of U0BEN", story_side=Side.CRO, revision=1)
    assert await store.actions.change(action, told, None, [])
    await store.alerts.ask_reminder(AlertReminder(taken, owner, START + 9 * DAY))


async def ask_declared(store: storage.DatabaseStore, index: int) -> Any:
    asked = make_round(index)
    assert await store.pulses.ask(asked, [], asked.opens_at + timedelta(weeks=1), await find_revision(store))
    return asked


def count_rows(url: str) -> dict[str, int]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found

"""Make an alliance, its rounds and what people give, for the tests of the store."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.model.alliance import (
    Alliance,
    Channel,
    Item,
    Member,
    MessageRef,
    Organisation,
    Place,
    Pulse,
    Round,
    Side,
)
from bot.model.cards import Card, Text
from bot.model.closing import Closing, Memory
from bot.model.commands import GivenAnswer
from bot.model.delivery import Claim, Delivery, Sent
from storage import DatabaseStore

START = datetime(2026, 1, 6, 8, 0, tzinfo=UTC)
LATE = START + timedelta(weeks=5_000)
"""When every pulse is due."""
JOINT = Channel("slack", "T0NORTHWIND", "C0JOINT")
ANNA = Member("slack", "U0ANNA", ("T0NORTHWIND",), "T0NORTHWIND")
WEEKLY = Pulse("weekly", frozenset({1}), time(9))
ITEMS = (
    Item("vision", 1, "vision", "We share a vision."),
    Item("roles", 2, "roles", "Roles are clear."),
    Item("words", 1, "open", "What helped?", kind="open"),
)
CARD = Card("How are we doing?", (Text("Three questions"),))


def make_alliance(key: str = "north", **changes: Any) -> Alliance:
    made = Alliance(
        key=key,
        name="Northwind × Meridian",
        timezone="Europe/Berlin",
        sponsor=Organisation("Northwind", frozenset({("slack", f"T-N-{key}")}), (ANNA,)),
        cro=Organisation("Meridian", frozenset({("slack", f"T-M-{key}")})),
        channels=(replace(JOINT, address=f"C-{key}"),),
        pulses=(WEEKLY,),
    )
    return replace(made, **changes)


def make_round(index: int = 0, key: str = "north", **changes: Any) -> Round:
    opens = START + timedelta(weeks=index)
    made = Round(
        id=f"{key}-{index}",
        alliance=key,
        pulse="weekly",
        slot=opens.date(),
        index=index,
        items=ITEMS,
        opens_at=opens,
        closes_at=opens + timedelta(hours=72),
        remind_at=opens + timedelta(hours=48),
    )
    return replace(made, **changes)


def make_answer(person: str = "p1", value: int | None = 4, minutes: float = 1, **changes: Any) -> GivenAnswer:
    made = GivenAnswer(
        "north-0", "vision@1", person, Side.SPONSOR, None, value, START + timedelta(minutes=minutes)
    )
    return replace(made, **changes)


def make_delivery(key: str, place: Place = JOINT, **changes: Any) -> Delivery:
    return replace(Delivery(key, "north", place, CARD), **changes)


def empty_closing(**changes: Any) -> Closing:
    return replace(Closing((), frozenset(), (), (), Memory()), **changes)


async def ask_round(store: DatabaseStore, index: int = 0, **changes: Any) -> Round:
    """Declare the alliance, and open one round of it."""
    await store.alliances.declare([make_alliance()])
    asked = make_round(index, **changes)
    assert await store.pulses.ask(asked, [], asked.opens_at + timedelta(weeks=1), await find_revision(store))
    return asked


async def find_revision(store: DatabaseStore, key: str = "north") -> int:
    """The alliance's, as a tick would read it."""
    return next(due.revision for due in await store.pulses.list_due(LATE) if due.alliance.key == key)


async def claim_due(store: DatabaseStore, now: datetime = START, limit: int = 20) -> list[Claim]:
    return list(await store.claims.take_due(now, now + timedelta(seconds=60), limit, since=now))


async def settle_sent(store: DatabaseStore, one: Claim, message: str = "m1") -> bool:
    return await store.claims.settle(one.id, one.token, Sent(MessageRef("C", message)), START)

"""New encryption keys: everything is sealed anew, in steps, while the bot runs; then the old key can go."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

import storage
from bot.model.alert import Alert
from bot.model.alliance import MessageRef, Side
from bot.model.closing import Alarm
from bot.model.commands import GivenComment
from bot.model.delivery import Sent
from storage.backup.key_rotation import SEALED
from storage.engine.connect import allow_writes, open_engine
from storage.tables import metadata
from tests.storage.factories import START, ask_round, claim_due, empty_closing, make_delivery
from tests.storage.filled_store import own_alert


async def filled(url: str, key: str) -> None:
    """Something in every column that is sealed."""
    store = storage.open_store(url, [key])
    await ask_round(store)
    for number in range(3):
        await store.comments.save_comment(
            GivenComment("north-0", f"p{number}", Side.CRO, "words", True, START), START
        )
        await store.chat.append("channel:c", "anna", "words", START)
    await store.values.save_value("token", "value")
    await store.installations.keep("T0NORTHWIND", "token", None)
    await store.outbox.enqueue([make_delivery("a")])
    (one,) = await claim_due(store)
    await store.claims.settle(one.id, one.token, Sent(MessageRef("D", "1")), START)
    await store.outbox.enqueue([make_delivery("b")])
    alarm = Alarm("cro", "alert", 0, 0, -0.6)
    opened = Alert("north.0.cro", "north", "cro", 0, START.date())
    assert await store.closings.close_round("north-0", empty_closing(alarms=(alarm,)), [], [opened])
    await own_alert(store, opened)
    await store.aclose()


def sealed_columns(url: str) -> set[str]:
    """Every column that holds something that looks like Fernet's."""
    engine, found = open_engine(url), set[str]()
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for column in table.c:
                values = connection.execute(text(f'SELECT "{column.name}" FROM "{table.name}"')).scalars()
                if any(isinstance(value, str) and value.startswith("gAAAA") for value in values):
                    found.add(f"{table.name}.{column.name}")
    engine.dispose()
    return found


async def rotate(store: storage.DatabaseStore) -> tuple[int, int]:
    steps = [step async for step in store.rotation.rotate_values()]
    return sum(looked for looked, _ in steps), sum(changed for _, changed in steps)


async def test_every_sealed_column_is_known(url: str, key: str) -> None:
    await filled(url, key)
    known = {f"{column.table}.{column.name}" for column, _ in SEALED}
    assert sealed_columns(url) == known


def test_whatever_the_code_seals_is_known() -> None:
    known = {(str(column.table), column.name) for column, _ in SEALED}
    code = "".join(path.read_text() for path in Path("storage").rglob("*.py"))
    assert set(re.findall(r"\.seal\([^\"]*?\"(\w+)\", \"(\w+)\"", code)) == known


async def test_afterwards_the_old_key_opens_nothing_and_the_new_one_all(url: str, key: str) -> None:
    await filled(url, key)
    new = storage.make_key()
    both = storage.open_store(url, [new, key])
    values = await both.rotation.count_values()
    assert await both.rotation.count_old() == values > 8
    assert await rotate(both) == (values, values)
    assert await both.rotation.count_old() == 0
    assert await rotate(both) == (values, 0)
    await both.aclose()
    old = storage.open_store(url, [key])
    assert not await old.ready()
    await old.aclose()
    alone = storage.open_store(url, [new])
    assert await alone.ready()
    assert {line.body for line in await alone.chat.lines()} == {"words"}
    assert await alone.installations.find("T0NORTHWIND") == "token"
    assert len(await claim_due(alone)) == 1
    await alone.aclose()


async def test_one_that_was_interrupted_is_taken_up(url: str, key: str) -> None:
    await filled(url, key)
    keys = [storage.make_key(), key]
    both = storage.open_store(url, keys)
    async for _ in both.rotation.rotate_values():
        break
    await both.aclose()
    again = storage.open_store(url, keys)
    left = await again.rotation.count_old()
    assert 0 < left < await again.rotation.count_values()
    assert (await rotate(again))[1] == left
    await again.aclose()


async def test_a_value_that_no_key_opens_stops_it_and_is_named(url: str, key: str) -> None:
    await filled(url, key)
    engine = allow_writes(open_engine(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE comment SET body = 'gAAAAspoilt'"))
    engine.dispose()
    both = storage.open_store(url, [storage.make_key(), key])
    with pytest.raises(storage.Unreadable, match=r"comment\.body"):
        await rotate(both)
    await both.aclose()

from datetime import timedelta

from storage import ChatLine, DatabaseStore
from tests.storage.factories import START


async def test_a_line_is_added_once_per_key(store: DatabaseStore, other: DatabaseStore) -> None:
    first = await store.chat.append("joint", "anna", "hello", START, "d1")
    assert await other.chat.append("joint", "anna", "hello", START, "d1") == first
    second = await store.chat.append("joint", "ben", "hi", START, None)
    assert second > first
    assert (await store.chat.find("d1"), await store.chat.find("d2")) == (first, None)
    assert [line.id for line in await store.chat.lines()] == [first, second]


async def test_every_change_is_seen_after_the_one_before(store: DatabaseStore) -> None:
    id = await store.chat.append("joint", "anna", "hello", START + timedelta(microseconds=5), "d1")
    (line,) = await store.chat.lines()
    at = START + timedelta(microseconds=5)
    assert line == ChatLine(id, "joint", "anna", "hello", at, line.change)
    assert await store.chat.lines(line.change) == []
    await store.chat.replace(id, "bye")
    (edited,) = await store.chat.lines(line.change)
    assert (edited.body, edited.author, edited.at) == ("bye", "anna", at)
    await store.chat.replace(id + 1, "nobody's")
    assert await store.chat.lines(edited.change) == []
    assert await store.chat.append("joint", "anna", "hello", START, "d1") == id


async def test_settings_are_kept_and_replaced(store: DatabaseStore, other: DatabaseStore) -> None:
    assert await store.values.find_value("greeted") is None
    await store.values.save_value("greeted", "once")
    await other.values.save_value("greeted", "twice\x00 ✓")
    assert await store.values.find_value("greeted") == "twice\x00 ✓"

import asyncio

from bot.ports import StoreUnavailable
from storage.engine.cache import TtlCache


async def test_a_value_is_read_again_after_a_while_or_when_told() -> None:
    reads: list[str] = []

    async def read(key: str) -> str | None:
        reads.append(key)
        return None if key == "absent" else f"{key}{len(reads)}"

    recent: TtlCache[str, str] = TtlCache(seconds=0.05, most=2)
    assert [await recent.get("a", read) for _ in range(3)] == ["a1"] * 3
    recent.forget()
    assert await recent.get("a", read) == "a2"
    await asyncio.sleep(0.06)
    assert await recent.get("a", read) == "a3"
    assert [await recent.get("absent", read) for _ in range(2)] == [None, None]
    assert len(reads) == 5
    for key in "bcd":
        await recent.get(key, read)
    assert await recent.get("a", read) == "a9"


async def test_a_burst_reads_once_even_if_who_came_first_goes_away() -> None:
    begun, go = 0, asyncio.Event()

    async def read(key: str) -> str:
        nonlocal begun
        begun += 1
        await go.wait()
        return key

    recent: TtlCache[str, str] = TtlCache(seconds=1, most=2)
    first, *others = (asyncio.create_task(recent.get("a", read)) for _ in range(5))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await asyncio.gather(*others) == ["a"] * 4
    assert await recent.get("a", read) == "a"
    assert begun == 1


async def test_what_was_being_read_when_it_changed_is_not_kept() -> None:
    newest, begun, go = "old", asyncio.Event(), asyncio.Event()

    async def read(_: str) -> str:
        found = newest
        begun.set()
        await go.wait()
        return found

    recent: TtlCache[str, str] = TtlCache(seconds=1, most=2)
    before = asyncio.create_task(recent.get("a", read))
    await begun.wait()
    newest = "new"
    recent.forget()
    after = asyncio.create_task(recent.get("a", read))
    go.set()
    assert (await before, await after) == ("old", "new")
    assert await recent.get("a", read) == "new"


async def test_a_failed_reading_is_everybodys_and_then_forgotten() -> None:
    async def fail(_: str) -> str:
        await asyncio.sleep(0)
        raise StoreUnavailable("gone")

    async def read(key: str) -> str:
        return key

    recent: TtlCache[str, str] = TtlCache(seconds=1, most=2)
    told = await asyncio.gather(*(recent.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in told] == [StoreUnavailable] * 3
    assert await recent.get("a", read) == "a"

import asyncio

from storage.recent import Recent


async def test_a_value_is_read_again_after_a_while_or_when_told() -> None:
    reads: list[str] = []

    async def read(key: str) -> str | None:
        reads.append(key)
        return None if key == "absent" else f"{key}{len(reads)}"

    recent: Recent[str, str] = Recent(seconds=0.05, most=2)
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

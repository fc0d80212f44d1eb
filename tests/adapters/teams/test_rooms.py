"""What is remembered of a team: nothing of it is lost where several channels speak at once."""

import asyncio

import pytest

from adapters.teams.team_channels import TeamChannels

CHANNELS = [f"19:{letter}@thread.tacv2" for letter in "abcd"]


def two_processes() -> tuple[TeamChannels, TeamChannels]:
    """On one memory, which takes a moment to answer."""
    memory: dict[str, str] = {}

    async def load(name: str) -> str | None:
        await asyncio.sleep(0)
        return memory.get(name)

    async def keep(name: str, value: str) -> None:
        await asyncio.sleep(0)
        memory[name] = value

    return TeamChannels(load, keep), TeamChannels(load, keep)


@pytest.mark.parametrize("processes", [1, 2])
async def test_channels_that_are_heard_of_at_once_are_all_remembered(processes: int) -> None:
    rooms = two_processes()[:processes]
    await asyncio.gather(
        *(rooms[n % processes].learn_channels("t", "team", [channel]) for n, channel in enumerate(CHANNELS))
    )
    assert await rooms[0].list_channels("t", "team") == tuple(CHANNELS)
    assert [await rooms[0].find_team("t", channel) for channel in CHANNELS] == ["team"] * 4

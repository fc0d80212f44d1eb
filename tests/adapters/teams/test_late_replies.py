"""Private replies while Teams takes nothing: they come late, and are never lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from bot.model.cards import Card, Text
from tests.contract.teams_world import TeamsWorld, wired
from tests.far import adaptive
from tests.far.teams_state import JOINT, two_tenants

ANNA = "29:1-1-0"
TROUBLES = ("429", "412", "500", "503", "504", "reset_before", "reset_after")


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TeamsWorld]:
    monkeypatch.setattr("adapters.teams.private_reply.RETRY_WAIT", 0.05)
    async with wired(two_tenants(time.time)) as made:
        made.inbox.card = Card("How aligned we are", (Text("39 of 100"),))
        yield made


def list_told(world: TeamsWorld) -> list[str]:
    chat = world.far.state.personal(world.far.state.people[ANNA])
    return [adaptive.words(message.card) for message in chat.messages if message.card]


async def wait_until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_private_commands_answer_survives(world: TeamsWorld, trouble: str) -> None:
    for _ in range(2):
        world.far.fail("send", trouble, 0)
    await world.hand.write(ANNA, "score")
    wanted = 3 if trouble == "reset_after" else 1
    await wait_until(lambda: not world.far.faults and len(list_told(world)) == wanted)
    assert [event for event, _ in world.inbox.kept], "the inbox may keep it, so that no restart loses it"


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_an_answer_to_a_command_in_the_channel_waits_and_is_offered_to_nobody_else(
    world: TeamsWorld, trouble: str
) -> None:
    before = len(world.far.state.chats[JOINT].messages)
    world.far.fail("create", trouble, 0)
    await world.hand.say(ANNA, "score", mention=True)
    await wait_until(lambda: not world.far.faults and list_told(world))
    assert len(world.far.state.chats[JOINT].messages) <= before + 1, "no button beside what was said"


async def test_after_a_minute_the_inbox_has_it(world: TeamsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.teams.webhook.REPLY_TIME", 0.0)
    world.far.fail("create", "503", 0)
    await world.hand.say(ANNA, "score", mention=True)
    await wait_until(lambda: world.inbox.kept)
    await world.door.replies.drain(2)
    assert [card.heading for _, card in world.inbox.kept] == ["How aligned we are"]
    assert list_told(world) == []

"""Test Socket Mode: events, clicks, forms and commands over a connection that Slack may end at any time."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest

from adapters.slack.socket import SocketMode
from bot.model.cards import AnswerWith, Card, Choice, Choices, Input, RunCommand, SendComment
from bot.model.events import Answered, Commanded, Commented, Said
from bot.ports import StoreUnavailable
from tests.contract.slack_world import SlackWorld, wired
from tests.far.slack_line import Answer
from tests.far.slack_socket import APP_TOKEN, SocketServer, with_sockets
from tests.far.slack_state import two_companies

QUESTION = Card(
    "Pulse",
    (
        Choices((Choice("4", AnswerWith("r1", "vision@1", 4)),), "One plan", scale=True),
        Choices((Choice("Comment", RunCommand("comment r1")),)),
    ),
)
FORM = Card("Comment", (Input("text", "Comment"), Choices((Choice("Send", SendComment("r1")),))))


@pytest.fixture
async def world() -> AsyncIterator[SlackWorld]:
    async with wired(two_companies(time.time, people=3)) as made:
        made.hand.socket = with_sockets(made.far)
        socket = SocketMode(made.door, APP_TOKEN, made.far.api_url, ping_interval=0.1)
        async with socket.keep_connected():
            await made.hand.socket.until(1)
            yield made


def server(world: SlackWorld) -> SocketServer:
    assert world.hand.socket
    return world.hand.socket


async def test_everything_that_comes_by_http_comes_by_the_socket(world: SlackWorld) -> None:
    world.inbox.card = Card("You answered 4")
    ref = await world.platform.post(world.channel, QUESTION, "d1")
    posted = world.far.state.rooms["C0JOINT"].messages[-1]
    assert posted.ts == ref.id
    assert (await world.hand.click("U0MERI001", posted, "4")).status == 200
    await world.hand.say("U0MERI001", "fine by me")
    assert "You answered 4" in (await world.hand.slash("U0ANNA", "score")).text
    world.inbox.card = FORM
    await world.hand.click("U0MERI001", posted, "Comment")
    await world.door.replies.drain(2)
    world.inbox.card = Card("Thank you")
    assert (await world.hand.submit("U0MERI001", world.hand.opened("U0MERI001"), {"text": "words"})).status
    assert [type(event) for event in world.inbox.taken] == [Answered, Said, Commanded, Commanded, Commented]
    assert world.hand.opened("U0MERI001").content["title"]["text"] == "Thank you"
    assert server(world).seen["acknowledged"] == 5 and server(world).seen["stray"] == 0


async def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(world: SlackWorld) -> None:
    world.inbox.failure = StoreUnavailable("no disk")
    world.hand.ladder = ()
    said = {"type": "message", "user": "U0ANNA", "team": "T0NORTHWIND", "text": "hello", "ts": "1700000000.1"}
    state = world.far.state
    room, ours = state.rooms["C0JOINT"], state.workspaces["T0NORTHWIND"]
    sent = world.hand.envelope(said, room, state.users["U0ANNA"], ours)
    assert await server(world).deliver("events_api", sent, seconds=0.3) is None
    world.inbox.failure = None
    for attempt in (1, 2):
        assert await server(world).deliver("events_api", sent, attempt) == {}
    assert len(set(world.inbox.taken)) == 1


async def test_what_slack_would_never_send_is_not_acknowledged_and_harms_nothing(world: SlackWorld) -> None:
    for payload in ({}, {"type": "event_callback"}, {"type": "block_actions", "user": 5}, {"command": []}):
        assert await server(world).deliver("interactive", payload, seconds=0.1) is None
    assert await server(world).deliver("interactive", {"type": "shortcut"}) == {}
    await world.hand.say("U0ANNA", "still there?")
    assert len(world.inbox.taken) == 1


@pytest.mark.parametrize("how", ["asked", "dropped"])
async def test_a_connection_that_ends_is_followed_by_another(world: SlackWorld, how: str) -> None:
    for number in (2, 3):
        if how == "asked":
            await server(world).refresh()
        else:
            server(world).drop()
        await server(world).until(number)
        await world.hand.say("U0ANNA", f"message {number}")
    assert len(world.inbox.taken) == 2


async def test_a_click_while_the_connection_is_renewed_is_answered(world: SlackWorld) -> None:
    await world.platform.post(world.channel, QUESTION, "d1")
    posted = world.far.state.rooms["C0JOINT"].messages[-1]
    _, *answers = await asyncio.gather(
        server(world).refresh(), *(world.hand.click("U0MERI001", posted, "4") for _ in range(5))
    )
    assert {answer.status for answer in answers if isinstance(answer, Answer)} == {200}
    assert len(world.inbox.taken) == 5


async def test_with_a_wrong_token_it_keeps_trying_and_the_end_is_clean(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with wired(two_companies(time.time, people=2)) as made:
        far = with_sockets(made.far)
        async with SocketMode(
            made.door, "xapp-wrong-canary", made.far.api_url, ping_interval=0.05
        ).keep_connected():
            await asyncio.sleep(0.2)
        assert far.seen["connections"] == 0
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("adapters", "slack"))]
    assert "canary" not in str(ours)

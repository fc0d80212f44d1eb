"""Live updates: what changes is sent, to those who may see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse

from adapters.sandbox.clock_port import Progress, Step
from tests.adapters.sandbox.sandbox_site import Clock, SandboxSite, open_site


async def listen(chat: SandboxSite, who: str, place: str = "channel:joint") -> ClientResponse:
    response = await chat.browser.get("/sandbox/stream", params={"as": who, "in": place})
    assert response.headers["Content-Type"] == "text/event-stream"
    return response


async def update(stream: ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            line = (await stream.content.readline()).decode()
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found


def html(event: dict[str, Any]) -> str:
    return "".join(part["html"] for part in event["parts"])


async def test_a_new_message_reaches_an_open_page_and_a_private_one_only_its_reader(tmp_path: Path) -> None:
    async with open_site(tmp_path) as chat:
        mine, other = await listen(chat, "liam"), await listen(chat, "mei")
        await update(mine)
        await update(other)
        await chat.post("say", {"text": "/pulse privacy", "nonce": "1"})
        assert "Only visible to you" in html(await update(mine))
        await chat.post("say", {"text": "Good morning", "nonce": "2"})
        heard = await update(other)
        assert "Good morning" in html(heard)
        assert "Only visible to you" not in html(heard)
        assert len(heard["order"]) == 1


async def test_a_page_that_comes_back_is_brought_up_to_date(tmp_path: Path) -> None:
    async with open_site(tmp_path) as chat:
        await chat.post("say", {"text": "While you were away", "nonce": "1"})
        assert "While you were away" in html(await update(await listen(chat, "mei")))


async def test_a_stream_of_someone_elses_messages_is_refused(tmp_path: Path) -> None:
    async with open_site(tmp_path) as chat:
        response = await chat.browser.get("/sandbox/stream", params={"as": "liam", "in": "dm:anna"})
        assert response.status == 403


class Hands:
    """A clock that a test moves: each week takes until `go` is set."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.go = asyncio.Event()

    def now(self) -> Any:
        return self.clock.at

    async def advance(self, to: Step) -> str:
        self.clock.at += timedelta(days=1)
        return f"Moved to the {to}."

    async def play(self, weeks: int) -> AsyncIterator[Progress]:
        for week in range(weeks + 1):
            yield Progress(week, weeks, f"Week {week}")
            await self.go.wait()


async def test_the_clock_moves_and_says_what_happened(tmp_path: Path) -> None:
    async with open_site(tmp_path, controls=Hands()) as chat:
        assert "Tuesday 24 November 2026" in (await chat.page()).text
        assert (await chat.post("clock", {"to": "closing"})).status == 303
        text = (await chat.page()).text
        assert "Wednesday 25 November 2026" in text
        assert "Moved to the closing." in text


async def test_weeks_play_in_the_background_survive_a_reload_and_stop_when_asked(tmp_path: Path) -> None:
    hands = Hands()
    async with open_site(tmp_path, controls=hands) as chat:
        stream = await listen(chat, "liam")
        await update(stream)
        assert (await chat.post("play", {"weeks": "12"})).status == 303
        playing = await update(stream)
        assert "<progress" in html(playing)
        assert playing["status"] == "0 of 12 weeks played"
        assert "Playing 12 weeks" in (await chat.page("anna")).text
        assert (await chat.post("clock", {"to": "closing"})).status == 409
        assert (await chat.post("play", {"weeks": "12"})).status == 409
        await chat.post("stop", {})
        hands.go.set()
        async with asyncio.timeout(5):
            while "1 of 12 weeks played." not in (await chat.page()).text:
                await asyncio.sleep(0.01)
        assert "wait in their direct messages" in (await chat.page()).text
        assert (await chat.post("clock", {"to": "closing"})).status == 303


async def test_where_no_week_was_played_nothing_is_said_to_wait(tmp_path: Path) -> None:
    class Idle(Hands):
        async def play(self, weeks: int) -> AsyncIterator[Progress]:
            for week in range(0 * weeks):
                yield Progress(week, weeks, "")

    async with open_site(tmp_path, controls=Idle()) as chat:
        await chat.post("play", {"weeks": "12"})
        async with asyncio.timeout(5):
            while "0 of 12 weeks played." not in (await chat.page()).text:
                await asyncio.sleep(0.01)
        assert "wait in their direct messages" not in (await chat.page()).text

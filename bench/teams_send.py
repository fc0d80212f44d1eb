"""Processor time of a proactive Teams message: the bot's connector beside botbuilder's stock path.

    python -m bench.teams_send [MESSAGES A SLICE] [ROUNDS]

Both post the same question card to the same server in a process of its own, one after another, and take turns. The
stock path is `CloudAdapterBase.continue_conversation`, as an SDK bot writes to a stored reference, with authentication
left out: in real life it asks Entra for a token at every message besides. The bot renders the card anew each time,
checks the host and paces itself; it counts in.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from botbuilder.core import MessageFactory, TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import (
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
)
from botframework.connector.auth import BotFrameworkAuthenticationFactory

from adapters.teams.allowed_hosts import AllowedHosts
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.credentials import BotRegistration, Credentials
from adapters.teams.platform import TeamsPlatform
from adapters.teams.render import CONTENT_TYPE, render_activity, render_adaptive_card
from adapters.teams.roster import TeamsRoster
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.team_channels import TeamChannels
from bench.load import machine
from tests.contract.test_chat_platform import QUESTION

Send = Callable[[int], Awaitable[None]]


async def measure(messages: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of processor a message, of each sender in turn."""
    found: dict[str, list[float]] = {"bot": [], "stock botbuilder": []}
    async with sink() as host, aiohttp.ClientSession() as session:
        senders = {"bot": own(session, host), "stock botbuilder": stock(host)}
        for send in senders.values():
            await _slice(send, 5)
        for _ in range(rounds):
            for name, send in senders.items():
                found[name].append(await _slice(send, messages))
    return found


async def _slice(send: Send, messages: int) -> float:
    began = time.process_time()
    for number in range(messages):
        await send(number)
    return (time.process_time() - began) * 1000 / messages


def own(session: aiohttp.ClientSession, host: str) -> Send:
    async def load(_: str) -> str | None:
        return None

    async def keep(_: str, __: str) -> None:
        pass

    services = ServiceUrls(AllowedHosts(frozenset({host}), on_loopback=True), f"http://{host}", load, keep)
    connector = Connector(session, (Credentials(session, BotRegistration("app", "", "t")),), services)
    platform = TeamsPlatform(connector, TeamsRoster(connector), Grants(connector, TeamChannels(load, keep)))

    async def send(number: int) -> None:
        await platform.send_message(f"tenant{number}", f"a:{number}", render_activity(QUESTION))

    return send


def stock(host: str) -> Send:
    adapter = CloudAdapterBase(BotFrameworkAuthenticationFactory.create())
    card = Attachment(content_type=CONTENT_TYPE, content=render_adaptive_card(QUESTION))

    async def send(number: int) -> None:
        reference = ConversationReference(
            user=ChannelAccount(id="29:x"),
            bot=ChannelAccount(id="28:app"),
            conversation=ConversationAccount(id=f"a:{number}"),
            channel_id="msteams",
            service_url=f"http://{host}",
        )

        async def posted(turn: TurnContext) -> None:
            await turn.send_activity(MessageFactory.attachment(card))

        await adapter.continue_conversation(reference, posted, "app")

    return send


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """A connector that takes everything, in a process of its own; its host and port."""
    serve = "import asyncio; from bench.teams_send import serve; asyncio.run(serve())"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", serve, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def serve() -> None:
    async def taken(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"id": "1", "activityId": "1"})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", taken)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    messages, rounds = map(int, sys.argv[1:3] or ("100", "5"))
    found = asyncio.run(measure(messages, rounds))
    print(machine())
    middle = {name: statistics.median(match_) for name, match_ in found.items()}
    for name, match_ in found.items():
        print(
            f"{name:<18} {middle[name]:6.2f} ms of processor a message ({min(match_):.2f} to {max(match_):.2f})"
        )
    print(f"the bot needs 1/{middle['stock botbuilder'] / middle['bot']:.0f} of it")


if __name__ == "__main__":
    main()

"""NUL and half characters in any place of what Slack and Teams sign: no 5xx, and nothing that a database chokes on.

PostgreSQL takes neither, SQLite no half character; only JSON's escapes and forms can bring them.
"""

import asyncio
import copy
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.runtime.bot import Bot
from bot.app.wiring import assemble_bot
from storage import make_key
from tests.adapters.slack.bot_on_slack import NORTHWIND as ON_SLACK
from tests.adapters.teams.test_command_line import ALLIANCE as ON_TEAMS
from tests.adapters.teams.test_command_line import settings_for
from tests.contract.serve_routes import serve_routes
from tests.databases import KINDS, Kind, fresh
from tests.far import slack, teams
from tests.far.slack_hand import Hand as SlackHand
from tests.far.slack_line import Answer
from tests.far.slack_state import two_companies
from tests.far.teams_hand import Hand as TeamsHand
from tests.far.teams_state import GENERAL, JOINT, MERIDIAN, two_tenants

Json = dict[str, Any]
ODD = ("\x00", "\ud800")
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PAYLOADS = [
    json.loads(path.read_text())["payload"]
    for path in sorted(Path("tests/adapters/slack/payloads").glob("*.json"))
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where strings are."""
    match value:
        case str():
            yield path
        case dict():
            for key, inner in value.items():
                yield from places(inner, (*path, key))
        case list():
            for number, inner in enumerate(value):
                yield from places(inner, (*path, number))


def spoiled(payload: Json) -> Iterator[Json]:
    """The payload, over and over, with something odd at the end of one string."""
    for *path, last in places(payload):
        for odd in ODD:
            sent = copy.deepcopy(payload)
            part: Any = sent
            for key in path:
                part = part[key]
            part[last] += odd
            yield sent


def travelling(payload: Json) -> tuple[bytes, str]:
    """As Slack sends such a payload."""
    if payload.get("type") == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if "command" in payload else {"payload": json.dumps(payload)}
    return urlencode(fields, errors="surrogatepass").encode(), "application/x-www-form-urlencoded"


@asynccontextmanager
async def on_slack(kind: Kind, folder: Path) -> AsyncIterator[tuple[SlackHand, Bot]]:
    state = two_companies(time.time, people=3)
    with fresh(kind, folder) as url:
        async with slack.serving(state) as far, aiohttp.ClientSession() as session:
            given = {
                "PULSE_DATABASE__URL": url,
                "PULSE_PRIVACY__SECRET": "s" * 40,
                "PULSE_PRIVACY__ENCRYPTION_KEYS": make_key(),
                "PULSE_SLACK__SIGNING_SECRET": SECRET,
                "PULSE_SLACK__BOT_TOKEN": state.workspaces["T0NORTHWIND"].token,
                "PULSE_SLACK__API_URL": far.api_url,
            }
            async with assemble_bot(load_settings(None, given), Clock()) as bot, serve_routes(bot) as address:
                await bot.store.alliances.declare([ON_SLACK])
                yield SlackHand(far, session, f"{address}/slack/events", SECRET), bot


@asynccontextmanager
async def on_teams(kind: Kind, folder: Path) -> AsyncIterator[tuple[TeamsHand, Bot]]:
    with fresh(kind, folder) as url:
        async with (
            teams.serving(two_tenants(time.time, people=2)) as far,
            aiohttp.ClientSession() as session,
            assemble_bot(settings_for(far, url), Clock()) as bot,
            serve_routes(bot) as address,
        ):
            await bot.store.alliances.declare([ON_TEAMS])
            yield TeamsHand(far, session, f"{address}/api/messages"), bot


def activities(hand: TeamsHand) -> Iterator[Json]:
    """One of each kind that the bot listens to."""
    who, joint = hand.state.people["29:1-2-0"], hand.state.chats[JOINT]
    made = {
        "message": {"text": "hello"},
        "messageUpdate": {"text": "hello again"},
        "messageDelete": {},
        "installationUpdate": {"action": "add"},
        "conversationUpdate": {"membersAdded": [{"id": who.mri, "aadObjectId": who.object_id}]},
        "invoke": {
            "name": "adaptiveCard/action",
            "value": {"action": {"data": {"pulse": "c|r1", "text": "x"}}},
        },
    }
    for kind, more in made.items():
        yield hand.activity(kind, who, joint, f"{JOINT};messageid=1") | more
    shared = hand.activity("conversationUpdate", who, hand.state.chats[GENERAL], GENERAL)
    more = {
        "eventType": "channelShared",
        "channel": {"id": JOINT},
        "sharedWithTeams": [{"tenantId": MERIDIAN}],
    }
    yield shared | {"channelData": shared["channelData"] | more}


async def send_until_taken(hand: SlackHand, sent: Json) -> Answer:
    """Send again, as Slack does, what is refused because the same delivery is still being answered."""
    for _ in range(20):
        answer = await hand.send(*travelling(sent))
        if answer.status != 503 or "another process" not in answer.text:
            break
        await asyncio.sleep(1)
    return answer


@pytest.mark.parametrize("kind", KINDS)
async def test_slack(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    async with on_slack(kind, tmp_path) as (hand, bot):
        for payload in PAYLOADS:
            for sent in spoiled(payload):
                answer = await send_until_taken(hand, sent)
                assert answer.status in (200, 400, 403), (answer, ascii(sent))
        assert await bot.store.ready()


@pytest.mark.parametrize("kind", KINDS)
async def test_teams(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_ENV", "test")
    async with on_teams(kind, tmp_path) as (hand, bot):
        for activity in activities(hand):
            for sent in spoiled(activity):
                answer = await hand.deliver(sent)
                assert answer.status in (200, 400, 401, 403), (answer, ascii(sent))
        assert await bot.store.ready()

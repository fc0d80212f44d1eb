"""The whole bot while Microsoft's key server is slow: nobody gets in, nobody waits long, and it stays alive."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp

from adapters.teams.signing_keys import RETRY
from tests.databases import fresh
from tests.far.teams import FarTeams, serving
from tests.far.teams_entra import private_key
from tests.far.teams_hand import Hand
from tests.far.teams_state import APP, JOINT, two_tenants
from tests.slow.process import BotProcess
from tests.slow.teams_bot import teams_bot

Json = dict[str, Any]
WRONG: tuple[Json, ...] = (
    {"iss": "https://sts.windows.net/x/"},
    {"aud": "another"},
    {"exp": 1},
    {"exp": None},
    {"nbf": 9e9},
    {"serviceurl": "https://evil.example/"},
    {"kid": "nobody"},
    {"key": private_key("other")},
    {"alg": "none", "key": None},
    {"alg": "HS256", "key": APP * 2},
)


async def test_a_slow_key_server_keeps_everybody_out_in_time_and_the_bot_alive(tmp_path: Path) -> None:
    async with serving(two_tenants(time.time)) as far, aiohttp.ClientSession() as session:
        with fresh("sqlite", tmp_path) as url:
            async with teams_bot(tmp_path, far, url) as bot:
                await _hold_out(bot, far, session)
            assert "Traceback" not in bot.log and "hello" not in bot.log


async def _hold_out(bot: BotProcess, far: FarTeams, session: aiohttp.ClientSession) -> None:
    hand = Hand(far, session, f"{bot.url}/api/messages")
    far.key_delay = 8.0
    times: list[float] = []
    alive = asyncio.ensure_future(_alive(bot, session, times))
    tokens = [far.token(**changed) for changed in WRONG] + [far.token() for _ in range(10)]
    answers = await asyncio.gather(*(_sent(hand, token) for token in tokens))
    unsigned = {"none", "HS256"}
    wanted = [401 if changed.get("alg") in unsigned else 503 for changed in WRONG] + [503] * 10
    assert [status for status, _ in answers] == wanted
    assert max(seconds for _, seconds in answers) < 4
    alive.cancel()
    assert max(times) < 0.2 and len(times) > 20, times
    far.key_delay = 0.0
    await asyncio.sleep(RETRY)
    assert (await _sent(hand, far.token()))[0] == 200
    wrong = [(await _sent(hand, far.token(**changed)))[0] for changed in WRONG]
    assert wrong == [401] * len(WRONG)


async def _alive(bot: BotProcess, session: aiohttp.ClientSession, times: list[float]) -> None:
    while True:
        began = time.perf_counter()
        async with session.get(f"{bot.url}/healthz") as answer:
            assert answer.status == 200
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)


async def _sent(hand: Hand, token: str) -> tuple[int, float]:
    state = hand.state
    sent = hand.activity("message", next(iter(state.people.values())), state.chats[JOINT], JOINT)
    raw = json.dumps(sent | {"text": "hello"}).encode()
    answer = await hand.send(raw, f"Bearer {token}")
    return answer.status, answer.seconds

"""The whole bot while Microsoft's key server is slow: nobody gets in, nobody waits long, and it stays alive."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp

import storage
from adapters.teams.keys import RETRY
from tests.databases import fresh
from tests.far.teams import FarTeams, serving
from tests.far.teams_entra import private_key
from tests.far.teams_hand import Hand
from tests.far.teams_state import APP, JOINT, NORTHWIND, PASSWORD, two_tenants
from tests.slow.process import BotProcess

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
ALLIANCE = f"""
[[alliance]]
key = "nw"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "Northwind"
entra = ["{NORTHWIND}"]
[alliance.cro]
name = "Meridian"
[[alliance.channel]]
platform = "teams"
workspace = "{NORTHWIND}"
address = "{JOINT}"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
"""


async def test_a_slow_key_server_keeps_everybody_out_in_time_and_the_bot_alive(tmp_path: Path) -> None:
    async with serving(two_tenants(time.time)) as far, aiohttp.ClientSession() as session:
        with fresh("sqlite", tmp_path) as url:
            (tmp_path / "alliance.toml").write_text(ALLIANCE)
            bot = BotProcess(tmp_path, _settings(far, url))
            await bot.start()
            await bot.command("apply", "alliance.toml")
            try:
                await _hold_out(bot, far, session)
            finally:
                await bot.stop()
            assert "Traceback" not in bot.log and "hello" not in bot.log


async def _hold_out(bot: BotProcess, far: FarTeams, session: aiohttp.ClientSession) -> None:
    hand = Hand(far, session, f"{bot.url}/api/messages")
    far.key_delay = 8.0
    times: list[float] = []
    alive = asyncio.ensure_future(_alive(bot, session, times))
    tokens = [far.token(**changed) for changed in WRONG] + [far.token() for _ in range(10)]
    answers = await asyncio.gather(*(_sent(hand, one) for one in tokens))
    assert [status for status, _ in answers] == [401] * len(tokens)
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


def _settings(far: FarTeams, url: str) -> dict[str, str]:
    return {
        "PULSE_ENV": "test",
        "PULSE_DATABASE__URL": url,
        "PULSE_PRIVACY__SECRET": "a secret of at least thirty-two characters",
        "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.new_key(),
        "PULSE_TEAMS__APP_ID": APP,
        "PULSE_TEAMS__APP_TYPE": "SingleTenant",
        "PULSE_TEAMS__APP_PASSWORD": PASSWORD,
        "PULSE_TEAMS__TENANT_ID": NORTHWIND,
        "PULSE_TEAMS__OPENID_METADATA_URL": far.openid_url,
        "PULSE_TEAMS__TOKEN_URL": far.token_url,
        "PULSE_TEAMS__GRAPH_URL": far.base_url,
        "PULSE_TEAMS__SERVICE_HOSTS": far.host,
    }

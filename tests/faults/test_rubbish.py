"""Rubbish at every door of one running bot: refused in words, nothing in the log, no growth, still serving."""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp

from tests.databases import fresh
from tests.faults.scale import scaled
from tests.slow.test_slack_fuzz import CANARY, spoiled
from tests.slow.test_teams_fuzz import SAID, SECRET, broken, valid
from tests.slow.test_two_platforms import TwoPlatforms, set_up

REQUESTS = scaled(12_000, 100_000)
WARM = 3_000
AT_ONCE = 12
CLOSED = 0
"""Instead of a status: the bot closed the connection, as it may where a body was not taken."""
PATHS = (
    *("/", "/healthz", "/readyz", "/metrics", "/slack/events", "/slack/install", "/slack/oauth_redirect"),
    *(
        "/api/messages",
        "/sandbox/stream/x",
        "/sandbox/static/style.css",
        "/sandbox/static/..%2f..%2fbot",
        "/nowhere",
    ),
    *(
        "/sandbox/say",
        "/sandbox/press",
        "/sandbox/clock",
        "/sandbox/comment",
        "/sandbox/edit",
        "/sandbox/delete",
    ),
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
JUNK = (
    "",
    "0",
    "-1",
    CANARY,
    "\0",
    "é" * 50,
    "1" * 400,
    "../../etc/passwd",
    "{}",
    "[]",
    "a|b|c|d",
    "<!channel>",
    "%00",
)
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data",
    "",
    "x/y; z",
)
NAMES = ("who", "text", "place", "message", "round", "item", "value", "code", "state", "at", "thread", "as")


def _anything(chance: random.Random) -> dict[str, Any]:
    """A request for some path that nobody would send."""
    fields = {chance.choice(NAMES): chance.choice(JUNK) for _ in range(chance.randint(0, 4))}
    raw = chance.choice(
        (json.dumps(fields).encode(), chance.randbytes(chance.randint(0, 300)), b"", b"[" * 900)
    )
    headers = {"Content-Type": chance.choice(TYPES)} if chance.random() < 0.8 else {}
    if chance.random() < 0.1:
        headers["Content-Encoding"] = chance.choice(("gzip", "br", "x"))
    if chance.random() < 0.2:
        headers |= {"Authorization": f"Bearer {CANARY}", "Origin": "https://example.com"}
    return {"data": fields if chance.random() < 0.5 else raw, "headers": headers, "params": fields}


async def _one(two: TwoPlatforms, session: aiohttp.ClientSession, chance: random.Random) -> int:
    drawn = chance.random()
    if drawn < 0.4:
        raw, kind = spoiled(chance)
        headers = (two.slack_hand.signed(raw) if chance.random() < 0.8 else {}) | {"Content-Type": kind}
        return await _status(session, "POST", two.bot.url + "/slack/events", data=raw, headers=headers)
    if drawn < 0.7:
        raw = json.dumps(broken(valid(two.teams_hand, chance), chance)).encode()
        token = f"Bearer {two.teams.token()}" if chance.random() < 0.8 else "Bearer x.y.z"
        headers = {"Authorization": token, "Content-Type": "application/json"}
        return await _status(session, "POST", two.bot.url + "/api/messages", data=raw, headers=headers)
    path, method = chance.choice(PATHS), chance.choice(METHODS)
    return await _status(session, method, two.bot.url + path, **_anything(chance))


async def _status(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> int:
    try:
        async with session.request(method, url, allow_redirects=False, **more) as answer:
            told = await answer.read()
            assert answer.status < 500, (method, url, more, told)
            return answer.status
    except aiohttp.ClientError:
        return CLOSED


async def _send(two: TwoPlatforms, count: int, chance: random.Random, statuses: "Counter[int]") -> None:
    left = iter(range(count))
    async with aiohttp.ClientSession() as session:

        async def hand() -> None:
            for _ in left:
                statuses[await _one(two, session, chance)] += 1

        await asyncio.gather(*(hand() for _ in range(AT_ONCE)))


async def test_rubbish_at_every_door(tmp_path: Path) -> None:
    chance, statuses = random.Random(20261127), Counter[int]()
    with fresh("sqlite", tmp_path) as url:
        async with set_up(tmp_path, url) as two:
            two.bot.settings = {**two.bot.settings, "PULSE_SANDBOX__ENABLED": "true"}
            await two.bot.start()
            await two.bot.command("apply", "alliance.toml")
            await _send(two, WARM, chance, statuses)
            before = await two.bot.settle_memory()
            await _send(two, REQUESTS - WARM, chance, statuses)
            grown = two.bot.memory() - before
            print(
                f"{sum(statuses.values())} requests: {dict(sorted(statuses.items()))}; grown by {grown:.1f} MiB"
            )
            assert {200, 400, 401, 403, 404, 405} <= statuses.keys()
            log = two.bot.log
            assert "Traceback" not in log, log[log.index("Traceback") - 300 :][:5000]
            assert not {status for status in statuses if status >= 500}
            assert not [word for word in (CANARY, SECRET, SAID) if word in log]
            assert grown < 20
            answer = await two.slack_hand.dm("U0MERI003", "score")
            assert answer
            await two.until(lambda: bool(two.told_on_slack("U0MERI003")), "still serving")

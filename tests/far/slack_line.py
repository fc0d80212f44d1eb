"""Send payloads to the bot: signed over HTTP, or in envelopes of Socket Mode."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

import aiohttp

from tests.far.slack_socket import SocketServer

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a request, and how long it took, in seconds."""

    status: int
    text: str
    seconds: float = 0.0


def signature(secret: str, now: int, raw: bytes) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (now, raw), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": f"v0={digest}"}


async def by_http(session: aiohttp.ClientSession, url: str, raw: bytes, headers: dict[str, str]) -> Answer:
    """The bot has three seconds."""
    loop = asyncio.get_running_loop()
    start, limit = loop.time(), aiohttp.ClientTimeout(total=3)
    try:
        async with session.post(url, data=raw, headers=headers, timeout=limit) as got:
            return Answer(got.status, await got.text(), loop.time() - start)
    except (aiohttp.ClientError, TimeoutError) as error:
        return Answer(0, type(error).__name__, loop.time() - start)


async def by_socket(socket: SocketServer, raw: bytes, content_type: str, headers: dict[str, str]) -> Answer:
    fields = dict(parse_qsl(raw.decode(), keep_blank_values=True)) if content_type == FORM else {}
    payload = json.loads(fields.get("payload", "{}" if fields else raw)) or fields
    kind = "events_api" if not fields else "interactive" if "payload" in fields else "slash_commands"
    told = await socket.deliver(kind, payload, int(headers.get("X-Slack-Retry-Num", 0)))
    return Answer(200, json.dumps(told) if told else "") if told is not None else Answer(0, "no answer")

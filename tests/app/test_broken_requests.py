"""Test that what is no whole request is refused quietly: anybody can send it, and nothing of the bot failed."""

import asyncio
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.shared.rejection import Refusal
from adapters.shared.request_body import read_body
from bot.app.runtime import logs
from bot.app.runtime.health import Health
from bot.app.runtime.web import make_application
from tests.app.test_health import health, own_logging

__all__ = ["health", "own_logging"]

BROKEN_REQUESTS = {
    "a body that ends too early": b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{",
    "a chunk that is none": b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "a header that is none": b"GET /healthz HTTP/1.1\r\nHost x\r\n\r\n",
    "an endless line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN_REQUESTS)
async def test_what_is_no_request_is_no_error_and_counts_as_no_failure(
    own_logging: None, health: Health, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    logs.configure()

    async def read(request: web.Request) -> web.Response:
        try:
            return web.Response(body=await read_body(request))
        except Refusal as refusal:
            return web.Response(status=refusal.status)

    async with TestServer(make_application(health, [web.post("/slack/events", read)])) as server:
        _, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(BROKEN_REQUESTS[name])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await asyncio.sleep(0.05)
    assert "ERROR" not in capsys.readouterr().err
    counts = re.findall(r'result="failed".* ([\d.]+)$', (await health.metrics()).decode(), re.MULTILINE)
    assert set(counts) <= {"0.0"}

"""Who sends a request a byte at a time, or far too much, is shown the door while others are answered as ever."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from tests.databases import fresh
from tests.faults.scale import scaled
from tests.slow.slack_testbed import FIRST_SLOT, SlackTestbed, list_buttons, start_slack_testbed

CLIENTS = scaled(50, 200)
"""Of each kind, at each of two paths."""
LONGEST = 30.0
"""Seconds after which a slow one must be gone."""
HEADERS = b"POST %s HTTP/1.1\r\nHost: pulse\r\nContent-Type: application/json\r\n"


@dataclass(slots=True)
class Slow:
    """One slow client; `seconds` until the bot ended it."""

    head: bytes
    drip: bytes
    connecting: asyncio.Semaphore
    """A listener has room for 128 that nobody has accepted yet; one more waits for the kernel, not for the bot."""
    seconds: float = 0.0

    async def run(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        async with self.connecting:
            began = loop.time()
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(self.head)
            await asyncio.sleep(0.2)
        reading = asyncio.create_task(reader.read())
        while not reading.done() and loop.time() - began < 2 * LONGEST:
            if self.drip:
                writer.write(self.drip)
            await asyncio.wait((reading,), timeout=1.0)
        self.seconds = loop.time() - began
        reading.cancel()
        writer.close()


def _clients(path: bytes) -> list[Slow]:
    begun = HEADERS % path
    kinds = {
        begun: b"X-A: b\r\n",
        b"": b"",
        begun + b"Content-Length: 90000\r\n\r\n": b"a",
        begun + b"Transfer-Encoding: chunked\r\n\r\n": b"1\r\na\r\n",
    }
    connecting = asyncio.Semaphore(50)
    return [Slow(head, drip, connecting) for head, drip in kinds.items() for _ in range(CLIENTS)]


async def _answer_steadily(testbed: SlackTestbed, over: asyncio.Event) -> list[float]:
    question, seconds = await testbed.question(0), []
    offered = list_buttons(question)
    while not over.is_set():
        for user in testbed.people:
            answer = await testbed.hand.press(user, question, offered[len(seconds) % len(offered)].payload)
            assert answer.status == 200
            seconds.append(answer.seconds)
            await asyncio.sleep(0.02)
    return seconds


async def test_slow_clients_are_closed_and_keep_nobody_waiting(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        async with start_slack_testbed(tmp_path, url, people=10) as testbed:
            await testbed.bot.start()
            await testbed.bot.command("apply", "alliance.toml")
            testbed.clock.move_to(FIRST_SLOT)
            over = asyncio.Event()
            answering = asyncio.create_task(_answer_steadily(testbed, over))
            where = urlsplit(testbed.bot.url)
            slow = [client for path in (b"/slack/events", b"/nowhere") for client in _clients(path)]
            await asyncio.gather(*(client.run(str(where.hostname), int(where.port or 0)) for client in slow))
            over.set()
            seconds = sorted(await answering)
            p99 = seconds[int(len(seconds) * 0.99)]
            print(
                f"{len(slow)} slow clients gone after at most {max(client.seconds for client in slow):.1f} s; "
                f"{len(seconds)} answers meanwhile, p99 {p99:.3f} s"
            )
            assert max(client.seconds for client in slow) < LONGEST
            assert p99 < 1.0


async def test_what_is_far_too_much_is_refused_unread(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        async with start_slack_testbed(tmp_path, url, people=3) as testbed:
            await testbed.bot.start()
            before = await testbed.bot.settle_memory()
            bomb = gzip.compress(b"\0" * 50_000_000)
            assert len(bomb) < 256 * 1024
            for path in ("/slack/events", "/nowhere", "/healthz"):
                for raw, more in ((b"{" * 2_000_000, {}), (bomb, {"Content-Encoding": "gzip"})):
                    headers = {**testbed.hand.signed(raw), "Content-Type": "application/json", **more}
                    sent = testbed.hand.session.post(
                        f"{testbed.bot.url}{path}", data=BytesIO(raw), headers=headers
                    )
                    async with sent as answer:
                        assert 400 <= answer.status < 500, path
            await _send_in_pieces(testbed)
            assert testbed.bot.memory() - before < 20


async def _send_in_pieces(testbed: SlackTestbed) -> None:
    """64 MB to Slack's door, whose size no header tells; it may close before all of it is sent."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"{" * 1_000_000

    headers = {**testbed.hand.signed(b""), "Content-Type": "application/json"}
    with suppress(aiohttp.ClientError):
        url = f"{testbed.bot.url}/slack/events"
        async with testbed.hand.session.post(url, data=pieces(), headers=headers) as answer:
            assert answer.status == 413

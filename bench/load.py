"""A load generator and a sink that cost little: HTTP/1.1 over raw sockets, kept alive."""

import asyncio
import hashlib
import hmac
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

AT_ONCE = 32


@dataclass(slots=True)
class Slice:
    """Hold one target's slice: the seconds of each acknowledged request, and how many were refused."""

    took: float
    acknowledged: list[float] = field(default_factory=list)
    refused: int = 0
    processor: float = 0.0
    """Seconds of processor time that the target used, clearing up afterwards included."""

    @property
    def rate(self) -> float:
        return len(self.acknowledged) / self.took


def request(secret: str, body: bytes, now: int) -> bytes:
    """A signed request as Slack sends it."""
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (now, body), hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={digest}\r\n\r\n"
    )
    return head.encode() + body


async def fire(port: int, requests: Sequence[bytes], seconds: float) -> Slice:
    """Send `requests` round and round, `AT_ONCE` at a time, for so many seconds."""
    found, start = Slice(0.0), time.perf_counter()
    shared = _forever(requests)
    await asyncio.gather(*(_sender(port, shared, start + seconds, found) for _ in range(AT_ONCE)))
    found.took = time.perf_counter() - start
    return found


def _forever(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


async def _sender(port: int, requests: Iterator[bytes], until: float, found: Slice) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (start := time.perf_counter()) < until:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        if head.startswith(b"HTTP/1.1 200"):
            found.acknowledged.append(time.perf_counter() - start)
        else:
            found.refused += 1
    writer.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    return int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0


def machine() -> str:
    """Processor, cores and Python, to be named beside every figure."""
    name = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        name = next(
            (line.split(": ")[1] for line in cpus.read_text().splitlines() if "model name" in line), name
        )
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


class Sink(asyncio.Protocol):
    """Stands in for Slack's `response_url`: takes any POST, answers 200, counts."""

    taken = 0

    def __init__(self) -> None:
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + _length(self.buffer[: end + 4])
            if len(self.buffer) < whole:
                return
            self.buffer = self.buffer[whole:]
            Sink.taken += 1
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

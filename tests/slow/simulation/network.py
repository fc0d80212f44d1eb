"""Connections in memory between the real HTTP clients and the real HTTP servers, with what networks do to them."""

import asyncio
import contextvars
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from tests.slow.simulation.virtual_time import OWNER, Owner, VirtualLoop

Server = Callable[[], Any]
"""Makes the protocol of one connection."""


@dataclass(slots=True)
class Weather:
    """How likely what is, for each connection."""

    lost: float = 0.0
    """The answer is lost: what was asked has been done."""
    unsent: float = 0.0
    """The request is lost: nothing was done."""
    slow: float = 0.0
    """It takes seconds, up to `longest`."""
    longest: float = 14.0


@dataclass(slots=True)
class Network:
    loop: VirtualLoop
    chance: random.Random
    weather: Weather = field(default_factory=Weather)
    servers: dict[int, list[tuple[Owner, Server]]] = field(default_factory=dict)
    """By port, whoever listens there: more than one behind a load balancer."""
    ends: "list[End]" = field(default_factory=list)

    def listen(self, port: int, server: Server) -> None:
        self.servers.setdefault(port, []).append((OWNER.get(), server))

    async def connect(self, connector: Any, request: Any, *_: object) -> ResponseHandler:
        """In place of `aiohttp.TCPConnector._create_connection`."""
        await asyncio.sleep(self.chance.uniform(0.0002, 0.003))
        alive = [entry for entry in self.servers.get(request.url.port, ()) if not entry[0].is_dead]
        if not alive:
            raise aiohttp.ClientConnectorError(request.connection_key, ConnectionRefusedError(111, "refused"))
        owner, server = self.chance.choice(alive)
        context = contextvars.copy_context()
        context.run(OWNER.set, owner)
        client: ResponseHandler = connector._factory()
        ours, theirs = End(self, contextvars.copy_context()), End(self, context)
        ours.peer, theirs.peer = theirs, ours
        theirs.is_server = True
        self.ends += [ours, theirs]
        ours.begin(client)
        context.run(theirs.begin, server())
        return client

    def cut(self, owner: Owner) -> None:
        """Reset all connections of a process that died."""
        for end in self.ends:
            if end.owner is owner and not end.is_over:
                end.is_over = True
                end.peer.later(end.peer.lose, ConnectionResetError("the other side died"))
        self.ends = [end for end in self.ends if not end.is_over]


class End(asyncio.Transport):
    """One end of a connection. What arrives, arrives in order, in the context of whoever listens there."""

    peer: "End"

    def __init__(self, network: Network, context: contextvars.Context) -> None:
        super().__init__()
        self.network, self.context = network, context
        self.owner = context.get(OWNER) or OWNER.get()
        self.is_server = self.is_over = False
        self.protocol: Any = None
        self.arrival = 0.0

    def begin(self, protocol: Any) -> None:
        self.protocol = protocol
        protocol.connection_made(self)

    def later(self, what: Callable[..., object], *args: object, wait: float = 0.0) -> None:
        """Do something at this end, after all that is on its way to it."""
        loop = self.network.loop
        self.arrival = max(self.arrival + 1e-6, loop.passed + wait)
        loop.call_at(self.arrival, what, *args, context=self.context)

    def write(self, data: Any) -> None:
        if self.is_over or self.owner.is_dead:
            return
        weather, chance = self.network.weather, self.network.chance
        if chance.random() < (weather.lost if self.is_server else weather.unsent):
            self.abort()
            return
        slow = chance.uniform(1.0, weather.longest) if chance.random() < weather.slow else 0.0
        self.peer.later(self.peer.arrive, bytes(data), wait=chance.uniform(0.0002, 0.004) + slow)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def arrive(self, data: bytes) -> None:
        if not self.is_over:
            self.protocol.data_received(data)

    def close(self) -> None:
        self._end(None, None)

    def abort(self) -> None:
        self._end(None, ConnectionResetError("reset"))

    def _end(self, mine: Exception | None, theirs: Exception | None) -> None:
        if not self.is_over:
            self.is_over = True
            self.later(self.protocol.connection_lost, mine)
            self.peer.later(self.peer.lose, theirs, wait=0.001)

    def lose(self, error: Exception | None) -> None:
        if not self.is_over:
            self.is_over = True
            if error is None:
                self.protocol.eof_received()
            self.protocol.connection_lost(error)

    def is_closing(self) -> bool:
        return self.is_over

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 0) if name in ("peername", "sockname") else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever waiting."""

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """What is sent here is small."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol


def install(network: Network) -> None:
    """Every aiohttp client of this Python process connects in that network."""

    async def connect(self: Any, request: Any, *more: object) -> ResponseHandler:
        return await network.connect(self, request, *more)

    aiohttp.TCPConnector._create_connection = connect  # type: ignore[assignment, method-assign]

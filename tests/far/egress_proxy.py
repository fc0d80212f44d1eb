"""A company's proxy in a process of its own: it opens every TLS connection, as inspecting proxies do, and passes on.

    python -m tests.far.egress_proxy FOLDER      # reads FOLDER/proxy.json, writes FOLDER/port and FOLDER/asked

`proxy.json`: `hosts` maps a host to the loopback port of its far side, `certificate` names a PEM file for all hosts,
and `login` is the user:password that every caller must show. `asked` has a line for each CONNECT.
"""

import asyncio
import base64
import json
import ssl
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Proxy:
    hosts: dict[str, int]
    login: str
    context: ssl.SSLContext
    asked: Path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            verb, target, *_ = head.split()
            host, _, port = target.partition(":")
            status = self._judge(verb, host, port, head)
            with self.asked.open("a") as asked:
                asked.write(f"{verb} {target} {status}\n")
            writer.write(f"HTTP/1.1 {status} Answer\r\n\r\n".encode())
            await writer.drain()
            if status == 200:
                await writer.start_tls(self.context)
                await _pass_on(reader, writer, self.hosts[host])
        writer.close()

    def _judge(self, verb: str, host: str, port: str, head: str) -> int:
        shown = base64.b64encode(self.login.encode()).decode()
        if f"proxy-authorization: basic {shown}".lower() not in head.lower():
            return 407
        return 200 if (verb, port) == ("CONNECT", "443") and host in self.hosts else 502


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    ways = [
        asyncio.ensure_future(_copy(reader, far_writer)),
        asyncio.ensure_future(_copy(far_reader, writer)),
    ]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    far_writer.close()
    for way in ways:
        way.cancel()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()


async def main(folder: Path) -> None:
    given = json.loads((folder / "proxy.json").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given["certificate"])
    proxy = Proxy(given["hosts"], given["login"], context, folder / "asked")
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    (folder / "port.new").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.new").rename(folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

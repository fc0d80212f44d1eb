"""The two Bolt apps that the bot is measured against, each started in a process of its own.

`bare`: a handler that acknowledges and does nothing else. `session`: a handler that stores the answer with one async
SQLModel session (aiosqlite, WAL, synchronous FULL) and then acknowledges.
"""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlmodel import Field, SQLModel

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Answer(SQLModel, table=True):
    """Hold one click as a row, the simplest thing that stores it."""

    id: int | None = Field(default=None, primary_key=True)
    round: str
    person: str
    item: str
    value: str
    at: str


async def acknowledge(ack: Callable[[], Awaitable[None]]) -> None:
    """Nothing but the acknowledgement."""
    await ack()


def storing(engine: AsyncEngine) -> Callable[..., Awaitable[None]]:
    """A listener that stores the click first."""

    async def store(ack: Callable[[], Awaitable[None]], body: dict[str, Any]) -> None:
        pressed = body["actions"][0]
        _, round_id, item, value = pressed["value"].split("|")
        row = Answer(
            round=round_id, person=body["user"]["id"], item=item, value=value, at=pressed["action_ts"]
        )
        async with AsyncSession(engine) as session:
            session.add(row)
            await session.commit()
        await ack()

    return store


async def _engine(path: str) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": 30})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    return engine


async def serve(kind: str, port: int, api_url: str, database: str) -> None:
    """Serve one of the two apps with Bolt's own aiohttp server."""
    client = AsyncWebClient(token="xoxb-T0NORTHWIND", base_url=api_url)
    app = AsyncApp(client=client, signing_secret=SECRET)
    listener = acknowledge if kind == "bare" else storing(await _engine(database))
    app.action(re.compile(""))(listener)
    runner = web.AppRunner(app.web_app(port=port), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))

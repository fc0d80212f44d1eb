"""Web processes and workers beside one another on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.far.slack_hand import Hand
from tests.slow.process import BotProcess, free_port
from tests.slow.slack_testbed import SlackTestbed, start_slack_testbed


@dataclass(slots=True)
class Fleet:
    """Web processes and workers beside one another; `hands` reach one web process each."""

    testbed: SlackTestbed
    webs: list[BotProcess]
    workers: list[BotProcess]
    hands: list[Hand]

    @property
    def all(self) -> list[BotProcess]:
        return [*self.webs, *self.workers]


@asynccontextmanager
async def start_fleet(
    folder: Path, url: str, workers: int = 0, people: int = 3, settings: dict[str, str] | None = None
) -> AsyncIterator[Fleet]:
    """Two web processes and so many workers, started at the same instant; the alliance is declared."""
    async with start_slack_testbed(folder, url, people, settings) as testbed:
        made = [BotProcess(folder, testbed.bot.settings, role="web") for _ in range(2)]
        for port in (free_port() for _ in range(workers)):
            settings = {**testbed.bot.settings, "PULSE_WORKER__PORT": str(port)}
            made.append(BotProcess(folder, settings, port, role="worker"))
        testbed.bot = made[0]
        hands = [replace(testbed.hand, bot_url=f"{bot.url}/slack/events", ladder=()) for bot in made[:2]]
        try:
            await asyncio.gather(*(bot.start() for bot in made))
            await testbed.bot.command("apply", "alliance.toml")
            yield Fleet(testbed, made[:2], made[2:], hands)
        finally:
            await asyncio.gather(*(bot.kill() for bot in made if bot.process))

"""The demo people when nobody plays them: they answer and write as the simulator says."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from adapters.sandbox.people import PEOPLE
from bot.app.bot import Bot
from bot.events import Answered
from bot.model import Round


def lively(bot: Bot) -> Callable[[Round], Awaitable[None]]:
    async def live(round: Round) -> None:
        for person in PEOPLE:
            chance = random.Random(f"{round.id}|{person.id}")
            if person.company.badge == "Visitor" or chance.random() < 0.2:
                continue
            for item in round.items:
                if item.kind == "open":
                    continue
                low = -1 if person.company.badge == "CRO" and round.index >= 9 else 0
                value = min(5, max(1, chance.choice((3, 4, 4, 5)) + low))
                at = bot.clock.now() + timedelta(minutes=chance.randrange(60))
                await bot.inbox.take(
                    Answered(by=person.member, at=at, round=round.id, item=item.id, value=value)
                )

    return live

"""The sandbox's hands on the clock: the demo's weeks are lived through the same walks as real ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.sandbox.clock_port import Progress, Step
from bot.app.runtime.bot import Bot
from bot.app.runtime.worker import tick_once
from bot.model.alliance import Alliance, Round
from bot.schedule import find_digest_slot, find_next_slot

SECOND = timedelta(seconds=1)
BEFORE_CLOSING = timedelta(hours=1)
"""When the demo people answer at the latest; until then a round is the visitor's to answer."""


@dataclass(frozen=True, slots=True)
class Player:
    """`adapters.sandbox.controls.Controls` over a bot all of whose channels are sandbox channels.

    `live` lets the demo people answer and write in an open round; what somebody answered already stays.
    """

    bot: Bot
    live: Callable[[Round], Awaitable[None]]

    def now(self) -> datetime:
        return self.bot.clock.now()

    async def advance(self, to: Step) -> str:
        """Move to the next such moment of the first alliance that asks anything; one sentence on what happened."""
        alliance = await self._alliance()
        if alliance is None:
            return "Nothing is to be asked: no alliance is declared whose pulse is not paused."
        rounds = await self.bot.store.rounds.list_open(alliance.key, self.now())
        match to:
            case "reminder" if rounds and rounds[-1].remind_at and rounds[-1].remind_at > self.now():
                await self._live_until(alliance, rounds[-1].remind_at)
                return "Those who have not answered got a private reminder."
            case "reminder" if rounds:
                return "The reminder of this round has gone out already; go on to the closing."
            case "closing" if rounds:
                await self._live_until(alliance, rounds[-1].closes_at)
                return "Everybody else has answered, and the round is closed. Ask for the score: /pulse score"
            case "next_week":
                await self._live_until(alliance, _next_slot(alliance, self.now()))
                return "A new round is open in the channel."
        return "No round is open for that; go to next week first."

    async def play(self, weeks: int) -> AsyncIterator[Progress]:
        """Live that many rounds: asked, answered by the demo people, closed, told. Stops soundly between steps.

        Nothing happens where no alliance asks anything.
        """
        alliance = await self._alliance()
        if alliance is None:
            return
        yield Progress(0, weeks, "The demo people are getting ready")
        for week in range(1, weeks + 1):
            await self._live_until(alliance, _next_slot(alliance, self.now()))
            for round in await self.bot.store.rounds.list_open(alliance.key, self.now()):
                await self._move(self.now() + timedelta(hours=3))
                await self.live(round)
                await self._live_until(alliance, round.closes_at)
            await self._live_until(alliance, _after_digest(alliance, self.now()))
            yield Progress(week, weeks, f"Week {week} of {weeks}: asked, answered, closed")

    async def _alliance(self) -> Alliance | None:
        """The first one that asks anything."""
        declared = await self.bot.store.alliances.list_all()
        return next((one for one in declared if any(not pulse.paused for pulse in one.pulses)), None)

    async def _live_until(self, alliance: Alliance, until: datetime) -> None:
        """Tick at every moment on the way at which something is due; no round closes without its people."""
        while self.now() < until:
            rounds = await self.bot.store.rounds.list_open(alliance.key, self.now())
            ahead = [
                moment for moment in _moments(alliance, rounds, self.now()) if self.now() < moment < until
            ]
            to = min(ahead, default=until)
            for round in rounds:
                if round.closes_at <= to:
                    await self._move(round.closes_at - BEFORE_CLOSING)
                    await self.live(round)
            await self._move(to)
            await tick_once(self.bot, self.now())
            await asyncio.sleep(0)

    async def _move(self, to: datetime) -> None:
        await self.bot.clock.move_to(to + SECOND, self.bot.store)


def _moments(alliance: Alliance, rounds: tuple[Round, ...], now: datetime) -> list[datetime]:
    own = [moment for round in rounds for moment in (round.remind_at, round.closes_at) if moment]
    return [*own, _next_slot(alliance, now), _after_digest(alliance, now)]


def _next_slot(alliance: Alliance, now: datetime) -> datetime:
    return min(
        find_next_slot(pulse, alliance.timezone, now).at for pulse in alliance.pulses if not pulse.paused
    )


def _after_digest(alliance: Alliance, now: datetime) -> datetime:
    return find_digest_slot(alliance, now + timedelta(days=7)).at

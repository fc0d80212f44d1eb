"""Move the bot's time for the sandbox; the demo's weeks run the same use cases as real ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.sandbox.clock_port import Progress, Step
from bot.app.runtime.bot import Bot
from bot.app.runtime.worker import tick_once
from bot.model.alliance import Alliance, Round
from bot.schedule import find_digest_slot, find_next_slot
from bot.working_days import find_working_days

SECOND = timedelta(seconds=1)
BEFORE_CLOSING = timedelta(hours=1)
"""The demo people answer this long before a round closes, so that a visitor can answer first."""


@dataclass(frozen=True, slots=True)
class Player:
    """Implement `adapters.sandbox.clock_port.ClockControls` for a bot whose only platform is the sandbox.

    `live` makes the demo people answer and write in an open round; it keeps existing answers.
    """

    bot: Bot
    live: Callable[[Round], Awaitable[None]]

    def now(self) -> datetime:
        return self.bot.clock.now()

    async def advance(self, to: Step) -> str:
        """Move to the next such moment of the first active alliance; return one sentence on what happened."""
        alliance = await self._find_alliance()
        if alliance is None:
            return "There is nothing to ask: every pulse is paused, or no alliance is declared."
        rounds = await self.bot.store.rounds.list_open(alliance.key, self.now())
        match to:
            case "reminder" if rounds and rounds[-1].remind_at and rounds[-1].remind_at > self.now():
                await self._live_until(alliance, rounds[-1].remind_at)
                return "Everybody who has not answered got a private reminder."
            case "reminder" if rounds:
                return "The reminder of this round has been sent. Go on to the closing."
            case "closing" if rounds:
                await self._live_until(alliance, rounds[-1].closes_at)
                return "Most of the others have answered, and the round is closed. Ask for the score: /pulse score"
            case "next_week":
                await self._live_until(alliance, _find_next_slot(alliance, self.now()))
                return "A new round is open in the channel."
        return "No round is open. Please go to next week first."

    async def play(self, weeks: int) -> AsyncIterator[Progress]:
        """Play that many weeks of the first active alliance: ask, answer, close, and send the digest.

        Yields after each week; it can be stopped there without harm. Does nothing if no alliance is active.
        """
        alliance = await self._find_alliance()
        if alliance is None:
            return
        yield Progress(0, weeks, "The demo people are getting ready")
        for week in range(1, weeks + 1):
            await self._live_until(alliance, _find_next_slot(alliance, self.now()))
            for pulse_round in await self.bot.store.rounds.list_open(alliance.key, self.now()):
                await self._move_clock(self.now() + timedelta(hours=3))
                await self.live(pulse_round)
                await self._live_until(alliance, pulse_round.closes_at)
            await self._live_until(alliance, _find_next_digest(alliance, self.now()))
            yield Progress(week, weeks, f"Week {week} of {weeks}: asked, answered, closed")

    async def _find_alliance(self) -> Alliance | None:
        """Return the first alliance with a pulse that is not paused."""
        declared = await self.bot.store.alliances.list_all()
        return next(
            (alliance for alliance in declared if any(not pulse.paused for pulse in alliance.pulses)), None
        )

    async def _live_until(self, alliance: Alliance, until: datetime) -> None:
        """Tick at every moment on the way at which something is due; before a round closes, its people answer."""
        while self.now() < until:
            rounds = await self.bot.store.rounds.list_open(alliance.key, self.now())
            ahead = [
                moment
                for moment in _list_moments(alliance, rounds, self.now())
                if self.now() < moment < until
            ]
            to = min(ahead, default=until)
            for pulse_round in rounds:
                if pulse_round.closes_at <= to:
                    await self._move_clock(pulse_round.closes_at - BEFORE_CLOSING)
                    await self.live(pulse_round)
            await self._move_clock(to)
            await tick_once(self.bot, self.now())
            await asyncio.sleep(0)

    async def _move_clock(self, to: datetime) -> None:
        await self.bot.clock.move_to(to + SECOND, self.bot.store)


def _list_moments(alliance: Alliance, rounds: tuple[Round, ...], now: datetime) -> list[datetime]:
    own = [
        moment
        for pulse_round in rounds
        for moment in (pulse_round.remind_at, pulse_round.closes_at)
        if moment
    ]
    return [*own, _find_next_slot(alliance, now), _find_next_digest(alliance, now)]


def _find_next_slot(alliance: Alliance, now: datetime) -> datetime:
    return min(
        find_next_slot(pulse, alliance.timezone, now, find_working_days(alliance)).at
        for pulse in alliance.pulses
        if not pulse.paused
    )


def _find_next_digest(alliance: Alliance, now: datetime) -> datetime:
    return find_digest_slot(alliance, now + timedelta(days=7)).at

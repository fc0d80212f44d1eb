"""Carry out what people want of reminders: pause, stop, not this month, tomorrow, and all as before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import Card
from bot.model.events import Commanded
from bot.model.wish import FOR_GOOD, Wish
from bot.ports import Store
from bot.privacy.permissions import find_led_side, find_side
from bot.privacy.pseudonym import make_pseudonym
from bot.schedule import to_instant
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.remind import choose_zone, find_time_for
from bot.wording import wishes as wording
from bot.wording.confirmations import refuse_stranger
from bot.wording.dates import format_moment

LATER = timedelta(days=1)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2}
_DAYS = {"day": 1, "week": 7, "month": 30}
USUAL = timedelta(weeks=2)
LONGEST = timedelta(days=366)


WISHES = {"pause": "no reminders for a while", "resume": "", "stop": "", "quiet": "", "later": ""}
"""Commands about reminders, and what help says of them."""


class Asked(Protocol):
    """A request for a command, as far as it matters here."""

    @property
    def event(self) -> Commanded: ...
    @property
    def alliance(self) -> Alliance: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def store(self) -> Store: ...
    @property
    def trail(self) -> AuditTrail: ...
    @property
    def now(self) -> datetime: ...


async def handle_wish(request: Asked, verb: str) -> Card:
    secret = request.trail.secret
    wishing = Wishing(request.alliance, request.event.by, request.store, secret, request.now)
    return await wishing.answer(verb, request.words)


async def handle_answered(request: Asked) -> Card:
    return wording.explain_secrecy(request.alliance)


@dataclass(frozen=True, slots=True)
class Wishing:
    """Somebody who says what they want of reminders, on one side of an alliance."""

    alliance: Alliance
    by: Member
    store: Store
    secret: bytes
    now: datetime

    @property
    def side(self) -> Side | None:
        return find_side(self.alliance, self.by) or find_led_side(self.alliance, self.by)

    async def answer(self, verb: str, words: Sequence[str]) -> Card:
        """Carry out `pause`, `stop`, `quiet`, `later` or `resume`; return what to say."""
        side = self.side
        if side is None:
            return refuse_stranger()
        plain = [word.lower() for word in words if word.lower() != self.alliance.key]
        match verb:
            case "pause":
                return await self._pause(side, " ".join(plain))
            case "stop":
                await self._save(side, Wish("pause", FOR_GOOD))
                return wording.confirm_stop(self.alliance)
            case "quiet":
                return await self._keep_quiet(side)
            case "later":
                return await self._remind_later(side, plain)
        person = make_pseudonym(self.secret, self.alliance.key, self.by, "answer")
        withdrawn = await self.store.wishes.withdraw_wishes(self.alliance.key, person)
        return wording.confirm_resume(withdrawn > 0)

    async def _pause(self, side: Side, length: str) -> Card:
        span = parse_length(length) if length else USUAL
        if span is None:
            return wording.refuse_length(self.alliance)
        until = self.now + span
        await self._save(side, Wish("pause", until))
        return wording.confirm_pause(self.alliance, until)

    async def _keep_quiet(self, side: Side) -> Card:
        local = self.now.astimezone(ZoneInfo(choose_zone(self.alliance, self.by))).date()
        following = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
        await self._save(
            side, Wish("quiet", to_instant(following, time(0), choose_zone(self.alliance, self.by)))
        )
        return wording.confirm_quiet(self.alliance, following)

    async def _remind_later(self, side: Side, words: Sequence[str]) -> Card:
        rounds = await self.store.rounds.list_open(self.alliance.key, self.now)
        asked_round = next((found for found in rounds if found.id in words), None)
        if asked_round is None:
            return wording.report_closed(self.alliance)
        zone = choose_zone(self.alliance, self.by)
        at = find_time_for(self.alliance, side, zone, self.now + LATER)
        if at is None or at >= asked_round.closes_at:
            return wording.refuse_later(self.alliance, asked_round)
        await self._save(side, Wish("again", at, asked_round.id))
        return wording.confirm_later(format_moment(at, zone))

    async def _save(self, side: Side, wish: Wish) -> None:
        person = make_pseudonym(self.secret, self.alliance.key, self.by, "answer")
        await self.store.wishes.save_wish(self.alliance.key, person, side, wish, self.now)


def parse_length(text: str) -> timedelta | None:
    """Return the time that "2 weeks", "10 days" or "a month" means; None for anything else, and beyond a year."""
    match text.removeprefix("for ").split():
        case [unit]:
            count = "1"
        case [count, unit]:
            pass
        case _:
            return None
    number = _COUNTS.get(count) or (int(count) if count.isdecimal() and len(count) <= 2 else 0)
    span = timedelta(days=number * _DAYS.get(unit.removesuffix("s"), 0))
    return span if timedelta() < span <= LONGEST else None

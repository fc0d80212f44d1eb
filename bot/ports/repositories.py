"""Repositories: the bot's memory, one small protocol for each concept.

Each method is one transaction, is safe to run twice, and may raise StoreUnavailable. Lists of what is due hold a few
hundred of the oldest, picked at random: workers share the work, and one failing row cannot block the others.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.model.alliance import Alliance, Channel, Round, Side
from bot.model.closing import Alarm, Closing, KeptBlock, MoodLine, Record, Release
from bot.model.commands import (
    DueDigest,
    DuePulse,
    GivenAnswer,
    GivenComment,
    GivenReading,
    Kept,
    RaisedAlarm,
    Turnout,
)
from bot.model.delivery import Delivery, Outbox


class Pulses(Protocol):
    """When each pulse is to be looked at next, and the slots that were missed."""

    async def list_due(self, now: datetime) -> tuple[DuePulse, ...]:
        """Return pulses whose next look is due."""

    async def ask(
        self, round: Round, deliveries: Sequence[Delivery], look_at: datetime, revision: int
    ) -> bool:
        """Insert the round and its deliveries, and look at the pulse again at `look_at`.

        False, and no change, if that slot or index is taken, or the alliance is no longer at `revision`.
        """

    async def reschedule(
        self, alliance: str, pulse: str, look_at: datetime, revision: int, missed: date | None = None
    ) -> None:
        """Look at the pulse again at `look_at`; `missed` is a slot too long past, to be counted and shown.

        Nothing happens if the alliance is no longer at `revision`: the change has made the pulse due again.
        """

    async def list_missed(self, alliance: str) -> tuple[date, ...]:
        """Return slots that passed while nobody could ask, oldest first."""


class Digests(Protocol):
    """When each alliance's digest is to be looked at next."""

    async def list_due(self, now: datetime) -> tuple[DueDigest, ...]:
        """Return alliances whose next look is due; new ones are due at once."""

    async def send(
        self, alliance: str, deliveries: Sequence[Delivery], look_at: datetime, revision: int
    ) -> None:
        """Enqueue these (none: nothing to send now) and look again at `look_at`.

        Nothing happens if the alliance is no longer at `revision`: the change has made the digest due again.
        """


class CompanyClaims(Protocol):
    """Companies that no declaration names, and which side leads say that they are.

    `home` is (platform, organisation id); `told` is sent in the same transaction as the change, or not at all.
    """

    async def claim(self, alliance: str, side: Side, home: tuple[str, str], told: Sequence[Delivery]) -> bool:
        """Count the company's people as that side, with what they said before.

        False, and no change, where nobody of it waits, or it is claimed, disputed or declared already.
        """

    async def suspend(
        self, alliance: str, side: Side, home: tuple[str, str], told: Sequence[Delivery]
    ) -> bool:
        """Count it as neither side's until the claim is withdrawn or a declaration names it.

        False, and no change, where that side has not claimed it.
        """

    async def withdraw(self, alliance: str, home: tuple[str, str], told: Sequence[Delivery]) -> bool:
        """Take a claim back, so that the company waits again. False where there is none."""


class Store(Protocol):
    """The domain's memory. Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    @property
    def outbox(self) -> Outbox:
        """Deliveries, apart from those that belong to a step below and are written with it."""

    @property
    def pulses(self) -> Pulses: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def companies(self) -> CompanyClaims: ...

    # Declared by `apply`
    async def declare(self, alliances: Sequence[Alliance], now: datetime | None = None) -> tuple[str, ...]:
        """Make these alliances be as given, from `now` on; the differences, one line each."""

    async def alliances(self) -> tuple[Alliance, ...]:
        """All of them, in the order of their keys."""

    async def alliance(self, key: str) -> Alliance | None: ...
    async def alliance_at(self, channel: Channel) -> Alliance | None:
        """The alliance that has declared this channel."""

    async def known(self, channel: Channel) -> Channel:
        """The declared channel that this is: under an earlier address, or told of by another installation."""

    async def move(self, channel: Channel, to: str) -> bool:
        """Its address is `to` from now on, and what was kept under the old one is kept under this one."""

    async def alliances_of(self, homes: Sequence[tuple[str, str]]) -> tuple[Alliance, ...]:
        """Those in which one of these organisations, (platform, organisation id), is a side."""

    # Rounds
    async def unenrolled(self, now: datetime) -> tuple[Round, ...]:
        """Open rounds whose roster has not been taken yet."""

    async def enrol(self, round: str, roster: Sequence[tuple[Side, str]]) -> None:
        """Keep who (pseudonyms) was on the roster of the round."""

    # Remind
    async def to_remind(self, now: datetime) -> tuple[Round, ...]:
        """Open rounds whose reminder is due and was not written yet."""

    async def answered(self, round: str) -> frozenset[str]:
        """Pseudonyms of those who answered anything in the round, "can't judge" included."""

    async def remind(self, round: str, deliveries: Sequence[Delivery]) -> bool:
        """Enqueue the reminders of a round; False if that was done already."""

    # Answer, comment, listen
    async def answer(self, given: GivenAnswer, now: datetime) -> Kept:
        """Committed to disk when it returns."""

    async def own_answers(self, round: str, person: str) -> Mapping[str, int | None]:
        """Item id → 1 … 5, or None for "can't judge", of the person of that pseudonym."""

    async def comment(self, given: GivenComment, now: datetime) -> Kept:
        """Committed to disk, encrypted, when it returns."""

    async def comments(self, alliance: str) -> tuple[KeptBlock, ...]:
        """The newest block of each side; none that misses a comment which was erased."""

    async def keep_reading(self, given: GivenReading) -> None:
        """Instead of an older reading of the same message; nothing where the message was deleted."""

    async def drop_reading(self, channel: Channel, message: str, at: datetime) -> None:
        """The message is gone: neither an edit nor a late original brings its reading back."""

    async def round(self, id: str) -> Round | None: ...
    async def open_rounds(self, alliance: str, now: datetime) -> tuple[Round, ...]:
        """Those that can be answered at `now`, oldest first."""

    async def asked_in(self, channel: Channel, message: str) -> bool:
        """Was this message posted by a delivery of ours?"""

    # Close
    async def to_close(self, now: datetime) -> tuple[Round, ...]:
        """Rounds whose time is over, frozen ones included; of an alliance all of them, oldest first."""

    async def freeze(self, round: str) -> bool:
        """No answer is taken from here on; False while some are being saved, or another worker is at it."""

    async def record(self, round: str, leads: frozenset[str]) -> Record:
        """What the rules judge a frozen round by; `leads` are pseudonyms. Raises LookupError for no such round."""

    async def close(self, round: str, closing: Closing, deliveries: Sequence[Delivery]) -> bool:
        """Write down all of it at once; False if another worker did."""

    # What is shown
    async def releases(self, alliance: str) -> tuple[Release, ...]:
        """Every number that was ever released, oldest first."""

    async def last_round(self, alliance: str) -> Round | None:
        """The newest closed round."""

    async def mood(self, alliance: str) -> tuple[MoodLine, ...]:
        """Of both sides, as of the newest closing."""

    async def alarms(self, alliance: str) -> tuple[RaisedAlarm, ...]:
        """All that were raised, oldest first."""

    async def acknowledge(self, alarm: str, side: Side) -> bool:
        """That side has taken note; False if it had, or there is no such alarm."""

    async def accept(self, alliance: str, alarms: Sequence[Alarm]) -> None:
        """Leads take the level that these alarms found as the new normal, from the next closing on."""

    async def turnout(self, round: str) -> Turnout:
        """As it was at closing, where the round is closed."""

    # Small things
    async def setting(self, key: str) -> str | None:
        """What was last kept under that key."""

    async def keep_setting(self, key: str, value: str) -> None:
        """Instead of what was kept under that key."""

    async def ready(self) -> bool:
        """Can be written, and the schema is the one this version knows."""

"""What the core needs of the world, and what the world may call: chat platforms, the store, the inbox."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from bot.model.alliance import Alliance, Channel, Member, MessageRef, Place, Round, Side
from bot.model.cards import Card
from bot.model.closing import Alarm, Closing, KeptBlock, MoodLine, Record, Release
from bot.model.commands import DuePulse, GivenAnswer, GivenComment, GivenReading, Kept, RaisedAlarm, Turnout
from bot.model.delivery import Delivery, Outbox
from bot.model.events import Event

Now: TypeAlias = Callable[[], datetime]
"""The one clock, UTC; read at the doors and handed down as a value."""


class PlatformError(Exception):
    """A platform did not do what it was asked.

    `kind` says what is known: `refused` (will never work as it is), `later` (certainly not done, try again in
    `retry_after` seconds), `not_yet` (the same, and not even asked, to keep to a limit), `unknown` (it may have been
    done: never simply repeat).
    """

    def __init__(
        self,
        kind: Literal["refused", "later", "not_yet", "unknown"],
        reason: str,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        """A short code for logs and operators; holds no text, name or address."""
        self.retry_after = retry_after


class StoreUnavailable(Exception):
    """Nothing was saved: the database cannot be written, or too much is waiting."""


class ChatPlatform(Protocol):
    """Outbound. Every method may raise PlatformError."""

    @property
    def name(self) -> str: ...

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        """Post a new message; a Member is written to directly. `delivery_id` travels with the message."""

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        """Make the message show `card` instead."""

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        """The people in a channel, without bots, each with their home organisation."""

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:
        """Was it posted after all? None: certainly not. PlatformError: this platform cannot tell."""


class Inbox(Protocol):
    """Inbound: the one door for what happened on a platform."""

    async def take(self, event: Event) -> Card | None:
        """What to show, privately, to the person who acted; None: nothing. Raises no error for bad input.

        Raises StoreUnavailable where an event could not be saved and nobody is there to be told (`Said`,
        `Edited`, `Deleted`, `Joined`, `Left`), or where another process is at it: the platform is to deliver it again.
        """

    async def shown(self, event: Event) -> None:
        """The card stands where it is to be seen: delivered again, the event gets none. Raises no error."""


class Store(Protocol):
    """The domain's memory. Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    @property
    def outbox(self) -> Outbox:
        """Deliveries, apart from those that belong to a step below and are written with it."""

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

    # Ask. What is due is given a few hundred at a time, any of them: workers share it, and none bars the way.
    async def due(self, now: datetime) -> tuple[DuePulse, ...]:
        """Pulses whose next look is due, found by index and not by scanning."""

    async def ask(self, round: Round, deliveries: Sequence[Delivery], look_again: datetime) -> bool:
        """Insert the round and its deliveries; False if that slot or index was taken meanwhile."""

    async def look_again(self, alliance: str, pulse: str, at: datetime, missed: date | None = None) -> None:
        """Nothing to ask now; look again at `at`. `missed`: a slot too long past, to be counted and shown."""

    async def missed(self, alliance: str) -> tuple[date, ...]:
        """Slots that passed while nobody could ask, oldest first."""

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

    async def map_home(self, alliance: str, side: Side, home: tuple[str, str]) -> int:
        """From now on this organisation is that side; answers kept pending count. How many did."""

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

    # Digest
    async def digests_due(self, now: datetime) -> tuple[Alliance, ...]:
        """Alliances whose next look at the digest is due, found by index; new ones are due at once."""

    async def digest(self, alliance: str, deliveries: Sequence[Delivery], look_again: datetime) -> None:
        """Enqueue these (none: nothing to send now) and look again at that time, in one transaction."""

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

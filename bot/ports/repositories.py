"""Repositories: the bot's memory, one small protocol for each concept.

Each method is one transaction, is safe to run twice, and may raise StoreUnavailable. Lists of what is due hold a few
hundred of the oldest, picked at random: workers share the work, and one failing row cannot block the others.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

from bot.model.alert import Alert
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
from bot.model.delivery import Delivery
from bot.ports.company_claims import CompanyClaims
from bot.ports.governance import CopyRequests
from bot.ports.loop import Actions, Alerts, Milestones
from bot.ports.outbox import Claims, Outbox
from bot.ports.stored_values import StoredValues
from bot.ports.wishes import Wishes


class Alliances(Protocol):
    """Alliances, declared by operators."""

    async def declare(self, alliances: Sequence[Alliance], now: datetime | None = None) -> tuple[str, ...]:
        """Make these alliances be as given, from `now` on; return the differences, one line each.

        Raises ValueError for an alliance given twice, a channel that already is another alliance's, or a bank that
        would undo what was asked.
        """

    async def list_all(self) -> tuple[Alliance, ...]:
        """Return all of them, in the order of their keys."""

    async def find_by_key(self, key: str) -> Alliance | None:
        """Return the alliance, as it was at most a quarter of a second ago."""

    async def find_by_channel(self, channel: Channel) -> Alliance | None:
        """Return the alliance that has declared this channel."""

    async def list_by_homes(self, wanted: Sequence[tuple[str, str]]) -> tuple[Alliance, ...]:
        """Return those in which one of these organisations, (platform, organisation id), is a side."""

    async def list_by_workspace(self, platform: str, workspace: str) -> tuple[Alliance, ...]:
        """Return those that have a channel in this workspace."""

    async def resolve_channel(self, channel: Channel) -> Channel:
        """Return the declared channel that is meant, by an earlier address or another installation's name for it.

        The channel itself where there is none, or more than one could be meant.
        """

    async def move_channel(self, channel: Channel, to: str) -> bool:
        """Give it the address `to`; what was kept under the old one is kept under this one.

        False, and no change, for a channel that is not declared, or an address that is another's already.
        """


class Pulses(Protocol):
    """When each pulse is to be looked at next, and the slots that were missed."""

    async def list_due(self, now: datetime) -> tuple[DuePulse, ...]:
        """Return pulses whose next look is due."""

    async def ask(
        self, asked: Round, deliveries: Sequence[Delivery], look_at: datetime, revision: int
    ) -> bool:
        """Insert the round and its deliveries, and look at the pulse again at `look_at`.

        False, and no change, if that slot or index is taken, or the alliance is no longer at `revision`.
        """

    async def reschedule(
        self, alliance: str, pulse: str, look_at: datetime, revision: int, missed_slot: date | None = None
    ) -> None:
        """Look at the pulse again at `look_at`; `missed_slot` is one too long past, to be counted and shown.

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


class Rounds(Protocol):
    """Rounds: asked, given a roster, reminded."""

    async def find_round(self, round_id: str) -> Round | None: ...
    async def list_open(self, alliance: str, now: datetime) -> tuple[Round, ...]:
        """Return those that can be answered at `now`, oldest first."""

    async def find_last_closed(self, alliance: str) -> Round | None:
        """Return the newest closed round."""

    async def list_unenrolled(self, now: datetime) -> tuple[Round, ...]:
        """Return open rounds whose roster has not been taken yet."""

    async def enrol(
        self,
        round_id: str,
        roster: Sequence[tuple[Side | None, str]],
        renamed: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        """Keep who (pseudonyms) is on the roster of the round; None: of a company that is neither side's.

        The first roster stays until somebody says otherwise whose a company is. `renamed`: an earlier pseudonym of a
        person → the one on the roster. Return how many people's answers changed side.
        """

    async def request_roster(self, round_id: str) -> None:
        """Have the roster of an open round read again: somebody's side waits for it."""

    async def list_to_remind(self, now: datetime) -> tuple[Round, ...]:
        """Return open rounds whose reminder is due and was not written yet."""

    async def remind(
        self, round_id: str, deliveries: Sequence[Delivery], now: datetime, look_at: datetime | None
    ) -> int:
        """Enqueue reminders of a round that is due for them, and return how many are new.

        It is due again at `look_at`, or earlier where somebody wishes to be reminded again.
        """

    async def count_turnout(self, round_id: str) -> Turnout:
        """Count who answered, and who was on the roster; as it was at closing, once the round is closed."""

    async def count_roster(self, round_id: str, leads: frozenset[str]) -> Mapping[Side, int]:
        """Count the people of each side on the roster of the round, without `leads` (pseudonyms)."""


class Answers(Protocol):
    """Answers to rounds."""

    async def save_answer(self, given: GivenAnswer, now: datetime) -> Kept:
        """Commit the answer to disk; the later of two by platform time stays."""

    async def list_own(self, round_id: str, person: str) -> Mapping[str, int | None]:
        """Return item id → 1 … 5, or None for "can't judge", of the person of that pseudonym."""

    async def list_respondents(self, round_id: str) -> frozenset[str]:
        """Return pseudonyms of those who answered anything in the round, "can't judge" included."""


class Comments(Protocol):
    """Confidential words."""

    async def save_comment(self, given: GivenComment, now: datetime) -> Kept:
        """Commit the comment to disk, encrypted."""

    async def list_newest_blocks(self, alliance: str) -> tuple[KeptBlock, ...]:
        """Return the newest block of each side; none that misses a comment which was erased."""


class Readings(Protocol):
    """The mood of messages."""

    async def save_reading(self, given: GivenReading) -> None:
        """Replace an older reading of the same message; nothing happens where the message was deleted."""

    async def delete_reading(self, channel: Channel, message: str, at: datetime) -> None:
        """Delete it for good: neither an edit nor a late original brings it back."""


class Closings(Protocol):
    """Rounds whose time is over, and what came of them."""

    async def list_to_close(self, now: datetime) -> tuple[Round, ...]:
        """Return rounds whose time is over, frozen ones included; of an alliance all of them, oldest first."""

    async def freeze_round(self, round_id: str) -> bool:
        """Take no more answers to it; False while some are being saved, or another worker is freezing it."""

    async def load_record(self, round_id: str, leads: frozenset[str]) -> Record:
        """Return what the rules judge a frozen round by; `leads` are pseudonyms.

        Raises LookupError for no such round.
        """

    async def close_round(
        self, round_id: str, closing: Closing, deliveries: Sequence[Delivery], opened: Sequence[Alert] = ()
    ) -> bool:
        """Write it down at once, with the alerts opened; False if closed already, or another worker is closing it."""

    async def list_releases(self, alliance: str) -> tuple[Release, ...]:
        """Return every number that was ever released, oldest first."""

    async def list_mood(self, alliance: str) -> tuple[MoodLine, ...]:
        """Return the mood of both sides as of the newest closing."""


class Alarms(Protocol):
    """Alarms that were raised."""

    async def list_raised(self, alliance: str) -> tuple[RaisedAlarm, ...]:
        """Return all of them, oldest first."""

    async def list_open(self, alliance: str) -> frozenset[str]:
        """Return the kinds of alarm that are open: not back to usual, and not accepted as the new normal."""

    async def acknowledge(self, alarm_id: str, side: Side) -> bool:
        """Note that this side has seen it; False if it had, or there is no such alarm."""

    async def accept_new_normal(self, alliance: str, accepted: Sequence[Alarm]) -> None:
        """Take the level that these alarms found as the new normal, from the next closing on."""


class Store(Protocol):
    """All repositories: for a use case that needs several of them."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def alliances(self) -> Alliances: ...
    @property
    def companies(self) -> CompanyClaims: ...
    @property
    def copy_requests(self) -> CopyRequests: ...
    @property
    def values(self) -> StoredValues: ...
    @property
    def pulses(self) -> Pulses: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def rounds(self) -> Rounds: ...
    @property
    def wishes(self) -> Wishes: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def comments(self) -> Comments: ...
    @property
    def readings(self) -> Readings: ...
    @property
    def closings(self) -> Closings: ...
    @property
    def alarms(self) -> Alarms: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def actions(self) -> Actions: ...
    @property
    def milestones(self) -> Milestones: ...

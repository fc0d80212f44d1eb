"""The door for what happened: every event of every platform goes to its walk."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.entrypoints.deduplicate import Once
from bot.model.cards import Card
from bot.model.commands import KeptDays
from bot.model.delivery import Delivery
from bot.model.events import (
    Answered,
    Changed,
    Commanded,
    Commented,
    Deleted,
    Echoed,
    Edited,
    Event,
    Joined,
    Left,
    Moved,
    Said,
)
from bot.mood import Abstained, Mood
from bot.ports import Now, Store, StoreUnavailable
from bot.privacy.held_comments import HeldComments
from bot.use_cases.answer import save_answer
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.channel_changes import follow_channel
from bot.use_cases.command import answer_command
from bot.use_cases.comment import CommentDesk
from bot.use_cases.deliver import confirm_echo
from bot.use_cases.listen import forget_message, read_mood
from bot.wording import confirmations as reply
from bot.wording.help import ANY_WAY

log = logging.getLogger(__name__)


def _ignore_event(at: datetime) -> None:
    """Ignore an event's time: for an inbox whose clock nobody judges."""


@dataclass(frozen=True, slots=True)
class PulseInbox:
    """`bot.ports.Inbox` over a store, a mood reader and a clock."""

    store: Store
    read: Callable[[str], Mood | Abstained]
    secret: bytes
    now: Now
    trail: AuditTrail
    once: Once
    hear: Callable[[datetime], None] = _ignore_event
    """Told the time of each event: the machine's clock cannot be earlier."""
    held: HeldComments = field(default_factory=HeldComments)
    """Comments that the guard stopped, in memory alone."""
    kept: KeptDays = field(default_factory=KeptDays)
    ways: Mapping[str, str] = field(default_factory=dict)
    """Platform → how commands are given there, as a sentence."""

    @property
    def desk(self) -> CommentDesk:
        return CommentDesk(self.store, self.trail, self.held)

    async def take(self, event: Event) -> Card | None:
        """See `bot.ports.Inbox`. A person who acted hears the truth when nothing could be saved."""
        if not isinstance(event, Echoed):
            self.hear(event.at)
        self.held.drop_old(self.now())
        if not await self.once.begin(event):
            return None
        try:
            placed = await self._place_event(event)
            return await self._run_use_case(placed) if placed else None
        except StoreUnavailable:
            log.warning("store unavailable: %s not taken", type(event).__name__)
            if isinstance(event, Answered | Commented | Commanded):
                return reply.report_not_saved()
            raise

    async def shown(self, event: Event) -> None:
        """See `bot.ports.Inbox`."""
        try:
            await self.once.end(event)
        except StoreUnavailable:
            log.warning("store unavailable: delivered again, a command may be answered again")

    async def keep_reply(self, event: Event, card: Card) -> bool:
        """See `bot.ports.Inbox`. It goes out as any delivery does, so that no restart loses it."""
        if not isinstance(event, Commanded):
            return False
        homes = [(event.by.platform, home) for home in event.by.home]
        try:
            alliances = await self.store.alliances.list_by_homes(homes)
            if not alliances:
                return False
            late = Delivery(f"late:{secrets.token_hex(8)}", alliances[0].key, event.by, card)
            await self.store.outbox.enqueue([late])
        except StoreUnavailable:
            return False
        return True

    async def _place_event(self, event: Event) -> Event | None:
        """With the channel as it was declared. None for the coming and going of another installation's copy of us."""
        if isinstance(event, Answered | Commented | Moved | Echoed) or event.channel is None:
            return event
        place = await self.store.alliances.resolve_channel(event.channel)
        is_other_copy = place.workspace != event.channel.workspace
        if isinstance(event, Joined | Left) and event.who is None and is_other_copy:
            return None
        return replace(event, channel=place)

    async def _run_use_case(self, event: Event) -> Card | None:
        match event:
            case Answered():
                return await save_answer(event, self.store, self.secret, self.now())
            case Commented():
                return await self.desk.save_comment(event, self.now())
            case Commanded():
                ways = self.ways.get(event.by.platform, ANY_WAY)
                return await answer_command(
                    event, self.store, self.trail, self.desk, self.kept, self.now(), ways
                )
            case Said() | Edited():
                await read_mood(event, self.store, self.read, self.secret)
            case Deleted():
                await forget_message(event, self.store.readings)
            case Joined() | Left() | Changed() | Moved():
                await follow_channel(event, self.store, self.secret)
            case Echoed():
                await confirm_echo(event, self.store, self.now())
        return None

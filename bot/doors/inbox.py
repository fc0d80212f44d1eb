"""The door for what happened: every event of every platform goes to its walk."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.cards import Card
from bot.events import Answered, Commanded, Commented, Deleted, Edited, Event, Joined, Left, Said
from bot.mood import Abstained, Mood
from bot.ports import Now, Store, StoreUnavailable
from bot.walks.answer import answer
from bot.walks.books import Books
from bot.walks.command import command
from bot.walks.comment import comment
from bot.walks.listen import forget, listen
from bot.walks.welcome import farewell, welcome
from bot.wording import reply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PulseInbox:
    """`bot.ports.Inbox` over a store, a mood reader and a clock."""

    store: Store
    read: Callable[[str], Mood | Abstained]
    secret: bytes
    now: Now
    books: Books

    async def take(self, event: Event) -> Card | None:
        """See `bot.ports.Inbox`. A person who acted hears the truth when nothing could be saved."""
        try:
            return await self._walk(event)
        except StoreUnavailable:
            log.warning("store unavailable: %s not taken", type(event).__name__)
            if isinstance(event, Answered | Commented | Commanded):
                return reply.not_saved()
            raise

    async def _walk(self, event: Event) -> Card | None:
        match event:
            case Answered():
                return await answer(event, self.store, self.secret, self.now())
            case Commented():
                return await comment(event, self.store, self.secret, self.now())
            case Commanded():
                return await command(event, self.store, self.books, self.now())
            case Said() | Edited():
                await listen(event, self.store, self.read, self.secret)
            case Deleted():
                await forget(event, self.store)
            case Joined(who=None):
                await welcome(event, self.store)
            case Left(who=None):
                await farewell(event, self.store, self.secret)
            case Joined() | Left():
                log.info("roster changed: %s", type(event).__name__)
        return None

"""Hold comments that the guard stopped, in this process's memory alone, until their writers say what to do.

Nothing here is written anywhere. Another process, or this one after a restart, does not have them.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex

from bot.model.alliance import Member
from bot.model.events import Commented

HELD_FOR = timedelta(minutes=15)
HELD_AT_MOST = 500
"""Comments of a process; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class HeldComment:
    by: Member
    event: Commented | None = field(repr=False)
    """None once it is saved: a button pressed twice saves once."""
    since: datetime


@dataclass(frozen=True, slots=True)
class HeldComments:
    held: OrderedDict[str, HeldComment] = field(default_factory=OrderedDict, repr=False)

    def hold(self, event: Commented, now: datetime) -> str:
        """Hold a comment; return the token by which its writer finds it again."""
        self.drop_old(now)
        token = token_hex(8)
        self.held[token] = HeldComment(event.by, event, now)
        if len(self.held) > HELD_AT_MOST:
            self.held.popitem(last=False)
        return token

    def find(self, token: str, by: Member, now: datetime) -> HeldComment | None:
        """Return what this person wrote; None if it is not held here, or somebody else's."""
        self.drop_old(now)
        found = self.held.get(token)
        return found if found and found.by == by else None

    def mark_saved(self, token: str) -> None:
        """Forget the words, and remember that they were saved."""
        if token in self.held:
            self.held[token] = replace(self.held[token], event=None)

    def drop_old(self, now: datetime) -> None:
        """Forget what has been held too long."""
        for token in [token for token, entry in self.held.items() if now - entry.since > HELD_FOR]:
            del self.held[token]

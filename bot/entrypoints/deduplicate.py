"""A command that came as a message is carried out and answered once, however often and wherever it is delivered.

A platform delivers again what was not acknowledged in time, to whichever process is asked next. All else that comes in
is kept under keys of what it says (who answered which item, which message was read) and may simply be taken again; that
a command was answered only its delivery can tell. Who begins holds it for a while: where that process dies, a later
delivery begins anew.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model.events import Commanded, Event
from bot.ports import Now, TakenElsewhere

HOLD = timedelta(seconds=12)
"""For carrying out and showing; over before a platform has lost patience, so that what it delivers then is taken."""
KEPT = timedelta(days=2)
"""Longer than any platform goes on delivering the same again."""


class Holds(Protocol):
    """Names that only one process has at a time; each method may raise StoreUnavailable."""

    async def take(self, name: str, now: datetime, until: datetime) -> str | None:
        """Hold `name` from `now` on: a token, or None where somebody else holds it."""

    async def find_end(self, name: str) -> datetime | None:
        """When the newest hold on `name` ends, or ended; None where nobody ever held it."""

    async def hold_until(self, name: str, until: datetime) -> None:
        """Hold `name` until that time, whoever holds it now."""


@dataclass(frozen=True, slots=True)
class Once:
    """Tells whether an event is to be carried out; only commands with a key of their delivery are ever held back."""

    holds: Holds
    now: Now

    async def begin(self, event: Event) -> bool:
        """Is it to be carried out, by this process? False where it was answered already.

        Raises TakenElsewhere while another process carries it out, StoreUnavailable.
        """
        name, now = _name_delivery(event), self.now()
        if name is None or await self.holds.take(name, now, now + HOLD):
            return True
        until = await self.holds.find_end(name)
        if until is None or until <= now + HOLD:
            raise TakenElsewhere
        return False

    async def end(self, event: Event) -> None:
        """Note that the answer was shown: for `KEPT` the event is not carried out again. May raise StoreUnavailable."""
        name = _name_delivery(event)
        if name is not None:
            await self.holds.hold_until(name, self.now() + KEPT)


def _name_delivery(event: Event) -> str | None:
    """Digested, because a delivery's key may name a conversation."""
    match event:
        case Commanded(by=by, delivery=str(key)) if key:
            return "command:" + hashlib.sha256(f"{by.platform}:{key}".encode()).hexdigest()
    return None

"""Repositories of what both companies check and agree. Each method is one transaction; may raise StoreUnavailable."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.model.alliance import Member, Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.model.proposal import Proposal


class AuditLog(Protocol):
    """Append-only. What cannot be noted must not be done: note first."""

    async def note(self, noted: AuditEntry) -> None:
        """Append the entry."""


class CopyRequests(Protocol):
    """Requests for a copy of one's data, which an operator fulfils without seeing it."""

    async def request_copy(self, member: Member, noted: AuditEntry) -> str:
        """Note the request, in place of an earlier one; return the passphrase, which is kept nowhere."""


class Proposals(Protocol):
    """Changes of the charter that wait for the other side. `noted` goes into the audit log, with the outcome."""

    async def list_open(self, alliance: str, now: datetime) -> tuple[Proposal, ...]:
        """Return what waits for the other side, oldest first."""

    async def propose(
        self, proposal: Proposal, deliveries: Sequence[Delivery], noted: AuditEntry | None = None
    ) -> bool:
        """Write it down, and enqueue the deliveries; False where another proposal on the same term is open."""

    async def agree(
        self,
        proposal: Proposal,
        by: Side,
        deliveries: Sequence[Delivery],
        now: datetime,
        noted: AuditEntry | None = None,
    ) -> bool:
        """Put it in force. False where it is not open any more, or `by` is the side that proposed it."""

    async def decline(
        self, proposal: Proposal, deliveries: Sequence[Delivery], noted: AuditEntry | None = None
    ) -> bool:
        """Close it, for either side. False where it is not open any more."""

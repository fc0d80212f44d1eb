"""What needs both sides: one side's lead proposes, a lead of the other side agrees, and only then it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from bot.model.alliance import Side
from bot.model.delivery import Delivery

Term: TypeAlias = Literal["minimum", "share", "erase"]
"""People a side that a number must rest on; whether leads see the other side's dimensions; deleting the alliance."""


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    alliance: str
    term: Term
    value: str
    """`minimum`: a whole number; `share`: on or off; `erase`: empty."""
    side: Side
    """Whose lead proposed it; the other side is to agree."""
    at: datetime
    until: datetime
    """From then on nobody can agree any more, nor can an operator carry it out."""


class Agreements(Protocol):
    """Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    async def open(self, alliance: str, now: datetime) -> tuple[Proposal, ...]:
        """What waits for the other side, oldest first."""

    async def propose(self, proposal: Proposal, deliveries: Sequence[Delivery]) -> bool:
        """False where another proposal on the same term is open."""

    async def agree(
        self, proposal: Proposal, by: Side, deliveries: Sequence[Delivery], now: datetime
    ) -> bool:
        """Make it hold. False where it is not open any more, or `by` is the side that proposed it."""

    async def decline(self, proposal: Proposal, deliveries: Sequence[Delivery]) -> bool:
        """Either side may. False where it is not open any more."""

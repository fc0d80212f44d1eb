"""Define proposals: a lead of one side proposes, a lead of the other side agrees, then the change takes effect."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from bot.model.alliance import Side

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

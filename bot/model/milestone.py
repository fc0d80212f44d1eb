"""Define milestones: dated events of the study, by which people read trends and alerts."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, get_args

from bot.model.alliance import Side

MilestoneKind: TypeAlias = Literal[
    "kickoff", "firstpatient", "amendment", "keyperson", "changeorder", "lock", "closeout", "other"
]
MILESTONE_KINDS: tuple[MilestoneKind, ...] = get_args(MilestoneKind)


@dataclass(frozen=True, slots=True)
class Milestone:
    """An alliance has one of each kind and number; marking it again corrects its date."""

    alliance: str
    kind: MilestoneKind
    number: int
    """Which amendment or change order it is; 0: there is but one."""
    day: date
    """Local date."""
    side: Side
    """Whose lead marked it, or corrected it last."""

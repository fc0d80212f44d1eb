"""Define actions: what leads decided to do about an alert."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

from bot.model.alliance import Side

LONGEST_ACTION = 200
"""Characters."""
LONGEST_STORY = 500
"""Characters of what leads tell the channel."""
MOST_OPEN = 3
"""Open actions that leads may have at once."""
ActionState: TypeAlias = Literal["open", "done", "dropped"]
DropReason: TypeAlias = Literal["needless", "impossible", "replaced"]
DROP_REASONS: tuple[DropReason, ...] = get_args(DropReason)


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action. Its owner is a keyed pseudonym, as that of an alert."""

    id: str
    alliance: str
    alert: str
    """Id of the alert that it belongs to: who may see the one may see the other."""
    topic: str
    """The dimension that it is about; empty where the alert names none."""
    text: str
    owner: str
    """Empty: nobody's any more."""
    owner_side: Side | None
    due: date
    """Local date."""
    state: ActionState = "open"
    moved: int = 0
    """How often the date was put off."""
    reason: DropReason | None = None
    reminded: int = 0
    """0: nobody was; 1: the owner was; 2: all leads were."""
    look_at: datetime | None = None
    """When to remind that it is overdue; None: not any more."""
    ended_at: datetime | None = None
    story: str = ""
    """The words for the channel that a lead proposes, or that it has read."""
    story_side: Side | None = None
    """Whose lead wrote them; the other side is to agree."""
    told_at: datetime | None = None
    """When they were posted."""
    revision: int = 0
    """Rises with every change: a change names the one that it was made from."""

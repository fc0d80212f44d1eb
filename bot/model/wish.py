"""Define wishes: what people want of reminders, for a while or for good."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

WishKind: TypeAlias = Literal["pause", "quiet", "again"]
"""Not to be on rosters nor reminded; not to be reminded; to be reminded of one round once more."""
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a wish holds that its person takes back, or nobody."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A person's wish of one kind. A newer one of the same kind replaces it."""

    kind: WishKind
    until: datetime
    """When it is over; of `again`: when the reminder is wanted."""
    round: str = ""
    """Of `again`: which round is meant."""

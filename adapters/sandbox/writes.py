"""Limit how much the sandbox stores: nobody signs in there, so its forms alone could fill a disk."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from adapters.shared.rejection import Refusal

A_MINUTE = 1_200
"""Forms of all people together: more than a roomful can send by hand."""
A_RUN = 20_000
"""Forms from one start of the process to the next."""
_MINUTE = 60.0


@dataclass(slots=True)
class Writes:
    """Count the forms since the process began, and hold the times of the last minute's."""

    clock: Callable[[], float] = monotonic
    taken: int = 0
    recent: deque[float] = field(default_factory=deque)

    def check_room(self) -> None:
        """Count one more form. Raises Refusal (429) if there were too many."""
        now = self.clock()
        while self.recent and self.recent[0] <= now - _MINUTE:
            self.recent.popleft()
        if self.taken >= A_RUN:
            raise Refusal(
                429,
                "Not saved. The sandbox has reached its limit for one run. Please restart the bot to go on.",
            )
        if len(self.recent) >= A_MINUTE:
            raise Refusal(
                429, "Not saved. Too much was sent in the last minute. Please try again in a minute."
            )
        self.taken += 1
        self.recent.append(now)

"""How much may be written in the sandbox: nobody signs anything there, so its forms alone could fill a disk."""

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
    """The forms that were taken since the process began, and when those of the last minute were."""

    clock: Callable[[], float] = monotonic
    taken: int = 0
    recent: deque[float] = field(default_factory=deque)

    def check_room(self) -> None:
        """Count one more form. Raises Refusal (429) where there were too many."""
        now = self.clock()
        while self.recent and self.recent[0] <= now - _MINUTE:
            self.recent.popleft()
        if self.taken >= A_RUN:
            raise Refusal(
                429, "The sandbox has taken all that it takes in one run. Start the bot again to go on."
            )
        if len(self.recent) >= A_MINUTE:
            raise Refusal(
                429, "Too much was sent in the last minute, and this was not saved. Try again in a minute."
            )
        self.taken += 1
        self.recent.append(now)

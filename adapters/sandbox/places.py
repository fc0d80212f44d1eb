"""Where a line stands: in a channel, in a thread, between one person and the bot, or in one person's view."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that can be opened. `of` is a channel's address or, for direct messages, a person's id."""

    kind: Literal["channel", "thread", "dm"]
    of: str
    root: int = 0
    """Of a thread: id of the line it hangs on."""

    @property
    def place(self) -> str:
        """As written in the chat log and in addresses of the page."""
        return f"thread:{self.root}:{self.of}" if self.kind == "thread" else f"{self.kind}:{self.of}"


def spot(place: str) -> Spot:
    """The inverse of `Spot.place`. Raises ValueError."""
    match place.split(":", 1):
        case ["channel", of] if of:
            return Spot("channel", of)
        case ["dm", of] if of:
            return Spot("dm", of)
        case ["thread", rest]:
            root, _, of = rest.partition(":")
            if root.isascii() and root.isdigit() and len(root) < 16 and of:
                return Spot("thread", of, int(root))
    raise ValueError("not a place of the sandbox")


def private(person: str) -> str:
    """The lines that only this person sees."""
    return f"private:{person}"

"""Name the places of lines: a channel, a thread, direct messages with the bot, or one person's private lines."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that can be opened. `of` is a channel's address or, for direct messages, a person's id."""

    kind: Literal["channel", "thread", "dm"]
    of: str
    root: int = 0
    """Id of the line that a thread belongs to; 0 elsewhere."""

    @property
    def place(self) -> str:
        """The place's name in the chat log and in the page's addresses."""
        return f"thread:{self.root}:{self.of}" if self.kind == "thread" else f"{self.kind}:{self.of}"


def parse_spot(place: str) -> Spot:
    """Return the spot with that name; the inverse of `Spot.place`. Raises ValueError."""
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


def private_place(person: str) -> str:
    """Return the place of the lines that only this person sees."""
    return f"private:{person}"

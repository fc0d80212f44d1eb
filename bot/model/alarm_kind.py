"""Name the kinds of alarm: one value each, and the text under which they are stored and printed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.model.alliance import Side

Subject: TypeAlias = Literal["level", "side", "gap", "blind_spot", "participation", "silence", "topic"]
_OF_ONE_SIDE: dict[str, Subject] = {"": "side", "part": "participation", "silent": "silence"}
"""First word of the stored text → what the alarm is about, for alarms about one side."""


@dataclass(frozen=True, slots=True)
class AlarmKind:
    """Say what an alarm is about. `side` is there for alarms about one side, `topic` for those about one dimension.

    A new kind is a subject here, its rule in `bot/alarms`, and its sentences in `bot/wording/alert.py`.
    """

    subject: Subject
    side: Side | None = None
    topic: str = ""

    def __str__(self) -> str:
        """Return the stored text: `level`, `cro`, `gap`, `blind_spot`, `part_cro`, `silent_sponsor`, `dim:vision`."""
        match self.subject:
            case "topic":
                return f"dim:{self.topic}"
            case "side" | "participation" | "silence":
                first = next(word for word, subject in _OF_ONE_SIDE.items() if subject == self.subject)
                return "_".join(filter(None, (first, self.side)))
        return self.subject

    @property
    def is_about_turnout(self) -> bool:
        """How many people answer, not how they answer."""
        return self.subject in ("participation", "silence")

    @property
    def sides(self) -> tuple[Side, ...]:
        """The side that it is about, or both."""
        return (self.side,) if self.side else tuple(Side)


def parse_kind(text: str) -> AlarmKind:
    """Return the kind of that stored text. Raises ValueError for any other text."""
    match text.partition(":"):
        case ["dim", ":", topic] if topic:
            return AlarmKind("topic", topic=topic)
        case ["level" | "gap" | "blind_spot" as subject, "", ""]:
            return AlarmKind(subject)
    first, _, side = text.rpartition("_")
    if first not in _OF_ONE_SIDE:
        raise ValueError("no kind of alarm")
    return AlarmKind(_OF_ONE_SIDE[first], Side(side))

"""Define cards, independent of any platform: blocks, and the meaning of each button.

A card that holds an `Input` or a `Check` is a form: an adapter may show it as a dialog. A form has one
submitting button, whose action is one of `FORM_ACTIONS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NewType, TypeAlias


@dataclass(frozen=True, slots=True)
class AnswerWith:
    """Button: answer `item` of `round` with 1 … 5, or None for "can't judge"."""

    round: str
    item: str
    value: int | None


@dataclass(frozen=True, slots=True)
class RunCommand:
    """Button: the same as typing this command."""

    text: str


@dataclass(frozen=True, slots=True)
class SendComment:
    """Button of a form: send its inputs `text` and `share` as a comment on `round`.

    `reviewed`: its writer has said that it is about working together.
    """

    round: str
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SendWords:
    """Button of a form: the same as typing this command, followed by the words of its input `text`."""

    command: str
    """Named as no field of another action: stored cards are told apart by their fields."""


Action: TypeAlias = AnswerWith | RunCommand | SendComment | SendWords
FORM_ACTIONS = (SendComment, SendWords)
"""What the submitting button of a form does."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One button."""

    label: str
    action: Action
    style: Literal["plain", "primary", "chosen"] = "plain"

    @property
    def ticked(self) -> str:
        """The label; a chosen one bears a tick, so that this is never told by colour alone."""
        return f"✓ {self.label}" if self.style == "chosen" else self.label


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of plain text: never markup, whoever wrote it. `quiet` is set smaller."""

    text: str
    quiet: bool = False
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a person, set apart as theirs."""

    text: str
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs, in order."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons under an optional prompt. `scale` marks the options of one question."""

    options: tuple[Choice, ...]
    prompt: str = ""
    scale: bool = False
    kind: Literal["choices"] = "choices"


Point = NewType("Point", int)
"""Where a chart may draw a number: made by the privacy gate alone."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a trend; None is a point that is not shown (withheld or not measured)."""

    name: str
    values: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines over the same labels, 0 … 100. Drawn by the platform, or as text bars.

    `days`: the ISO dates that the labels stand for, for charts with an axis of time; empty where they are no dates.
    """

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Literal["trend"] = "trend"
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A field for words in a form."""

    name: str
    label: str
    hint: str = ""
    longest: int = 2000
    """Characters."""
    value: str = ""
    """What stands in it at first."""
    kind: Literal["input"] = "input"


@dataclass(frozen=True, slots=True)
class Check:
    """A box to tick in a form."""

    name: str
    label: str
    kind: Literal["check"] = "check"


Block: TypeAlias = Text | Quote | Facts | Choices | Trend | Input | Check


@dataclass(frozen=True, slots=True)
class Card:
    """A heading and blocks, top to bottom."""

    heading: str
    blocks: tuple[Block, ...] = ()

    @property
    def is_form(self) -> bool:
        return any(isinstance(block, Input | Check) for block in self.blocks)


def add_below_news(card: Card, blocks: Sequence[Block]) -> Card:
    """Return the card with blocks below its first one, which has the news."""
    return Card(card.heading, (*card.blocks[:1], *blocks, *card.blocks[1:]))


def to_plain_text(card: Card) -> str:
    """Return the whole card as lines of plain text: for screen readers, notifications and the command line."""
    return "\n".join([card.heading, *(line for block in card.blocks for line in _render_lines(block))])


def draw_trend(trend: Trend) -> str:
    """Return a trend as text for a fixed-width font: title and span, then each line's name, bars and newest value."""
    width = max((len(line.name) for line in trend.series), default=0)
    lines = [f"{line.name:<{width}} {draw_bars(line)} {_format_newest(line)}" for line in trend.series]
    return "\n".join([_format_title(trend), *lines])


def draw_bars(series: Series) -> str:
    """Return a series as text bars, one character a point; `·` for a point that is not shown."""
    return "".join("·" if v is None else "▁▂▃▄▅▆▇█"[min(7, max(0, int(v / 12.5)))] for v in series.values)


def encode_action(action: Action) -> str:
    """Return a button's meaning as a short string (under 200 characters for ids as the bot makes them)."""
    match action:
        case AnswerWith(round_id, item, value):
            return f"a|{round_id}|{item}|{'-' if value is None else value}"
        case RunCommand(text):
            return f"r|{text}"
        case SendComment(round_id, reviewed):
            return f"c|{round_id}|reviewed" if reviewed else f"c|{round_id}"
        case SendWords(command):
            return f"w|{command}"


def decode_action(value: str) -> Action:
    """Reverse `encode_action`. Raises ValueError for anything that it cannot have made."""
    match value.split("|"):
        case ["a", round_id, item, "-"] if round_id and item:
            return AnswerWith(round_id, item, None)
        case ["a", round_id, item, "1" | "2" | "3" | "4" | "5" as choice] if round_id and item:
            return AnswerWith(round_id, item, int(choice))
        case ["r", *rest] if rest:
            return RunCommand("|".join(rest))
        case ["w", *rest] if rest:
            return SendWords("|".join(rest))
        case ["c", round_id] if round_id:
            return SendComment(round_id)
        case ["c", round_id, "reviewed"] if round_id:
            return SendComment(round_id, reviewed=True)
    raise ValueError("not the value of a button of this bot")


def _render_lines(block: Block) -> list[str]:
    match block:
        case Text(text):
            return [text]
        case Quote(text):
            return [f"“{text}”"]
        case Facts(rows):
            return [f"{label}: {value}" for label, value in rows]
        case Choices(options, prompt):
            return [*([prompt] if prompt else []), " · ".join(option.label for option in options)]
        case Trend():
            return [_format_title(block), *(f"{line.name} {draw_bars(line)}" for line in block.series)]
        case Input(_, label) | Check(_, label):
            return [label]


def _format_title(trend: Trend) -> str:
    return f"{trend.title} ({trend.labels[0]} – {trend.labels[-1]})" if trend.labels else trend.title


def _format_newest(series: Series) -> str:
    return next((f"{value:.0f}" for value in reversed(series.values) if value is not None), "")

"""Define the input and output of closing a round: the record of an alliance, and the closing.

The store fills a `Record` and saves a `Closing` in one transaction; the rules turn one into the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from bot.model.alliance import Answer, Item, Reading, Side

AnswerKey: TypeAlias = tuple[str, int, str]
"""(person, index of the round, item id): one answer of an alliance."""
Direction: TypeAlias = Literal["up", "down", "no clear change"]
"""Where a number went, as far as its interval says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A round as the rules see it."""

    index: int
    items: tuple[Item, ...]
    slot: date
    minimum: int = 5
    """The privacy threshold k in force when it was asked."""
    holiday: bool = False
    shared: bool = True
    """Whether leads saw each other's numbers when it was asked."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person was on the roster of a round."""

    side: Side
    person: str
    round: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Say which side and dimension a released number is about; `side` is None for both sides pooled."""

    side: Side | None
    dimension: str


@dataclass(frozen=True, slots=True)
class Release:
    """A number that left the privacy gate, as it left it: never recomputed, never widened."""

    cell: Cell
    round: int
    """Index of the round at whose closing it was released."""
    slot: date
    value: float
    """Mean of the block, 0 … 100, unrounded."""
    band: Literal[5, 10, 20]
    """Lower bound of the band of respondents: 5–9, 10–19, 20 and more."""
    favourable: tuple[int, int, int] | None = None
    """Percent favourable with its Wilson bounds, whole percent; own side only, 10 people or more."""
    split: bool | None = None
    """Within-side agreement is low; own side only, 8 people or more."""
    shared: bool = True
    """The other side may see it: every answer in it was given to a question asked while numbers were shared."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A judged alarm. `kind`: level, sponsor, cro, gap, part_sponsor, part_cro, silent_sponsor, silent_cro,
    blind_spot or dim:<dimension>.
    """

    kind: str
    level: Literal["alert", "watch"]
    round: int
    start_round: int
    """The round in which it probably began."""
    size: float | None
    """Points of the 1–5 scale, negative = lower than usual (gap: sponsor minus CRO; participation: change of the
    number of answers against the usual, −1 … ; blind spot: guess minus answer)."""
    dimensions: tuple[str, ...] = ()
    """Those that moved most, as far as the gate lets them be named."""
    reminder: bool = False
    """True while the episode that an earlier alarm opened is still open: "still low"."""
    side: Side | None = None
    """Whom a blind spot is about: the side that misjudges the other."""
    since: date | None = None
    """Local date of `start_round`; None where the record does not reach back to it."""
    paired: Direction | None = None
    """The same people's change since before `start_round`, where the alarm is about how people answer."""
    lower: tuple[Side, ...] = ()
    """Of a drop of the level: the sides that are clearly lower by themselves, where that is clear."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """An alert that is over: people answer as usual again."""

    kind: str
    """The alarm's."""
    since: date | None
    """Local date of the first round as usual; None where the record does not reach back to it."""


@dataclass(frozen=True, slots=True)
class MoodLine:
    """The mood of a side's thread messages against its own habit: an indicator, never in a score."""

    side: Side
    word: Literal["tenser", "as usual", "lighter"] | None
    """None where there is not enough to say."""
    authors: int
    messages: int
    coverage: float
    """Share of messages that could be judged, 0 … 1."""


@dataclass(frozen=True, slots=True)
class WaitingComment:
    """A comment that nobody has been shown, without its words."""

    id: str
    """Random: an order by it says nothing of time."""
    side: Side
    person: str
    round: int


@dataclass(frozen=True, slots=True)
class CommentBlock:
    """Comments of one side that are released together: each belongs to one block at most."""

    side: Side
    round: int
    """Index of the round at whose closing they were released."""
    slot: date
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptComment:
    """The text of a comment; `share`: the other side's leads may read it, too."""

    text: str
    share: bool


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A block with its words, in an order that says nothing of time."""

    side: Side
    round: int
    slot: date
    comments: tuple[KeptComment, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of the control charts between closings: plain numbers, no person's value.

    One flat mapping so that it can be stored as JSON; `bot.scoring` and its neighbours give its keys their meaning.
    """

    state: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One alliance at the closing of the round `asked[-1]`."""

    asked: tuple[Asked, ...]
    """In order, the closing round last; at least the last 30 where there are as many."""
    answers: tuple[Answer, ...]
    """All valid answers of those rounds, spent or not."""
    responded: frozenset[tuple[str, int]]
    """(person, index of the round) of everyone who answered anything, "can't judge" included."""
    spent: frozenset[AnswerKey]
    """Answers already counted in a release."""
    roster: tuple[Invitation, ...]
    leads: frozenset[str]
    """Pseudonyms of both sides' leads."""
    released: tuple[Release, ...]
    """Earlier releases, oldest first."""
    readings: tuple[Reading, ...]
    """Of the last 30 weeks."""
    comments: tuple[WaitingComment, ...]
    """Those of these rounds that no block has released."""
    memory: Memory
    pooled: bool = False
    """One number for both sides together, none a side."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The result of closing a round, stored in one transaction."""

    releases: tuple[Release, ...]
    spent: frozenset[AnswerKey]
    """Answers that these releases use up, leads' answers included."""
    alarms: tuple[Alarm, ...]
    mood: tuple[MoodLine, ...]
    memory: Memory
    comments: tuple[CommentBlock, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    """Told once, not kept."""

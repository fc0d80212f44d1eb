"""Define events. Adapters make them and use cases handle them; no platform payload passes here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from bot.model.alliance import Channel, Member, MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A member chose 1 … 5, or None for "can't judge", on one item of a round."""

    by: Member
    at: datetime
    """The platform's time of the act: what decides which of two answers is the later one."""
    round: str
    item: str
    value: int | None
    in_place: bool = False
    """What is shown in return takes the place of the question: it has to carry the round's other questions too."""


LONGEST_MESSAGE = 40_000
"""Characters of any text that are looked at: no platform's messages are longer."""
LONGEST_COMMENT = 2_000
"""Characters of a comment that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """A member sent confidential words; `share` is True if both sides' leads may read them.

    `reviewed`: the member has said that they are about working together.
    """

    by: Member
    at: datetime
    round: str
    text: str
    share: bool = False
    reviewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message of a person in a channel or thread; `message` is its id within the channel."""

    by: Member
    at: datetime
    channel: Channel
    message: str
    thread: str | None
    """Id of the message that the thread hangs on; None at top level."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A message now says something else. `at` is the platform's time of the edit."""

    by: Member
    at: datetime
    channel: Channel
    message: str
    thread: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A message is gone."""

    at: datetime
    channel: Channel
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A member gave a command: by slash, mention, direct message or button, all in one grammar."""

    by: Member
    at: datetime
    channel: Channel | None
    """Where it was given; None in a direct message."""
    text: str
    delivery: str = ""
    """The same whenever the platform delivers it again; empty for what never is, or may be answered again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Someone came into a channel; `who` is None when it was the bot itself."""

    at: datetime
    channel: Channel
    who: Member | None
    hears: Literal["all", "mentions"] | None = None
    """Which messages of the channel the platform passes on to the bot; None where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Someone left a channel; `who` is None when it was the bot itself, or the channel is gone."""

    at: datetime
    channel: Channel
    who: Member | None


Change: TypeAlias = Literal[
    "renamed", "archived", "deleted", "reopened", "shared", "unshared", "refused", "handed_over"
]
"""`archived`: nobody can write there any more; `shared`, `unshared`: a company came in, or is there no longer;
`refused`: something came from there in the name of a company that no alliance declares, and was not taken;
`handed_over`: the company's copy of the bot, which spoke there, is gone, and another copy there speaks from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A channel is not as it was."""

    at: datetime
    channel: Channel
    change: Change
    company: str = ""
    """Organisation id of the company that came or went; empty where the platform did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A channel has another address from now on; `channel` bears the one it had."""

    at: datetime
    channel: Channel
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Echoed:
    """A message of the bot itself has arrived: what that delivery was to show stands there."""

    delivery: str
    message: MessageRef


Event: TypeAlias = (
    Answered | Commented | Said | Edited | Deleted | Commanded | Joined | Left | Changed | Moved | Echoed
)

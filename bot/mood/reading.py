"""Define the reading of one message: a mood, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """How the writer speaks of the working relationship."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Reason(StrEnum):
    """Why a text is not judged."""

    OTHER_LANGUAGE = "other language"
    CODE = "code"
    TABLE = "table"
    FORWARDED = "forwarded"
    QUOTED = "quoted"
    TOO_SHORT = "too short"


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood of one message, without its text."""

    label: Label
    polarity: float
    """P(positive) - P(negative), -1 ... 1."""
    confidence: float
    """Calibrated probability of `label`, 0 ... 1."""


@dataclass(frozen=True, slots=True)
class Abstained:
    """No mood is read; counted, so that coverage can be shown."""

    reason: Reason

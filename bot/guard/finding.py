"""Define what the guard finds in a text: a concern, the step that found it, and the kinds of words behind it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Concern: TypeAlias = Literal["patient", "unblinding", "safety"]
"""A person can be identified; a treatment allocation is known; something happened to somebody in a study."""
Step: TypeAlias = Literal["hard", "soft"]
"""`hard`: an identifier in plain sight; `soft`: the reader thinks so."""
CONCERNS: tuple[Concern, ...] = ("patient", "unblinding", "safety")


@dataclass(frozen=True, slots=True)
class Found:
    """A text holds something for which a formal path exists. Holds no word of the text."""

    concern: Concern
    step: Step
    noticed: tuple[str, ...]
    """What stood behind it, as kinds of words or of identifiers: "person", "event", "subject number"."""
    confidence: float
    """0 ... 1; 1 for the hard step."""

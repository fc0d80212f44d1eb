"""Find words for which a formal path exists, and which must not reach a pulse.

Two steps: identifiers of a person in plain sight (hard), then a small reader of what a sentence reports (soft).
docs/guard.md has the figures. Nothing is downloaded, and no text leaves the function.
"""

from bot.guard.finding import CONCERNS, Concern, Found, Step
from bot.guard.identifiers import find_identifier
from bot.guard.reader import read_concern
from bot.guard.words import name_language, simplify, split_words
from bot.model.events import LONGEST_COMMENT

__all__ = ["CONCERNS", "Concern", "Found", "Step", "find_concern", "is_read_in_full"]


def find_concern(text: str) -> Found | None:
    """Return what is found in the part of a text that would be kept, identifiers first; None for what may be kept."""
    begun = text[:LONGEST_COMMENT]
    if kind := find_identifier(" ".join(begun.split())):
        return Found("patient", "hard", (kind,), 1.0)
    return read_concern(begun)


def is_read_in_full(text: str) -> bool:
    """Say whether both steps read a text: in a language without cues only identifiers are found."""
    simple = simplify(text[:LONGEST_COMMENT])
    return name_language(simple, split_words(simple)) != "other"

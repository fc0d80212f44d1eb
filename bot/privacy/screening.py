"""Find words in a comment for which a formal path exists, and which must not reach a pulse.

Patient identifiers, treatment allocation or unblinding, and adverse-event reports. The patterns want a
subject *and* a statement about one case, so that "we need faster adverse event reconciliation" passes.

Anybody can send any text: blanks are collapsed and the length is cut before a pattern sees it, and each pattern is
linear (`tests/test_patterns.py`). Two neighbouring repetitions that take the same character are not.
"""

import re
from typing import Literal, TypeAlias

from bot.model.events import LONGEST_COMMENT

Concern: TypeAlias = Literal["patient", "unblinding", "safety"]

_CASE = r"(?:(?:the|this|that|a|an|one|our) )?(?:subject|patient|participant|volunteer)"
_NUMBER = r"(?:no\.? ?|number ?|id ?|# ?)?[A-Z]{0,4}[- ]?\d{2,}(?:[-/]\d{2,})*"

_I = re.IGNORECASE

_PATTERNS: tuple[tuple[Concern, re.Pattern[str]], ...] = (
    (
        "patient",
        re.compile(rf"\b(?:subject|patient|participant|screening|randomi[sz]ation)s? ?{_NUMBER}\b", _I),
    ),
    ("patient", re.compile(r"\b(?:date of birth|born on|dob)\b.{0,12}\d", _I)),
    ("patient", re.compile(r"\b(?:mrn|medical record) ?(?:no\.?|number|#)? ?:? ?\d{3,}", _I)),
    (
        "unblinding",
        re.compile(
            rf"\b{_CASE}\b.{{0,60}}\b(?:is|was|got|received|gets|on) (?:the )?(?:active|placebo)\b", _I
        ),
    ),
    (
        "unblinding",
        re.compile(
            r"\bunblind(?:ed)?\b.{0,40}\b(?:subject|patient|participant|by accident|accidentally)\b", _I
        ),
    ),
    (
        "unblinding",
        re.compile(r"\b(?:allocated|assigned|randomi[sz]ed) to (?:the )?(?:active|placebo|arm [a-d])\b", _I),
    ),
    (
        "safety",
        re.compile(
            rf"\b{_CASE}\b.{{0,60}}\b(?:died|hospitali[sz]ed|had an? (?:sae|ae|adverse|serious|stroke|seizure)"
            r"|suffered|experienced an? (?:sae|ae|adverse|serious))",
            _I,
        ),
    ),
    (
        "safety",
        re.compile(r"\b(?:report|reporting) an? (?:sae|susar|serious adverse event|adverse event)\b", _I),
    ),
)


def find_concern(text: str) -> Concern | None:
    """Return the first concern found in the part of a comment that would be kept, or None."""
    plain = " ".join(text[:LONGEST_COMMENT].split())
    return next((concern for concern, pattern in _PATTERNS if pattern.search(plain)), None)

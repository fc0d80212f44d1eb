"""What must not reach a pulse comment: words for which a formal path exists.

Patient identifiers, treatment allocation or unblinding, and adverse-event reports. The patterns want a
subject *and* a statement about one case, so that "we need faster adverse event reconciliation" passes.
"""

import re
from typing import Literal, TypeAlias

Concern: TypeAlias = Literal["patient", "unblinding", "safety"]

_CASE = r"(?:(?:the|this|that|a|an|one|our)\s+)?(?:subject|patient|participant|volunteer)"
_NUMBER = r"(?:no\.?\s*|number\s*|id\s*|#\s*)?[A-Z]{0,4}[-\s]?\d{2,}(?:[-/]\d{2,})*"

_PATTERNS: tuple[tuple[Concern, str], ...] = (
    ("patient", rf"\b(?:subject|patient|participant|screening|randomi[sz]ation)s?\s*{_NUMBER}\b"),
    ("patient", r"\b(?:date of birth|born on|dob)\b.{0,12}\d"),
    ("patient", r"\b(?:mrn|medical record)\s*(?:no\.?|number|#)?\s*:?\s*\d{3,}"),
    (
        "unblinding",
        rf"\b{_CASE}\b.{{0,60}}\b(?:is|was|got|received|gets|on)\s+(?:the\s+)?(?:active|placebo)\b",
    ),
    ("unblinding", r"\bunblind(?:ed)?\b.{0,40}\b(?:subject|patient|participant|by accident|accidentally)\b"),
    (
        "unblinding",
        r"\b(?:allocated|assigned|randomi[sz]ed)\s+to\s+(?:the\s+)?(?:active|placebo|arm\s+[a-d])\b",
    ),
    (
        "safety",
        rf"\b{_CASE}\b.{{0,60}}\b(?:died|hospitali[sz]ed|had an? (?:sae|ae|adverse|serious|stroke|seizure)"
        r"|suffered|experienced an? (?:sae|ae|adverse|serious))",
    ),
    ("safety", r"\b(?:report|reporting)\s+an?\s+(?:sae|susar|serious adverse event|adverse event)\b"),
)

_COMPILED = tuple((concern, re.compile(pattern, re.IGNORECASE)) for concern, pattern in _PATTERNS)


def concern(text: str) -> Concern | None:
    """The first concern found in a text, or None. Linear in the length of the text."""
    return next((concern for concern, pattern in _COMPILED if pattern.search(text)), None)

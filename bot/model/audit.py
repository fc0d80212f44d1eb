"""Define entries of the audit log, by which both companies check the people who lead and operate the bot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Act: TypeAlias = Literal[
    "score",
    "digest",
    "alerts",
    "acknowledge",
    "accept",
    "map",
    "unmap",
    "propose",
    "agree",
    "decline",
    "keep",
    "apply",
    "export",
    "resolve",
    "rotate-keys",
    "erase",
    "subject-data",
    "backup",
    "restore",
    "retention",
    "clock",
]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One look or change. Holds nobody's words, name or address."""

    act: Act
    alliance: str
    """Its key; empty where it concerns none, or all."""
    by: str
    """`member:` or `operator:` and a keyed pseudonym, `worker`, or `member` alone for what is only counted."""
    at: datetime
    detail: str = ""
    """What changed, in words of the program."""

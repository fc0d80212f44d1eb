"""Define entries of the audit log, by which both companies check the people who lead and operate the bot."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

Act: TypeAlias = Literal[
    "score",
    "digest",
    "alerts",
    "acknowledge",
    "accept",
    "take",
    "ask-lead",
    "remind",
    "close",
    "plan",
    "done",
    "move",
    "drop",
    "tell",
    "milestone",
    "milestones",
    "actions",
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
    "identify",
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
    """Which object, what was asked, and what came of it, in words of the program."""

    def conclude(self, outcome: str) -> "AuditEntry":
        """Add what came of it."""
        return replace(self, detail=f"{self.detail}: {outcome}" if self.detail else outcome)

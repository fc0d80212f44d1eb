"""Repositories of what leads do about an alert. Each method is one transaction; may raise StoreUnavailable."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from bot.model.alert import Alert, AlertReminder
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.model.milestone import Milestone
from bot.model.planned_action import PlannedAction


class Alerts(Protocol):
    """Alerts, from the closing that opened each to its end. They are opened, and recover, with a closing."""

    async def list_alerts(self, alliance: str) -> tuple[Alert, ...]:
        """Return all of them, oldest first."""

    async def move(
        self, before: Alert, after: Alert, told: Sequence[Delivery], noted: AuditEntry | None = None
    ) -> bool:
        """Make `before` be `after`, and enqueue `told`; `noted` goes into the audit log with it.

        False, and no change, where the stored alert is not `before` any more, or another worker is changing it.
        """

    async def list_due(self, now: datetime) -> tuple[Alert, ...]:
        """Return unfinished alerts whose next look is due."""

    async def ask_reminder(self, reminder: AlertReminder, noted: AuditEntry | None = None) -> None:
        """Remind the lead then, instead of at an earlier wish."""

    async def list_reminders(self, now: datetime) -> tuple[AlertReminder, ...]:
        """Return what leads asked to be reminded of by now."""

    async def send_reminder(self, reminder: AlertReminder, told: Sequence[Delivery]) -> bool:
        """Enqueue `told`, and forget the wish; False where that was done already."""


AlertMove: TypeAlias = tuple[Alert, Alert]
"""An alert before and after a step, carried out only if it still is as before."""
Planned: TypeAlias = Literal["planned", "known", "full", "changed"]
"""`known`: the same one is there already; `full`: too many are open; `changed`: the alert is not as it was."""


class Actions(Protocol):
    """Actions of leads about alerts."""

    async def list_actions(self, alliance: str) -> tuple[PlannedAction, ...]:
        """Return all of them, by date."""

    async def plan(
        self,
        action: PlannedAction,
        move: AlertMove,
        among: Collection[str],
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> Planned:
        """Write it down, and move its alert; nothing of both where it does not return `planned`.

        `among`: the alerts of whose open actions there may be so many.
        """

    async def change(
        self,
        before: PlannedAction,
        after: PlannedAction,
        move: AlertMove | None,
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        """Make `before` be `after`, and move its alert; False, and no change, where either is not as before."""

    async def list_due(self, now: datetime) -> tuple[PlannedAction, ...]:
        """Return open actions that are overdue, and of which somebody is to be reminded."""


class Milestones(Protocol):
    """Dated events of the study. `noted` goes into the audit log, with the outcome."""

    async def list_milestones(self, alliance: str) -> tuple[Milestone, ...]:
        """Return all of them, by date."""

    async def mark(self, milestone: Milestone, told: Sequence[Delivery], noted: AuditEntry) -> bool:
        """Mark it, or correct its date, and enqueue `told`; False, and no change, where it has this date."""

    async def remove(self, milestone: Milestone, told: Sequence[Delivery], noted: AuditEntry) -> bool:
        """Remove the one of that kind and number, and enqueue `told`; False where there is none."""

"""Repositories of what leads do about an alert. Each method is one transaction; may raise StoreUnavailable."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.model.alert import Alert, AlertReminder
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery


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

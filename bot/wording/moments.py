"""Days and times as people say them, in the alliance's zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def moment(at: datetime, zone: str) -> str:
    """Friday 27 November, 09:00 (Europe/Berlin)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({zone})"


def day(of: date) -> str:
    """24 November 2026."""
    return f"{of.day} {of:%B %Y}"


def short_day(of: date) -> str:
    """24 Nov."""
    return f"{of.day} {of:%b}"

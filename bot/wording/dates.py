"""Days and times, and what a question is about, as people say them."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_TOPICS = {
    "overall": "all in all",
    "prediction": "guess of the other side's all in all",
    "will_act": "something will get better",
    "their_value": "value for the other side",
}


@lru_cache(maxsize=256)
def format_moment(at: datetime, zone: str) -> str:
    """Friday 27 November, 09:00 (Europe/Berlin)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({zone})"


def format_day(of: date) -> str:
    """24 November 2026."""
    return f"{of.day} {of:%B %Y}"


def format_short_day(of: date) -> str:
    """24 Nov."""
    return f"{of.day} {of:%b}"


def name_topic(dimension: str) -> str:
    """`sponsor time` of `sponsor_time`; clearer words for those of the built-in bank that need them."""
    return _TOPICS.get(dimension, dimension.replace("_", " "))

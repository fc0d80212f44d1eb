"""How Slack writes times and text."""

import re
from datetime import UTC, datetime

from adapters.slack.identity import Malformed


def instant(seconds: object) -> datetime:
    """A time as Slack writes it: decimal seconds since 1970, as a string. Raises Malformed."""
    if isinstance(seconds, str) and re.fullmatch(r"[0-9]{1,11}(\.[0-9]{1,9})?", seconds, re.ASCII):
        return datetime.fromtimestamp(float(seconds), UTC)
    raise Malformed("no valid time")


def unescaped(text: str) -> str:
    """Text as it was typed; mentions and links stay as `<…>` tokens.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def words(text: str) -> str:
    return " ".join(unescaped(text).split())


def escaped(text: str) -> str:
    """Text in which nothing is markup: https://docs.slack.dev/messaging/formatting-message-text"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

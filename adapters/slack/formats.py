"""Convert times and text between Slack's notation and ours."""

import re
from datetime import UTC, datetime

from adapters.slack.identity import MalformedPayload


def parse_timestamp(seconds: object) -> datetime:
    """Read a time as Slack writes it: decimal seconds since 1970, as a string. Raises MalformedPayload."""
    if isinstance(seconds, str) and re.fullmatch(r"[0-9]{1,11}(\.[0-9]{1,9})?", seconds, re.ASCII):
        return datetime.fromtimestamp(float(seconds), UTC)
    raise MalformedPayload("no valid time")


def unescape_mrkdwn(text: str) -> str:
    """Return the text as it was typed; mentions and links stay as `<…>` tokens.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clean_text(text: str) -> str:
    """Return the unescaped words with single spaces between them."""
    return " ".join(unescape_mrkdwn(text).split())


def escape_mrkdwn(text: str) -> str:
    """Escape text so that nothing in it is markup: https://docs.slack.dev/messaging/formatting-message-text"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

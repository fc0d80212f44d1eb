"""Verify a request's time, signature and shape, from its raw bytes.

Bolt parses a body before it verifies the signature; here nothing is parsed that Slack did not sign. https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import from_json
from yarl import query_to_pairs

from adapters.shared.rejection import Refusal
from adapters.shared.text import replace_unstorable
from adapters.slack.identity import Payload

SKEW = timedelta(seconds=300)
"""Largest difference between Slack's time of a request and ours, as Slack's documentation recommends."""
MAX_FIELDS = 100
"""Most fields of a form."""

_SSL_CHECK_SIZE = 500
"""Bytes that such a check stays below."""
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)


def sign_body(secret: str, timestamp: str, raw: bytes) -> str:
    """Return Slack's signature of a body that is sent at `timestamp` (seconds since 1970)."""
    return "v0=" + hmac.digest(secret.encode(), b"v0:%s:%s" % (timestamp.encode(), raw), "sha256").hex()


def verify_signature(headers: Mapping[str, str], raw: bytes, secret: str, now: datetime) -> datetime:
    """Return the time of Slack's signature. Raises Refusal unless it is valid and within `SKEW` of `now`."""
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    if not _SECONDS.fullmatch(timestamp):
        raise Refusal(401, "no valid timestamp")
    signature = headers.get("X-Slack-Signature", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(sign_body(secret, timestamp, raw).encode(), signature):
        raise Refusal(401, "signature does not match")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - at) > SKEW:
        raise Refusal(401, "signed at another time")
    return at


def is_ssl_check(raw: bytes) -> bool:
    """Return True for the form by which Slack checks a command's address, which says nothing else and may be unsigned.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    return len(raw) < _SSL_CHECK_SIZE and b"ssl_check=1" in raw.split(b"&")


def parse_body(raw: bytes, content_type: str) -> Payload | None:
    """Return the JSON or form of a verified body; None for types that the bot ignores. Raises Refusal."""
    try:
        text = raw.decode("utf-8")
        return check_payload_shape(
            _parse_json(text) if content_type == "application/json" else _parse_form(text)
        )
    except (ValueError, RecursionError):
        raise Refusal(400, "neither JSON nor a form") from None


def _parse_form(text: str) -> object:
    fields = dict(query_to_pairs(text, max_fields=MAX_FIELDS))
    return _parse_json(fields["payload"]) if "payload" in fields else replace_unstorable(fields)


def _parse_json(text: str) -> object:
    """Parse JSON in a third of the time of `json`, which only reads unpaired surrogates. Raises ValueError."""
    try:
        found = from_json(text, cache_strings="keys")
    except ValueError:
        return replace_unstorable(json.loads(text))
    return replace_unstorable(found) if "\\u0000" in text else found


def check_payload_shape(sent: Any) -> Payload | None:
    """Return a payload with the fields that Bolt relies on; None for other types. Raises Refusal if one is missing."""
    match sent:
        case (
            {"type": "event_callback", "event": {"type": str()}, "authorizations": [{"user_id": _}, *_]}
            | {
                "type": "event_callback",
                "event": {"type": "app_uninstalled" | "tokens_revoked"},
                "team_id": str(),
            }
            | {
                "type": "event_callback",
                "event": {"type": "app_uninstalled" | "tokens_revoked"},
                "enterprise_id": str(),  # an organisation's, whether it says "no workspace" or nothing of one
            }
            | {"type": "block_actions", "user": {"id": str()}, "actions": [{"action_id": str()}, *_]}
            | {
                "type": "view_submission",
                "user": {"id": str()},
                "view": {"type": "modal", "callback_id": str()},
            }
            | {"type": "url_verification", "challenge": str()}
            | {"command": str(), "user_id": str(), "team_id": str()}
        ):
            return dict(sent)
        case {"type": str(kind)} if kind not in _KINDS:
            return None
    raise Refusal(400, "not a request that Slack makes")


_KINDS = {"event_callback", "block_actions", "view_submission", "url_verification"}

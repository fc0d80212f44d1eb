"""Call Slack's Web API with an installation's token, and classify its failures."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from pydantic_core import to_json
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.rate_limit import SlackRateLimiter
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)
log.setLevel(logging.ERROR)  # at DEBUG slack_sdk logs the messages that it sends

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_READS = {"conversations.history", "conversations.info", "conversations.members", "users.info"}
"""Methods that accept no JSON, so their arguments go into the query."""
_TRANSIENT = {"ratelimited", "rate_limited", "request_timeout", "team_added_to_org", "token_expired"}
_AMBIGUOUS = {"internal_error", "fatal_error", "service_unavailable"}
"""Slack's own failures, after which nobody knows whether the call took effect: "It's possible some aspect of the
operation succeeded before the error was raised". https://docs.slack.dev/reference/methods/chat.postMessage#errors"""


@dataclass(frozen=True, slots=True)
class SlackApi:
    """The Web API, called for any installation.

    `token_for` returns a workspace's token, or "" if the bot is not installed there; it may raise PlatformError.
    The session's time-out bounds every call.
    """

    session: aiohttp.ClientSession
    token_for: Callable[[str], Awaitable[str]]
    url: str = "https://slack.com/api/"
    limiter: SlackRateLimiter = field(default_factory=SlackRateLimiter)

    async def call(self, workspace: str, method: str, arguments: Json) -> Json:
        """Return Slack's answer. Raises PlatformError. Never retries: Slack may have carried out the first attempt."""
        answer = await self._send_request(workspace, method, arguments)
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def fetch_grant(self, workspace: str) -> tuple[str, frozenset[str]]:
        """Return the workspace that the token belongs to, and its scopes. Raises PlatformError."""
        answer = await self._send_request(workspace, "auth.test", {})
        scopes = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", "")
        return str(answer.get("team_id")), frozenset(filter(None, scopes.replace(" ", "").split(",")))

    async def _send_request(self, workspace: str, method: str, arguments: Json) -> AsyncSlackResponse:
        self.limiter.check_retry_after(workspace, method)
        token = await self.token_for(workspace)
        if not token:
            raise PlatformError("refused", "not_installed")
        client = AsyncWebClient(
            token=token, base_url=self.url, session=self.session, retry_handlers=[], logger=log
        )
        try:
            if method in _READS:
                return await client.api_call(method, http_verb="GET", params=arguments)
            return await client.api_call(method, json=arguments)
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise self._note_retry_after(workspace, method, to_platform_error(error)) from None

    async def post_response(self, url: str, message: Json) -> None:
        """Post the message to a `response_url`, without a retry. Raises PlatformError."""
        if not self._is_slack_host(url):
            raise PlatformError("refused", "response_url_elsewhere")
        try:
            async with self.session.post(
                url, data=to_json(message), headers=_JSON, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise to_platform_error(error) from None
        if status != 200:
            raise PlatformError("later" if status == 429 else "refused", f"response_url_{status}")

    def _note_retry_after(self, workspace: str, method: str, error: PlatformError) -> PlatformError:
        if error.retry_after is not None:
            self.limiter.note_retry_after(workspace, method, error.retry_after)
        return error

    def _is_slack_host(self, url: str) -> bool:
        """Return True for the API's host or its `hooks.` subdomain: the URL comes from a payload."""
        api, target = urlsplit(self.url), urlsplit(url)
        return target.scheme == api.scheme and target.netloc in (api.netloc, f"hooks.{api.netloc}")


def to_platform_error(error: Exception) -> PlatformError:
    """Classify an error of slack_sdk or aiohttp: `refused`, `later` (certainly not done) or `unknown`."""
    match error:
        case SlackApiError(response=AsyncSlackResponse(data={"error": str(code)}, headers=headers)):
            return PlatformError(*_classify_error(code), _parse_retry_after(headers.get("Retry-After")))
        case SlackApiError(response=AsyncSlackResponse(status_code=429, headers=headers)):
            return PlatformError("later", "ratelimited", _parse_retry_after(headers.get("Retry-After")))
        case (
            aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.ClientHttpProxyError()
        ):
            return PlatformError("later", "not_connected")
        case TimeoutError():
            return PlatformError("unknown", "timeout")
        case aiohttp.ClientError():
            return PlatformError("unknown", "connection_lost")
    return PlatformError("unknown", "no_valid_answer")


def _classify_error(code: str) -> tuple[Literal["refused", "later", "unknown"], str]:
    if code in _TRANSIENT:
        return "later", code
    return ("unknown", code) if code in _AMBIGUOUS else ("refused", code)


def _parse_retry_after(header: object) -> float | None:
    return float(header) if isinstance(header, str) and header.isdecimal() else None

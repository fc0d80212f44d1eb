"""Call the Bot Connector's REST service and classify its failures.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
The SDK is not used to send: it takes about 20 ms of processor time and a new connection for each call, and hides
which failure occurred.
"""

import json
import re
from dataclasses import dataclass
from typing import Literal

import aiohttp
from yarl import URL

from adapters.shared.request_body import BodyTooLarge, read_stream
from adapters.teams.credentials import Credentials
from adapters.teams.identity import Json
from adapters.teams.service_urls import ServiceUrls
from bot.ports import PlatformError

Method = Literal["GET", "POST", "PUT"]
Kind = Literal["refused", "later", "unknown"]

_LARGEST = 4 * 1024 * 1024
"""Bytes of a response at most."""
_REPEATED = (412, 429, 502, 504)
_CODE = re.compile(r"[A-Za-z]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Connector:
    """Send requests as the bot.

    `credentials` has one entry for each registration of the bot: one for each company, or one for both.
    The session's timeout limits each request.
    """

    session: aiohttp.ClientSession
    credentials: tuple[Credentials, ...]
    services: ServiceUrls

    def find_bot(self, tenant: str) -> Credentials:
        """Return the credentials of the registration in that tenant, or else the first."""
        own = (bot for bot in self.credentials if bot.identity.tenant == tenant)
        return next(own, self.credentials[0])

    async def send_request(
        self,
        tenant: str,
        method: Method,
        path: str,
        body: Json | None = None,
        safe: bool = False,
        may_lack: bool = False,
    ) -> Json:
        """Send one request and return the JSON object of the response. Raises PlatformError.

        Never retries: Teams may have carried out the first request. `path` must be percent-encoded. `safe` marks a
        request that may be repeated, so that a lost response means `later` and not `unknown`. `may_lack`: 404 is no
        error, and gives an empty object.
        """
        root = await self.services.find_url(tenant)
        if not self.services.hosts.may_reach(root):
            raise PlatformError("refused", "service_url_not_on_the_list")
        bot = self.find_bot(tenant)
        headers = await bot.build_headers()
        url = URL(f"{root}{path}", encoded=True)
        try:
            async with self.session.request(
                method, url, json=body, headers=headers, allow_redirects=False
            ) as answer:
                response = await read_stream(answer.content, _LARGEST)
        except (aiohttp.ClientError, TimeoutError, BodyTooLarge) as error:
            raise _to_transport_error(error, safe or method == "GET") from None
        if answer.status == 401:
            bot.forget_token()
        if answer.status == 404 and may_lack:
            return {}
        if not 200 <= answer.status < 300:
            raise _to_platform_error(answer, _parse_object(response), safe or method == "GET")
        return _parse_object(response)


def _to_platform_error(answer: aiohttp.ClientResponse, body: Json, safe: bool) -> PlatformError:
    status, code, wait = answer.status, _find_error_code(body), answer.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdecimal() else None
    return PlatformError(_classify_failure(status, code, safe), code or f"http_{status}", seconds)


def _classify_failure(status: int, code: str, safe: bool) -> Kind:
    """Return whether a failed request was refused, may be repeated later, or may have been carried out.

    https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability

    Teams did not carry out a request that it answers 429 or 412, and Microsoft says to repeat one that it answers 502
    or 504. It may have carried out one that it answers 500 or 503: a message has no idempotency key.
    https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/rate-limit
    """
    if status in _REPEATED or (status == 401 and code != "BotNotRegistered"):
        return "later"
    if status >= 500:
        return "later" if safe else "unknown"
    return "refused"


def _to_transport_error(error: Exception, safe: bool) -> PlatformError:
    match error:
        case (
            aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.ClientHttpProxyError()
        ):
            return PlatformError("later", "not_connected")
        case TimeoutError():
            return PlatformError("later" if safe else "unknown", "timeout")
        case BodyTooLarge():
            return PlatformError("later" if safe else "unknown", "answer_too_large")
    return PlatformError("later" if safe else "unknown", "connection_lost")


def _parse_object(response: bytes) -> Json:
    try:
        found = json.loads(response)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _find_error_code(body: Json) -> str:
    match body:
        case {"error": {"code": str(code)}} if _CODE.fullmatch(code):
            return code
    return ""

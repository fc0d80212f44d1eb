"""Calls of the Bot Connector's REST service: one session, one token, and what a failure means.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
A send through the SDK costs twenty milliseconds of processor and a connection of its own, and is not told what failed.
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
"""Bytes of an answer."""
_CODE = re.compile(r"[A-Za-z]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Connector:
    """`credentials`: of each registration of the bot, one a company or one for both. The session's own time-out is
    what bounds a call.
    """

    session: aiohttp.ClientSession
    credentials: tuple[Credentials, ...]
    services: ServiceUrls

    def bot_of(self, tenant: str) -> Credentials:
        """The registration in that tenant; where there is none, the first serves it."""
        own = (one for one in self.credentials if one.identity.tenant == tenant)
        return next(own, self.credentials[0])

    async def call(
        self, tenant: str, method: Method, path: str, body: Json | None = None, safe: bool = False
    ) -> Json:
        """The answer. Raises PlatformError; never tries twice, because Teams may have done it the first time.

        `path` is encoded already. `safe`: doing it twice does no harm, so that a lost answer means `later`.
        """
        root = await self.services.url(tenant)
        if not self.services.hosts.allow(root):
            raise PlatformError("refused", "service_url_not_on_the_list")
        bot = self.bot_of(tenant)
        headers = await bot.headers()
        url = URL(f"{root}{path}", encoded=True)
        try:
            async with self.session.request(
                method, url, json=body, headers=headers, allow_redirects=False
            ) as answer:
                told = await read_stream(answer.content, _LARGEST)
        except (aiohttp.ClientError, TimeoutError, BodyTooLarge) as error:
            raise _lost(error, safe or method == "GET") from None
        if answer.status == 401:
            bot.forget()
        if not 200 <= answer.status < 300:
            raise _failed(answer, _object(told), safe or method == "GET")
        return _object(told)


def _failed(answer: aiohttp.ClientResponse, told: Json, safe: bool) -> PlatformError:
    status, code, wait = answer.status, _code(told), answer.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdecimal() else None
    return PlatformError(_meaning(status, code, safe), code or f"http_{status}", seconds)


def _meaning(status: int, code: str, safe: bool) -> Kind:
    """https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability

    429 and 412 were not done; what ended in 5xx may have been, since a message bears no key that would tell.
    """
    if status in (429, 412) or (status == 401 and code != "BotNotRegistered"):
        return "later"
    if status >= 500:
        return "later" if safe else "unknown"
    return "refused"


def _lost(error: Exception, safe: bool) -> PlatformError:
    match error:
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return PlatformError("later", "not_connected")
        case TimeoutError():
            return PlatformError("later" if safe else "unknown", "timeout")
        case BodyTooLarge():
            return PlatformError("later" if safe else "unknown", "answer_too_large")
    return PlatformError("later" if safe else "unknown", "connection_lost")


def _object(told: bytes) -> Json:
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(told: Json) -> str:
    match told:
        case {"error": {"code": str(code)}} if _CODE.fullmatch(code):
            return code
    return ""

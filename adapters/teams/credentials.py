"""Request the bot's access token from Entra and cache it until shortly before it expires.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import aiohttp

from adapters.shared.request_body import read_stream
from bot.ports import PlatformError

SCOPE = "https://api.botframework.com"
MANAGED = "http://169.254.169.254/metadata/identity/oauth2/token"
"""Address at which a virtual machine gets the token of its managed identity, without a secret:
https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token"""
_EARLY = 300.0
"""Seconds before its expiry at which a token is renewed."""
_LARGEST = 64 * 1024

AppType = Literal["SingleTenant", "UserAssignedMSI", ""]


@dataclass(frozen=True, slots=True)
class BotRegistration:
    """Hold one registration of the bot in Entra. `token_url` replaces Microsoft's own address if it is set."""

    app_id: str
    app_type: AppType
    tenant: str
    password: str = field(default="", repr=False)
    token_url: str = ""


@dataclass(slots=True)
class Credentials:
    """Cache one access token; concurrent callers share one request for it.

    Without an `app_type` no token is needed (Microsoft's local playground).
    """

    session: aiohttp.ClientSession
    identity: BotRegistration
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    scope: str = SCOPE
    """The only service that the token may be sent to."""
    token: str = ""
    renew_at: float = 0.0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def build_headers(self) -> dict[str, str]:
        """Return the Authorization header, after renewing the token if it is due. Raises PlatformError("later")."""
        if not self.identity.app_type:
            return {}
        if self.clock() >= self.renew_at:
            async with self.one_at_a_time:
                if self.clock() >= self.renew_at:
                    await self._renew_token(self.identity)
        return {"Authorization": f"Bearer {self.token}"}

    def forget_token(self) -> None:
        """Make the next request renew the token, because a service rejected this one."""
        self.renew_at = 0.0

    async def _renew_token(self, identity: BotRegistration) -> None:
        try:
            async with self._request_token(identity) as answer:
                found = json.loads(await read_stream(answer.content, _LARGEST))
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise PlatformError("later", "no_token") from None
        match found:
            case {"access_token": str(token), "expires_in": int() | str() as seconds} if status == 200:
                self.token = token
            case _:
                raise PlatformError("later", f"no_token_{status}{_find_error_code(found)}")
        lasts = float(seconds) if str(seconds).isdecimal() else 0.0
        self.renew_at = self.clock() + max(lasts - _EARLY, lasts / 2)

    def _request_token(self, identity: BotRegistration) -> "aiohttp.client._RequestContextManager":
        if identity.app_type == "UserAssignedMSI":
            wanted = {"api-version": "2018-02-01", "resource": self.scope, "client_id": identity.app_id}
            url = identity.token_url or MANAGED
            return self.session.get(url, params=wanted, headers={"Metadata": "true"}, allow_redirects=False)
        form = {
            "grant_type": "client_credentials",
            "client_id": identity.app_id,
            "client_secret": identity.password,
            "scope": f"{self.scope}/.default",
        }
        own = f"https://login.microsoftonline.com/{identity.tenant}/oauth2/v2.0/token"
        return self.session.post(identity.token_url or own, data=form, allow_redirects=False)


def _find_error_code(body: object) -> str:
    """Return Entra's first error code as `_AADSTS<number>`, or nothing: its other words name tenants and apps.

    https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
    """
    match body:
        case {"error_codes": [int(code), *_]} if 0 < code < 10**9:
            return f"_AADSTS{code}"
    return ""

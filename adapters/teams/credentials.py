"""The bot's own token for Microsoft's Bot Connector: asked of Entra off the event loop's way, and kept until it ages.

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
"""Where a virtual machine asks for the token of its managed identity, which needs no secret:
https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token"""
_EARLY = 300.0
"""Seconds before its end at which a token is renewed."""
_LARGEST = 64 * 1024

AppType = Literal["SingleTenant", "UserAssignedMSI", ""]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in Entra. `token_url`: where it proves it, if not at Microsoft's own address."""

    app_id: str
    app_type: AppType
    tenant: str
    password: str = field(default="", repr=False)
    token_url: str = ""


@dataclass(slots=True)
class Credentials:
    """One token, asked for once however many wait. Without an `app_type` none is needed (the local playground)."""

    session: aiohttp.ClientSession
    identity: Identity
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    scope: str = SCOPE
    """Whose token it is: the only service that it may be sent to."""
    token: str = ""
    renew_at: float = 0.0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def headers(self) -> dict[str, str]:
        """Raises PlatformError("later") while there is no token."""
        if not self.identity.app_type:
            return {}
        if self.clock() >= self.renew_at:
            async with self.one_at_a_time:
                if self.clock() >= self.renew_at:
                    await self._renew(self.identity)
        return {"Authorization": f"Bearer {self.token}"}

    def forget(self) -> None:
        """The token was refused: the next request asks for another."""
        self.renew_at = 0.0

    async def _renew(self, identity: Identity) -> None:
        try:
            async with self._asked(identity) as answer:
                found = json.loads(await read_stream(answer.content, _LARGEST))
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise PlatformError("later", "no_token") from None
        match found:
            case {"access_token": str(token), "expires_in": int() | str() as seconds} if status == 200:
                self.token = token
            case _:
                raise PlatformError("later", f"no_token_{status}")
        lasts = float(seconds) if str(seconds).isdecimal() else 0.0
        self.renew_at = self.clock() + max(lasts - _EARLY, lasts / 2)

    def _asked(self, identity: Identity) -> "aiohttp.client._RequestContextManager":
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

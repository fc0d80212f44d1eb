"""Is a request from Microsoft's Bot Connector, and is it about us? Every doubt is a refusal.

The rules are those of
https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
and the channel's tenant has to be one of an alliance's. The SDK's own check believes its own outbound token, activities
without a service URL and tokens without an end, and answers 500 to a rotated key; so it is not used.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt

from adapters.shared.rejection import Refusal
from adapters.teams.activity import Sent
from adapters.teams.allowed_hosts import Hosts
from adapters.teams.signing_keys import Keys
from bot.ports import Now

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
LEEWAY = 300.0
"""Seconds that Microsoft's clock may be off ours."""

Tenants = Callable[[], Awaitable[frozenset[str]]]
Report = Callable[[Sent], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says of the request that it came with."""

    service_url: str
    endorsements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gate:
    """`app_ids`: of the bot's registrations. `tenants` gives the Entra tenants of all alliances.

    `is_open` lets requests without a token in: for Microsoft's local playground, in tests on loopback only.
    """

    app_ids: frozenset[str]
    keys: Keys
    hosts: Hosts
    tenants: Tenants
    now: Now
    is_open: bool = False
    report: Report | None = None
    """Told what was refused for its tenant, once it was known to be Microsoft's."""

    async def claims(self, header: str) -> Claims | None:
        """What the token says; None without one where that is allowed. Raises Refusal (401)."""
        if self.is_open and not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal(401, "no bearer token")
        try:
            return await self._claims(token.strip())
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise Refusal(401, "token is not valid") from None

    async def admit(self, claims: Claims | None, sent: Sent) -> None:
        """Refuse what the token does not speak for. Raises Refusal (401, 403)."""
        if claims and claims.service_url.rstrip("/") != sent.service_url.rstrip("/"):
            raise Refusal(401, "token is for another service URL")
        if sent.channel_id != CHANNEL or (claims and CHANNEL not in claims.endorsements):
            raise Refusal(403, "another channel")
        if not self.hosts.allow(sent.service_url):
            raise Refusal(403, "service URL is not on the list")
        if sent.tenant not in await self.tenants():
            if self.report:
                await self.report(sent)
            raise Refusal(403, "tenant of no alliance")

    async def _claims(self, token: str) -> Claims:
        key = await self.keys.find(jwt.get_unverified_header(token).get("kid", ""))
        if key is None:
            raise Refusal(401, "signed with an unknown key")
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=sorted(self.app_ids),
            issuer=ISSUER,
            options={
                "require": ["exp", "nbf", "iss", "aud", "serviceurl"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },  # the bot's own clock decides, below
        )
        self._check_times(claims["nbf"], claims["exp"])
        if not isinstance(claims["serviceurl"], str):
            raise Refusal(401, "token names no service URL")
        return Claims(claims["serviceurl"], key.endorsements)

    def _check_times(self, begins: Any, ends: Any) -> None:
        now = self.now().timestamp()
        if not (_seconds(begins) - LEEWAY <= now < _seconds(ends) + LEEWAY):
            raise Refusal(401, "token is of another time")


def _seconds(claim: Any) -> float:
    """Raises Refusal, TypeError or OverflowError for what is no time."""
    if isinstance(claim, bool) or not math.isfinite(claim):
        raise Refusal(401, "token has no times")
    return float(claim)

"""Verify that a request comes from Microsoft's Bot Connector and concerns an alliance; refuse in doubt.

The rules are those of
https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
and the conversation's tenant must belong to an alliance. The SDK's own check is not used: it accepts the bot's own
outbound token, activities without a service URL and tokens without an expiry, and answers 500 to a rotated key.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jwt

from adapters.shared.rejection import Refusal
from adapters.teams.activity import ReceivedActivity
from adapters.teams.allowed_hosts import AllowedHosts
from adapters.teams.signing_keys import KeysUnreachable, SigningKey, SigningKeys
from bot.ports import Now

ISSUER = "https://api.botframework.com"
ALGORITHM = "RS256"
CHANNEL = "msteams"
LEEWAY = 300.0
"""Seconds that Microsoft's clock may differ from the bot's."""

Tenants = Callable[[], Awaitable[frozenset[str]]]
Report = Callable[[ReceivedActivity], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """Hold the claims of a valid token that are compared with the activity."""

    service_url: str
    endorsements: frozenset[str]


@dataclass(frozen=True, slots=True)
class RequestVerifier:
    """Check tokens and activities.

    `app_ids`: the bot's registrations. `tenants` returns the Entra tenants of all alliances. `is_open` accepts
    requests without a token: for Microsoft's local playground, in tests on loopback only.
    """

    app_ids: frozenset[str]
    keys: SigningKeys
    hosts: AllowedHosts
    tenants: Tenants
    now: Now
    is_open: bool = False
    report: Report | None = None
    """Called with an activity that Microsoft signed but whose tenant no alliance names."""

    async def verify_token(self, header: str) -> TokenClaims | None:
        """Return the claims of a valid token; None if there is none and `is_open`.

        Raises Refusal: 401, or 503 if Microsoft's keys cannot be fetched.
        """
        if self.is_open and not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal(401, "no bearer token")
        try:
            return await self._decode_token(token.strip())
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise Refusal(401, "token is not valid") from None

    async def check_activity(self, claims: TokenClaims | None, activity: ReceivedActivity) -> None:
        """Check an activity against the claims and the alliances. Raises Refusal (401, 403)."""
        if claims and claims.service_url.rstrip("/") != activity.service_url.rstrip("/"):
            raise Refusal(401, "token is for another service URL")
        if activity.channel_id != CHANNEL or (claims and CHANNEL not in claims.endorsements):
            raise Refusal(403, "not from Microsoft Teams")
        if not self.hosts.may_reach(activity.service_url):
            raise Refusal(403, "service URL is not on the list")
        if activity.tenant not in await self.tenants():
            if self.report:
                await self.report(activity)
            raise Refusal(403, "tenant belongs to no alliance")

    async def _decode_token(self, token: str) -> TokenClaims:
        key = await self._find_key(jwt.get_unverified_header(token))
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[ALGORITHM],
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
        return TokenClaims(claims["serviceurl"], key.endorsements)

    async def _find_key(self, header: dict[str, Any]) -> SigningKey:
        key_id = header.get("kid")
        if not key_id or header.get("alg") != ALGORITHM:
            raise Refusal(401, "not signed as Microsoft signs")
        try:
            key = await self.keys.find_key(key_id)
        except KeysUnreachable:
            raise Refusal(503, "Microsoft's signing keys cannot be read; please send it again") from None
        if key is None:
            raise Refusal(401, "signed with an unknown key")
        return key

    def _check_times(self, not_before: Any, expiry: Any) -> None:
        now = self.now().timestamp()
        if not (_to_seconds(not_before) - LEEWAY <= now < _to_seconds(expiry) + LEEWAY):
            raise Refusal(401, "token is expired or not yet valid")


def _to_seconds(claim: Any) -> float:
    """Return a time claim in seconds. Raises Refusal, TypeError or OverflowError."""
    if isinstance(claim, bool) or not math.isfinite(claim):
        raise Refusal(401, "token has no valid times")
    return float(claim)

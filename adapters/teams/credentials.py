"""Request the bot's access token from Entra and cache it until shortly before it expires.

https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector
"""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import aiohttp
import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.shared.request_body import read_stream
from bot.ports import Now, PlatformError

SCOPE = "https://api.botframework.com"
MANAGED = "http://169.254.169.254/metadata/identity/oauth2/token"
"""Address at which a virtual machine gets the token of its managed identity, without a secret:
https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token"""
_PROOF = 300
"""Seconds for which a proof of the certificate is valid."""
_PEM = re.compile(r"-----BEGIN ([A-Z ]{1,30})-----[^-]+-----END \1-----")
_EARLY = 300.0
"""Seconds before its expiry at which a token is renewed."""
_LARGEST = 64 * 1024

AppType = Literal["SingleTenant", "UserAssignedMSI", ""]


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Hold the key that proves to Entra who the bot is. `now` gives the time of a proof."""

    key: rsa.RSAPrivateKey = field(repr=False)
    thumbprint: str
    """SHA-256 of the certificate, in base64url."""
    expires: datetime
    now: Now

    def prove(self, app_id: str, token_url: str) -> str:
        """Return a proof that serves once, at that address, for `_PROOF` seconds.

        https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
        """
        at = int(self.now().timestamp())
        claims = {"iss": app_id, "sub": app_id, "aud": token_url, "jti": secrets.token_urlsafe(24)}
        times = {"iat": at, "nbf": at, "exp": at + _PROOF}
        return jwt.encode(claims | times, self.key, "PS256", {"x5t#S256": self.thumbprint})


@dataclass(frozen=True, slots=True)
class BotRegistration:
    """Hold one registration of the bot in Entra. `token_url` replaces Microsoft's own address if it is set.

    A SingleTenant registration has a password or a certificate.
    """

    app_id: str
    app_type: AppType
    tenant: str
    password: str = field(default="", repr=False)
    token_url: str = ""
    certificate: ClientCertificate | None = None


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
        url = identity.token_url or f"https://login.microsoftonline.com/{identity.tenant}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": identity.app_id,
            "scope": f"{self.scope}/.default",
            **_build_proof(identity, url),
        }
        return self.session.post(url, data=form, allow_redirects=False)


def parse_certificate(pem: str, now: Now) -> ClientCertificate:
    """Return the certificate and its RSA key from PEM text. Raises ValueError, which quotes nothing of it."""
    blocks = {match[1]: match[0].encode() for match in _PEM.finditer(pem)}
    keys = [block for kind, block in blocks.items() if kind.endswith("PRIVATE KEY")]
    if "CERTIFICATE" not in blocks or len(keys) != 1:
        raise ValueError("must hold one certificate and one private key, as PEM")
    try:
        key, certificate = (
            load_pem_private_key(keys[0], None),
            x509.load_pem_x509_certificate(blocks["CERTIFICATE"]),
        )
    except (ValueError, TypeError):
        raise ValueError(
            "the certificate or its key cannot be read; the key must have no passphrase"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey) or certificate.public_key() != key.public_key():
        raise ValueError("the key must be the RSA key of the certificate")
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()
    return ClientCertificate(key, thumbprint, certificate.not_valid_after_utc, now)


def _build_proof(identity: BotRegistration, url: str) -> dict[str, str]:
    if identity.certificate is None:
        return {"client_secret": identity.password}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {
        "client_assertion_type": kind,
        "client_assertion": identity.certificate.prove(identity.app_id, url),
    }


def _find_error_code(body: object) -> str:
    """Return Entra's first error code as `_AADSTS<number>`, or nothing: its other words name tenants and apps.

    https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
    """
    match body:
        case {"error_codes": [int(code), *_]} if 0 < code < 10**9:
            return f"_AADSTS{code}"
    return ""

"""Serve Microsoft's signing keys, Entra's tokens and Graph's permission grants: the services beside Teams."""

import asyncio
import base64
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from tests.far.teams_state import APP, GROUP, PASSWORD, Json, Posted

if TYPE_CHECKING:
    from tests.far.teams import FarTeams

ISSUER = "https://api.botframework.com"
CONNECTOR = "https://api.botframework.com/.default"


@lru_cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _refuse_token(code: int) -> web.Response:
    """Answer as Entra does.

    https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow#error-response
    """
    ids = (
        "Trace ID: 2adb5f11-2a55-4c5d-a7e2-0001e7a80600 Correlation ID: 8c2b0e5d-6f0c-4f3a-9f0a-3b1f0b1f0b1f"
    )
    refusal = {
        "error": "invalid_client",
        "error_description": f"AADSTS{code}: Refused for app '{APP}'. {ids} Timestamp: 2026-12-01 09:00:00Z",
        "error_codes": [code],
        "timestamp": "2026-12-01 09:00:00Z",
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }
    return web.json_response(refusal, status=401)


def make_certificate(expires: datetime, name: str = "app") -> x509.Certificate:
    """Return a certificate of the key of that name, signed by itself."""
    key, title = private_key(name), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Alliance Pulse")])
    made = x509.CertificateBuilder(title, title, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(expires - timedelta(days=365)).not_valid_after(expires)
    return made.sign(key, hashes.SHA256())


def write_pem(certificate: x509.Certificate, name: str = "app") -> str:
    """Return certificate and key as an operator has them in a file."""
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = private_key(name).private_bytes(serialization.Encoding.PEM, kind, plain)
    return (key + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def _is_proven_by_certificate(far: "FarTeams", form: Json, wanted: Json) -> bool:
    """Check a proof as Entra does: https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials"""
    proof = form.get("client_assertion", "")
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    if far.certificate is None or form != {
        **wanted,
        "client_assertion_type": kind,
        "client_assertion": proof,
    }:
        return False
    print_ = base64.urlsafe_b64encode(far.certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    needed: Any = {"require": ["exp", "nbf", "jti", "iss", "sub", "aud"]}
    key: Any = far.certificate.public_key()
    try:
        header = jwt.get_unverified_header(proof)
        claims = jwt.decode(proof, key, ["PS256"], options=needed, audience=far.token_url, issuer=APP)
    except jwt.PyJWTError:
        return False
    is_new = claims["jti"] not in far.proofs
    far.proofs.add(claims["jti"])
    lasts = claims["exp"] - claims["nbf"]
    return is_new and header.get("x5t#S256") == print_ and claims["sub"] == APP and 0 < lasts <= 600


def routes(far: "FarTeams") -> list[web.RouteDef]:
    async def send_openid(_: web.Request) -> web.Response:
        await asyncio.sleep(far.key_delay)
        document = {"issuer": ISSUER, "jwks_uri": f"{far.base_url}/v1/.well-known/keys"}
        return web.json_response({**document, "id_token_signing_alg_values_supported": ["RS256"]})

    async def send_keys(_: web.Request) -> web.Response:
        listed = [
            {
                **json.loads(RSAAlgorithm.to_jwk(private_key(key_id).public_key())),
                "kid": key_id,
                "endorsements": of,
            }
            for key_id, of in far.published.items()
        ]
        return web.json_response({"keys": [{**key, "use": "sig", "x5t": key["kid"]} for key in listed]})

    async def give_token(request: web.Request) -> web.Response:
        form = dict(await request.post())
        scope = form.pop("scope", "")
        wanted = {"grant_type": "client_credentials", "client_id": APP}
        is_proven = form == {**wanted, "client_secret": PASSWORD} or _is_proven_by_certificate(
            far, form, wanted
        )
        if not is_proven or scope not in (CONNECTOR, f"{far.base_url}/.default"):
            return _refuse_token(far.entra_error)
        given = secrets.token_urlsafe(16)
        if scope == CONNECTOR:
            far.tokens[given] = time.monotonic() + 3600
        else:
            far.graph_tokens.add(given)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": given})

    async def list_grants(request: web.Request) -> web.Response:
        """List the permissions of a team or chat.

        https://learn.microsoft.com/en-us/graph/api/team-list-permissiongrants
        """
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in far.graph_tokens:
            return web.json_response({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
        if request.match_info["id"] != GROUP and request.match_info["id"] not in far.state.chats:
            return web.json_response({"error": {"code": "NotFound"}}, status=404)
        if not any(name.startswith("TeamsAppInstallation.Read.") for name in far.state.granted):
            return web.json_response({"error": {"code": "Forbidden"}}, status=403)
        others = {"clientAppId": "another", "permission": "ChannelMessage.Read.Group"}
        own = [{"clientAppId": APP, "permission": name} for name in sorted(far.state.granted)]
        return web.json_response({"value": [others, *own]})

    return [
        web.get("/v1/.well-known/openidconfiguration", send_openid),
        web.get("/v1/.well-known/keys", send_keys),
        web.post("/entra/oauth2/v2.0/token", give_token),
        web.get("/v1.0/{kind:teams|chats}/{id}/permissionGrants", list_grants),
        web.get("/v1.0/teams/{id}/channels/{channel}/messages", partial(_list_messages, far)),
    ]


async def _list_messages(far: "FarTeams", request: web.Request) -> web.Response:
    """List a channel's messages, the newest first, a few a page.

    https://learn.microsoft.com/en-us/graph/api/channel-list-messages
    """
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in far.graph_tokens:
        return web.json_response({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
    if "ChannelMessage.Read.Group" not in far.state.granted:
        return web.json_response({"error": {"code": "Forbidden"}}, status=403)
    chat = far.state.chats.get(request.match_info["channel"])
    if chat is None or request.match_info["id"] != GROUP or not 1 <= int(request.query["$top"]) <= 50:
        return web.json_response({"error": {"code": "NotFound"}}, status=404)
    at = int(request.query.get("$skiptoken", "0"))
    newest = [posted for posted in reversed(chat.messages) if posted.is_root]
    told: Json = {"value": [_describe_message(posted) for posted in newest[at : at + 3]]}
    if at + 3 < len(newest):
        told["@odata.nextLink"] = f"{far.base_url}{request.path_qs.partition('&')[0]}&$skiptoken={at + 3}"
    return web.json_response(told)


def _describe_message(posted: Posted) -> Json:
    at = datetime.fromtimestamp(int(posted.id) / 1000, UTC).isoformat(timespec="milliseconds")
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": json.dumps(posted.card)}
    return {
        "id": posted.id,
        "createdDateTime": at.replace("+00:00", "Z"),
        "lastModifiedDateTime": at.replace("+00:00", "Z"),
        "body": {"contentType": "html", "content": posted.text},
        "attachments": [card] if posted.card else [],
    }

"""Recognise requests that come from this machine itself."""

from aiohttp import web
from yarl import URL

from adapters.shared.loopback import is_loopback

_PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def is_local_request(request: web.Request) -> bool:
    """Return True where this machine sent the request, and not a proxy on it for somebody else.

    The check of the Host header stops DNS rebinding: a foreign name that resolves to this machine. A proxy writes the
    server's own name there by default, so a request with any header of a proxy counts as foreign too.
    """
    proxied = any(name in request.headers for name in _PROXY_HEADERS)
    return not proxied and is_loopback(request.remote or "") and is_loopback(_parse_host(request.host))


def _parse_host(header: str) -> str:
    try:
        return URL(f"http://{header}").host or ""
    except ValueError:
        return ""

"""Is it this machine that asks?"""

from ipaddress import ip_address

from aiohttp import web
from yarl import URL

_OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def is_here(request: web.Request) -> bool:
    """Did this machine ask, and no proxy on it for somebody else?

    The Host check stops DNS rebinding: a foreign name that resolves to this machine. Proxies put the server's own name
    there by default, so whatever says that it came through one is refused too.
    """
    proxied = any(name in request.headers for name in _OF_PROXIES)
    return not proxied and is_loopback(request.remote or "") and is_loopback(_host(request.host))


def is_loopback(host: str) -> bool:
    """Can nobody outside this machine connect to it?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _host(header: str) -> str:
    try:
        return URL(f"http://{header}").host or ""
    except ValueError:
        return ""

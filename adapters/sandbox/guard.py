"""Who may talk to the sandbox: a browser on this machine, from the sandbox's own page."""

from ipaddress import ip_address

from aiohttp import web
from yarl import URL

from adapters.sandbox.parse import Refusal

# Not `no-referrer`: with it browsers send `Origin: null` with the page's own forms
# (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def check(request: web.Request) -> None:
    """Raises Refusal where it is not from this machine, or by a page that is not ours.

    A browser names the sending page in Origin with every POST; programs without one are not a browser's.
    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    """
    if not is_here(request):
        raise Refusal(
            403, "The sandbox is open on this machine only: use http://127.0.0.1 or http://localhost."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(415, "Compressed requests are not taken.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise Refusal(403, "This form was sent from another site.")
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in _OWN_SITE:
        raise Refusal(403, "This form was sent from another site.")


def is_here(request: web.Request) -> bool:
    """Did this machine ask, and no proxy on it for somebody else?

    The Host check stops DNS rebinding: a foreign name that resolves to this machine. Proxies put the server's own name
    there by default, so whatever says that it came through one is refused too.
    """
    proxied = any(name in request.headers for name in _OF_PROXIES)
    return not proxied and _is_loopback(request.remote) and _is_loopback(_host(request.host))


_OWN_SITE = ("same-origin", "none")
_OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def _host(header: str) -> str | None:
    try:
        return URL(f"http://{header}").host
    except ValueError:
        return None


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"

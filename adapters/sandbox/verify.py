"""Who may talk to the sandbox: a browser on this machine, from the sandbox's own page."""

from aiohttp import web

from adapters.shared.loopback import is_local_request
from adapters.shared.rejection import Refusal

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
    if not is_local_request(request):
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


_OWN_SITE = ("same-origin", "none")

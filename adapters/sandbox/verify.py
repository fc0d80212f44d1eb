"""Accept only requests of a browser on this machine, from the sandbox's own page."""

from aiohttp import web

from adapters.shared.local_request import is_local_request
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


def check_request(request: web.Request) -> None:
    """Raise Refusal for a request from elsewhere, or one that another site's page sent.

    Browsers send the page's Origin with every POST; a request without one is not from a browser.
    https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    """
    if not is_local_request(request):
        raise Refusal(
            403, "The sandbox only answers on this machine. Please use http://127.0.0.1 or http://localhost."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(415, "Compressed requests are not supported.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise Refusal(403, "Nothing was saved, because this form came from another site.")
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in _OWN_SITE:
        raise Refusal(403, "Nothing was saved, because this form came from another site.")


_OWN_SITE = ("same-origin", "none")

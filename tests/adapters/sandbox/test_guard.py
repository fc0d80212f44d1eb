"""Who may talk to the sandbox: what a request says of itself, and where it comes from."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from adapters.sandbox.verify import check_request
from adapters.shared.rejection import Refusal

HERE = ("127.0.0.1", 50_000)


def refusal_status(method: str, peer: object, **headers: str) -> int:
    """Status of the refusal of a request from that address; 0 if it is let in."""

    def told(name: str, default: Any = None) -> Any:
        return peer if name == "peername" else default

    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request: web.Request = make_mocked_request(
        method,
        "/",
        headers={"Host": "localhost:8080", **sent},
        transport=SimpleNamespace(get_extra_info=told),
    )
    try:
        check_request(request)
    except Refusal as refusal:
        return refusal.status
    return 0


@pytest.mark.parametrize("peer", [HERE, ("::1", 50_000, 0, 0)])
def test_this_machine_is_let_in_by_any_of_its_names(peer: object) -> None:
    for host in ("localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080"):
        assert refusal_status("GET", peer, Host=host) == 0


@pytest.mark.parametrize("peer", [("192.0.2.7", 50_000), ("2001:db8::7", 50_000, 0, 0), "", None])
def test_another_machine_or_who_knows_which_is_not_whatever_name_it_uses(peer: object) -> None:
    assert refusal_status("GET", peer) == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "[", "192.0.2.7", ""])
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    assert refusal_status("GET", HERE, Host=host) == 403


def test_a_form_of_another_site_is_refused_and_a_link_from_one_is_not() -> None:
    assert refusal_status("POST", HERE, Origin="http://evil.example") == 403
    assert refusal_status("POST", HERE, Sec_Fetch_Site="cross-site") == 403
    assert refusal_status("POST", HERE, Sec_Fetch_Site="same-site") == 403
    assert refusal_status("GET", HERE, Sec_Fetch_Site="cross-site") == 0
    own = {"Origin": "http://localhost:8080", "Sec_Fetch_Site": "same-origin"}
    assert refusal_status("POST", HERE, **own) == 0


def test_what_is_compressed_is_not_unpacked() -> None:
    assert refusal_status("POST", HERE, Content_Encoding="gzip") == 415
    assert refusal_status("POST", HERE, Content_Encoding="Identity") == 0

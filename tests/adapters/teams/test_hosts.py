"""Where the bot's token may travel: exactly the named hosts, however an address is dressed up."""

import pytest

from adapters.teams.allowed_hosts import AllowedHosts

HOST = "smba.trafficmanager.net"
NAMED = AllowedHosts(frozenset({HOST, "127.0.0.1:9000", "evil.example:80"}))


@pytest.mark.parametrize("url", [f"https://{HOST}/emea/", f"https://{HOST}:443", f"https://{HOST.upper()}/"])
def test_a_named_host_over_https_is_allowed(url: str) -> None:
    assert NAMED.may_reach(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https:///emea",
        f"http://{HOST}/",
        f"ftp://{HOST}/",
        f"//{HOST}/",
        f"https://{HOST}.evil.example/",
        f"https://{HOST}:8443/",
        f"https://{HOST}:99999/",
        f"https://me@{HOST}/",
        f"https://{HOST}@evil.example/",
        f"https://{HOST}\\@evil.example/",
        f"https://{HOST}/\\evil.example",
        f"https://{HOST}/emea?to=evil",
        f"https://{HOST}/emea#evil",
        f"https://{HOST}/a b",
        f"https://{HOST}/\x00",
        "https://smba.\ntrafficmanager.net/",
        f"https://{HOST}/é",
        "https://[",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    assert not NAMED.may_reach(url)
    assert not AllowedHosts(NAMED.named, on_loopback=True).may_reach(url)


def test_plain_http_is_for_named_ports_of_this_machine_in_tests_alone() -> None:
    tests = AllowedHosts(NAMED.named, on_loopback=True)
    assert tests.may_reach("http://127.0.0.1:9000/teams")
    assert not NAMED.may_reach("http://127.0.0.1:9000/teams")
    for url in ("http://127.0.0.1:9001/", "http://evil.example:80/", "ftp://127.0.0.1:9000/"):
        assert not tests.may_reach(url)

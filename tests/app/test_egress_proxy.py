"""Which calls go through the company's proxy; `tests/slow/test_egress_proxy.py` makes them."""

import pytest

from bot.app.config.load import load_settings, mask_secrets
from bot.app.config.section import BadSettings
from bot.app.platforms.egress_proxy import EgressProxy, read_proxy

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("exceptions", "host", "is_direct"),
    [
        ("", "slack.com", False),
        ("slack.com", "slack.com", True),
        ("slack.com", "wss-primary.slack.com", True),
        (".slack.com", "hooks.SLACK.com", True),
        ("*.slack.com", "hooks.slack.com", True),
        ("slack.com", "notslack.com", False),
        ("slack.com", "slack.com.evil.example", False),
        ("slack.com:443", "slack.com", True),
        ("slack.com:8443", "slack.com", False),
        ("a.example,*", "slack.com", True),
        (".", "slack.com", False),
        ("", "127.0.0.1", True),
        ("", "localhost", True),
        ("", "::1", True),
        ("", "169.254.169.254", True),
        ("", "10.0.0.1", False),
    ],
)
def test_exceptions_and_this_machine_are_called_directly(exceptions: str, host: str, is_direct: bool) -> None:
    proxy = EgressProxy(PROXY, tuple(exceptions.split(",")) if exceptions else ())
    assert proxy.find_proxy(host) == ("" if is_direct else PROXY)
    assert EgressProxy().find_proxy(host) == ""


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, EgressProxy()),
        ({"HTTPS_PROXY": "proxy.example:3128"}, EgressProxy(PROXY)),
        (
            {"https_proxy": PROXY, "no_proxy": "a.example, b.example"},
            EgressProxy(PROXY, ("a.example", "b.example")),
        ),
        ({"PULSE_NETWORK__PROXY": PROXY, "HTTPS_PROXY": "http://other"}, EgressProxy(PROXY)),
        ({"HTTPS_PROXY": PROXY, "https_proxy": "http://other"}, EgressProxy(PROXY)),
        ({"HTTPS_PROXY": ""}, EgressProxy()),
        ({"HTTP_PROXY": PROXY}, EgressProxy()),
    ],
)
def test_the_bots_own_setting_comes_before_what_all_programs_read(
    environment: dict[str, str], wanted: EgressProxy
) -> None:
    for given in (environment, dict(reversed(environment.items()))):
        assert read_proxy(load_settings(None, given)) == wanted


@pytest.mark.parametrize(
    "wrong", ["socks5://hush:hush@proxy:1080", "http://", "http://proxy/hush", "https://proxy"]
)
def test_a_proxy_that_cannot_be_used_is_refused_by_its_key(wrong: str) -> None:
    with pytest.raises(BadSettings, match=r"network\.proxy: write http://HOST:PORT") as refusal:
        load_settings(None, {"HTTPS_PROXY": wrong})
    assert "hush" not in str(refusal.value)


def test_its_password_is_not_shown() -> None:
    settings = load_settings(None, {"HTTPS_PROXY": "http://pulse:hu@sh@proxy.example:3128"})
    shown = mask_secrets(settings)["network"]["proxy"]
    assert "proxy.example:3128" in shown and "hu@sh" not in f"{shown}{settings!r}"

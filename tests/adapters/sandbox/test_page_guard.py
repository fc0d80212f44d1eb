"""What the sandbox's page refuses: foreign origins, hosts and proxies, oversized and endless forms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.sandbox.sandbox_site import SandboxSite, open_site


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SandboxSite]:
    async with open_site(tmp_path) as site:
        await site.tick()
        yield site


async def test_scripts_are_told_in_json(chat: SandboxSite) -> None:
    headers = {"Accept": "application/json"}
    response = await chat.post("say", {"text": ""}, headers)
    assert (response.status, list(await response.json())) == (400, ["problem"])
    response = await chat.post("say", {"text": "x", "nonce": "1"}, headers)
    assert (response.status, await response.json()) == (200, {"mark": "text"})


SENDERS: tuple[tuple[dict[str, str], bool], ...] = (
    ({}, True),
    ({"Host": "localhost:8080", "Origin": "http://localhost:8080"}, True),
    ({"Host": "evil.example"}, False),
    ({"Host": "127.0.0.1.evil.example"}, False),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Host": "localhost:8080", "Origin": "http://localhost:9090"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
)


async def test_forms_are_taken_from_this_machines_own_page_only(chat: SandboxSite) -> None:
    for number, (headers, allowed) in enumerate(SENDERS):
        words = f"Hello number {number}"
        response = await chat.post("say", {"text": words, "nonce": "1"}, headers)
        assert response.status == (303 if allowed else 403), headers
        assert (words in (await chat.page("mei")).text) == allowed, headers


async def test_what_stands_in_the_address_of_a_form_is_not_read(chat: SandboxSite) -> None:
    response = await chat.post("say?as=anna&text=Forged", {"text": "Typed", "nonce": "1"})
    assert response.status == 303
    page = (await chat.page("mei")).text
    assert "Typed" in page and "Forged" not in page


PATHS = ("/", "/sandbox/stream?as=liam&in=channel:joint", "/sandbox/static/chat.js")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}],
)
async def test_a_foreign_host_name_and_who_comes_through_a_proxy_read_nothing(
    chat: SandboxSite, headers: dict[str, str]
) -> None:
    for path in PATHS:
        response = await chat.browser.get(path, headers=headers)
        assert response.status == 403


async def test_every_page_forbids_foreign_code_and_frames(chat: SandboxSite) -> None:
    for path in ("/", "/?as=liam", "/sandbox/static/chat.js", "/?as=liam&in=channel:attic"):
        headers = (await chat.browser.get(path)).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_no_file_but_the_pages_own_is_served(chat: SandboxSite) -> None:
    for name in ("..%2fwebhook.py", "webhook.py", "style.css.bak"):
        assert (await chat.browser.get(f"/sandbox/static/{name}")).status == 404


async def test_an_oversized_form_is_refused(chat: SandboxSite) -> None:
    assert (await chat.post("say", {"text": "x" * 70_000})).status == 413

"""`/privacy` and `/terms`: the pages to which the app package links."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app.config.load import load_settings
from bot.app.config.section import BadSettings
from bot.app.runtime.public_pages import list_public_pages


async def read_page(path: str, **environment: str) -> str:
    app = web.Application()
    app.add_routes(list_public_pages(load_settings(None, environment).web))
    async with TestClient(TestServer(app, host="127.0.0.1")) as client, client.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        return await answer.text()


async def test_both_pages_are_there_though_nobody_wrote_any() -> None:
    privacy, terms = await read_page("/privacy"), await read_page("/terms")
    assert "at least five people" in privacy and "my data" in privacy
    assert "voluntary" in terms
    for page in (privacy, terms):
        assert (
            '<html lang="en">' in page
            and page.count("<h1>") == 1
            and page.count("<p>") == 3 + (page is privacy)
        )


async def test_the_declared_text_is_shown_as_text() -> None:
    own = {"PULSE_WEB__PRIVACY_NOTICE": "Northwind is responsible.\n\nWrite to <dpo@northwind.example>."}
    page = await read_page("/privacy", **own)
    assert "<p>Northwind is responsible.</p>\n<p>Write to &lt;dpo@northwind.example&gt;.</p>" in page
    assert "keyed pseudonym" not in page
    assert "voluntary" in await read_page("/terms", **own)
    assert "Be kind." in await read_page("/terms", PULSE_WEB__TERMS_OF_USE="Be kind.")


def test_a_text_that_is_too_long_is_refused_by_its_key() -> None:
    with pytest.raises(BadSettings, match=r"web\.terms_of_use"):
        load_settings(None, {"PULSE_WEB__TERMS_OF_USE": "x" * 20_001})

"""Test installations by one company, the other or both: in a browser, by Slack's pages, into the encrypted table."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack import oauth_pages as install
from bot.ports import PlatformError
from tests.adapters.slack.install_testbed import MERIDIAN, NORTHWIND, InstallTestbed, open_install_testbed


@pytest.fixture
async def testbed(tmp_path: Path) -> AsyncIterator[InstallTestbed]:
    async with open_install_testbed(tmp_path) as made:
        yield made


@pytest.mark.parametrize("teams", [(NORTHWIND,), (MERIDIAN,), (NORTHWIND, MERIDIAN)])
async def test_either_company_or_both_install_and_each_posts_with_its_own_token(
    testbed: InstallTestbed, teams: tuple[str, ...]
) -> None:
    for team in teams:
        await testbed.install(team)
    for team in (NORTHWIND, MERIDIAN):
        assert await testbed.posts(team) == ("" if team in teams else "not_installed")
    assert [workspace for workspace, _, _ in testbed.far.calls] == list(teams)
    assert testbed.far.called("auth.test") == []


async def test_the_pages_say_what_was_done_and_leave_nothing_in_the_browser(testbed: InstallTestbed) -> None:
    async with testbed.browser() as browser:
        url = await browser.begin()
        assert "Add to Slack" in browser.page and browser.status == 200
        (cookie,) = browser.session.cookie_jar
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/slack/")
        assert cookie["secure"]
        await browser.come_back(browser.state_in(url), code=testbed.server.consent(NORTHWIND))
        assert "Installed in Northwind (T0NORTHWIND)" in browser.page and "/invite" in browser.page
        assert "xox" not in browser.page and len(browser.session.cookie_jar) == 0


async def test_scopes_that_were_not_granted_are_named(testbed: InstallTestbed) -> None:
    testbed.server.withheld = frozenset({"im:history", "users:read"})
    async with testbed.browser() as browser:
        assert await browser.install(NORTHWIND) == 200
        assert "im:history, users:read" in browser.page and "Start again" in browser.page
        testbed.server.withheld = frozenset()
        await browser.install(NORTHWIND)
        assert "did not grant" not in browser.page


async def test_an_installation_page_may_run_and_load_nothing_and_is_never_framed(
    testbed: InstallTestbed,
) -> None:
    async with testbed.browser() as browser:
        for address in ("/slack/install", "/slack/oauth_redirect"):
            async with browser.session.get(testbed.local + address) as answer:
                told = answer.headers
            assert told["Content-Security-Policy"] == (
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
            )
            assert (told["Cache-Control"], told["Referrer-Policy"]) == ("no-store", "no-referrer")
            assert told["X-Content-Type-Options"] == "nosniff"


async def test_a_state_is_good_once_in_its_own_browser_and_for_ten_minutes(testbed: InstallTestbed) -> None:
    code = testbed.server.consent
    async with testbed.browser() as browser, testbed.browser() as thief:
        state = browser.state_in(await browser.begin())
        assert await thief.come_back(state, code=code(NORTHWIND)) == 400
        assert "did not begin the installation" in thief.page
        await thief.begin()
        assert await thief.come_back(state, code=code(NORTHWIND)) == 400
        assert await browser.come_back("made-up", code=code(NORTHWIND)) == 400
        state = browser.state_in(await browser.begin())
        testbed.clock.at += timedelta(minutes=10, seconds=1)
        assert await browser.come_back(state, code=code(NORTHWIND)) == 400
        state = browser.state_in(await browser.begin())
        cookies = {cookie.key: cookie.value for cookie in browser.session.cookie_jar}
        assert await browser.come_back(state, code=code(NORTHWIND)) == 200
        browser.session.cookie_jar.update_cookies(cookies)
        assert await browser.come_back(state, code=code(MERIDIAN)) == 400
        assert "already been completed" in browser.page
    assert set(await testbed.store.installations.all()) == {NORTHWIND}


FAILURES = {
    "declined": ({"error": "access_denied"}, "", 400, "declined"),
    "a code that Slack does not know": ({"code": "made-up"}, "", 502, "invalid_code"),
    "no code": ({}, "", 502, "invalid_code"),
    "wrong secret": ({"code": "x"}, "bad_client_secret", 502, "bad_client_secret"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_each_failure_has_a_page_that_says_so_and_a_way_to_start_again(
    testbed: InstallTestbed, name: str
) -> None:
    query, testbed.server.refuses, status, words = FAILURES[name]
    async with testbed.browser() as browser:
        state = browser.state_in(await browser.begin())
        assert await browser.come_back(state, **query) == status
        assert words in browser.page and "Start again" in browser.page and 'lang="en"' in browser.page
    assert await testbed.store.installations.all() == {}


async def test_what_stands_in_the_address_is_not_markup(testbed: InstallTestbed) -> None:
    testbed.far.state.workspaces[NORTHWIND].name = "<script>alert(1)</script>"
    async with testbed.browser() as browser:
        await browser.install(NORTHWIND)
        assert "<script>" not in browser.page and "&lt;script&gt;" in browser.page
        await browser.open("/slack/oauth_redirect", error="<script>", state="<script>" * 200)
        assert "<script>" not in browser.page


async def test_a_workspace_that_no_alliance_names_is_given_back(testbed: InstallTestbed) -> None:
    testbed.wanted |= {NORTHWIND, "E0MERIDIAN"}
    await testbed.install(NORTHWIND)
    await testbed.install(MERIDIAN)  # named by its Enterprise organisation
    testbed.wanted -= {"E0MERIDIAN"}
    async with testbed.browser() as browser:
        assert await browser.install(MERIDIAN) == 403
        assert MERIDIAN in browser.page and "nothing was stored" in browser.page
    assert testbed.far.state.workspaces[MERIDIAN].token == ""


async def test_whoever_begins_many_installations_takes_nobodys_place_and_leaves_nothing(
    testbed: InstallTestbed, tmp_path: Path
) -> None:
    async with testbed.browser() as browser, testbed.browser() as flood:
        state = browser.state_in(await browser.begin())
        for _ in range(1_200):
            await flood.open("/slack/install")
        assert count_used_states(tmp_path) == 0
        assert await browser.come_back(state, code=testbed.server.consent(NORTHWIND)) == 200
        assert count_used_states(tmp_path) == 1


def count_used_states(folder: Path) -> int:
    (file,) = folder.glob("*.sqlite")
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM install_state").fetchone()
    return int(count)


async def test_a_state_that_was_signed_by_somebody_else_or_for_longer_is_not_taken(
    testbed: InstallTestbed,
) -> None:
    async with testbed.browser() as browser:
        state = browser.state_in(await browser.begin())
        random, until, signature = state.split(".")
        for made_up in (
            f"{random}.{int(until) + 600}.{signature}",
            f"{random}.{until}.{'0' * 64}",
            "a.b.c",
            ".",
            "x",
        ):
            browser.session.cookie_jar.update_cookies({install.COOKIE: made_up})
            assert await browser.come_back(made_up, code=testbed.server.consent(NORTHWIND)) == 400
    assert await testbed.store.installations.all() == {}


async def test_no_address_and_no_cookie_breaks_the_page(testbed: InstallTestbed) -> None:
    host, port = testbed.local.removeprefix("http://").split(":")
    odd = (b"", b"%ff%fe", b"%00", b"%ed%b0%80", b"a" * 3000, b"&state=1&state=2", b"%0d%0aSet-Cookie:x=1")
    for query in odd:
        for cookie in (b"\xff\xfe", b"", b"x" * 3000, query):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                b"GET /slack/oauth_redirect?code=" + query + b"&state=" + query + b" HTTP/1.1\r\nHost: x\r\n"
                b"Cookie: pulse_slack_install=" + cookie + b"\r\nConnection: close\r\n\r\n"
            )
            answer = await reader.read()
            writer.close()
            assert answer.split(b" ")[1][:1] in (b"4",), (query[:20], cookie[:20], answer[:200])
            assert b"Set-Cookie:x" not in answer
    assert await testbed.store.installations.all() == {}


async def test_while_the_database_is_away_nothing_is_refused_for_good_and_the_pages_say_so(
    testbed: InstallTestbed,
) -> None:
    await testbed.install(NORTHWIND)
    async with testbed.browser() as browser:
        await testbed.store.aclose()
        with pytest.raises(PlatformError) as raised:
            await testbed.tokens(NORTHWIND)
        assert (raised.value.kind, raised.value.reason) == ("later", "token_not_readable")
        state = browser.state_in(await browser.begin())  # needs no database
        assert await browser.come_back(state, code="x") == 503
        assert "try again in a minute" in browser.page

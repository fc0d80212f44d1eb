"""Installed by one company, the other, or both: through Slack's pages, in a browser, into the encrypted table.

The bot's own routes, a real store, and the strict Slack of `tests/far`. Time is told.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

import storage
from adapters.slack import install
from adapters.slack.api import Api
from adapters.slack.install import Desk
from adapters.slack.installations import Installations, read, written
from adapters.slack.oauth import OAuth
from adapters.slack.tokens import Tokens
from bot.app.slack import Leaving
from bot.ports import PlatformError
from storage import installations
from storage.retention import Terms
from tests.contract.world import RecordingInbox
from tests.databases import fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET, Browser, OAuthServer, with_oauth
from tests.far.slack_state import State, two_companies, uninstall

NORTHWIND, MERIDIAN = "T0NORTHWIND", "T0MERIDIAN"
PUBLIC = "https://pulse.example.com"
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = storage.new_key()


@dataclass(slots=True)
class Clock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(slots=True)
class Office:
    far: FarSlack
    server: OAuthServer
    store: storage.DatabaseStore
    other_store: storage.DatabaseStore
    clock: Clock
    session: aiohttp.ClientSession
    local: str
    tokens: Tokens
    other: Tokens
    """Of another process, on the same database."""
    wanted: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=self.local)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(self.server, session, PUBLIC, self.local)

    async def install(self, team: str) -> None:
        async with self.browser() as browser:
            assert await browser.install(team) == 200, browser.page

    async def posts(self, team: str, tokens: Tokens | None = None) -> str:
        """A message in the joint channel through that installation; the error, if there is one."""
        bot = self.far.state.workspaces[team].bot_user
        members = self.far.state.rooms["C0JOINT"].members
        members += [bot] if bot and bot not in members else []
        api = Api(self.session, tokens or self.tokens, self.far.api_url)
        try:
            await api.call(team, "chat.postMessage", {"channel": "C0JOINT", "text": "x"})
        except PlatformError as error:
            return error.reason
        return ""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = Clock()
    state: State = two_companies(clock.seconds, people=2, installed=(), enterprise=(MERIDIAN,))
    with fresh("sqlite", tmp_path) as url:
        stores = storage.open_store(url, [KEY], b"s" * 40), storage.open_store(url, [KEY])
        async with serving(state) as far, aiohttp.ClientSession() as session:
            server = with_oauth(far, f"{PUBLIC}/slack/oauth_redirect")
            oauth = OAuth(session, CLIENT_ID, CLIENT_SECRET, server.redirect_uri, far.api_url)
            tokens = [Tokens(one.installations, one.leases, clock.now, oauth) for one in stores]
            made = Office(far, server, *stores, clock, session, "", *tokens)

            async def is_wanted(ids: tuple[str, ...]) -> bool:
                return not made.wanted or not made.wanted.isdisjoint(ids)

            kept = stores[0].installations
            app = web.Application()
            app.add_routes(install.routes(Desk(oauth, Installations(kept), kept, clock.now, is_wanted)))
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            made.local = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield made
            await runner.cleanup()
        for store in stores:
            await store.aclose()


@pytest.mark.parametrize("teams", [(NORTHWIND,), (MERIDIAN,), (NORTHWIND, MERIDIAN)])
async def test_either_company_or_both_install_and_each_posts_with_its_own_token(
    office: Office, teams: tuple[str, ...]
) -> None:
    for team in teams:
        await office.install(team)
    for team in (NORTHWIND, MERIDIAN):
        assert await office.posts(team) == ("" if team in teams else "not_installed")
    assert [workspace for workspace, _, _ in office.far.calls] == list(teams)
    assert office.far.called("auth.test") == []


async def test_the_pages_say_what_was_done_and_leave_nothing_in_the_browser(office: Office) -> None:
    async with office.browser() as browser:
        url = await browser.begin()
        assert "Add to Slack" in browser.page and browser.status == 200
        (cookie,) = browser.session.cookie_jar
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/slack/")
        assert cookie["secure"]
        await browser.come_back(browser.state_in(url), code=office.server.consent(NORTHWIND))
        assert "Installed in Northwind (T0NORTHWIND)" in browser.page and "/invite" in browser.page
        assert "xox" not in browser.page and len(browser.session.cookie_jar) == 0


async def test_a_state_is_good_once_in_its_own_browser_and_for_ten_minutes(office: Office) -> None:
    code = office.server.consent
    async with office.browser() as browser, office.browser() as thief:
        state = browser.state_in(await browser.begin())
        assert await thief.come_back(state, code=code(NORTHWIND)) == 400
        assert "not the browser" in thief.page
        await thief.begin()
        assert await thief.come_back(state, code=code(NORTHWIND)) == 400
        assert await browser.come_back("made-up", code=code(NORTHWIND)) == 400
        state = browser.state_in(await browser.begin())
        office.clock.at += timedelta(minutes=10, seconds=1)
        assert await browser.come_back(state, code=code(NORTHWIND)) == 400
        state = browser.state_in(await browser.begin())
        cookies = {one.key: one.value for one in browser.session.cookie_jar}
        assert await browser.come_back(state, code=code(NORTHWIND)) == 200
        browser.session.cookie_jar.update_cookies(cookies)
        assert await browser.come_back(state, code=code(MERIDIAN)) == 400
        assert "finished already" in browser.page
    assert set(await office.store.installations.all()) == {NORTHWIND}


FAILURES = {
    "declined": ({"error": "access_denied"}, "", 400, "declined"),
    "a code that Slack does not know": ({"code": "made-up"}, "", 502, "invalid_code"),
    "no code": ({}, "", 502, "invalid_code"),
    "wrong secret": ({"code": "x"}, "bad_client_secret", 502, "bad_client_secret"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_each_failure_has_a_page_that_says_so_and_a_way_to_start_again(
    office: Office, name: str
) -> None:
    query, office.server.refuses, status, words = FAILURES[name]
    async with office.browser() as browser:
        state = browser.state_in(await browser.begin())
        assert await browser.come_back(state, **query) == status
        assert words in browser.page and "Start again" in browser.page and 'lang="en"' in browser.page
    assert await office.store.installations.all() == {}


async def test_what_stands_in_the_address_is_not_markup(office: Office) -> None:
    office.far.state.workspaces[NORTHWIND].name = "<script>alert(1)</script>"
    async with office.browser() as browser:
        await browser.install(NORTHWIND)
        assert "<script>" not in browser.page and "&lt;script&gt;" in browser.page
        await browser.open("/slack/oauth_redirect", error="<script>", state="<script>" * 200)
        assert "<script>" not in browser.page


async def test_a_workspace_that_no_alliance_names_is_given_back(office: Office) -> None:
    office.wanted |= {NORTHWIND, "E0MERIDIAN"}
    await office.install(NORTHWIND)
    await office.install(MERIDIAN)  # named by its Enterprise organisation
    office.wanted -= {"E0MERIDIAN"}
    async with office.browser() as browser:
        assert await browser.install(MERIDIAN) == 403
        assert MERIDIAN in browser.page and "nothing was kept" in browser.page
    assert office.far.state.workspaces[MERIDIAN].token == ""


async def test_begun_installations_do_not_pile_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installations, "BEGUN_AT_MOST", 5)
    kept = office.store.installations
    for number in range(8):
        await kept.begin(f"d{number}", START, START + timedelta(seconds=number + 1))
    assert not await kept.finish("d2", START) and await kept.finish("d3", START)
    assert await kept.finish("d7", START) and not await kept.finish("d7", START)


# Tokens that end


async def test_a_token_is_renewed_before_it_ends_by_whoever_needs_it(office: Office) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 9 * HOUR
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 0
    office.clock.at += HOUR + timedelta(minutes=1)
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 1
    office.clock.at += 11 * HOUR
    assert await office.posts(NORTHWIND, office.other) == "" and office.server.renewals == 2


async def test_the_worker_renews_what_nobody_uses_and_what_ended_while_all_was_off(office: Office) -> None:
    await office.install(NORTHWIND)
    await office.install(MERIDIAN)
    assert await office.tokens.renew_due() == 0
    office.clock.at += 11 * HOUR
    assert await office.tokens.renew_due() == 2
    office.clock.at += timedelta(days=3)
    assert await office.other.renew_due() == 2
    assert await office.posts(NORTHWIND) == "" and await office.posts(MERIDIAN) == ""


async def test_two_processes_never_renew_at_once(office: Office) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 13 * HOUR
    told = await asyncio.gather(
        *(one(NORTHWIND) for _ in range(10) for one in (office.tokens, office.other)),
        office.tokens.renew_due(),
        office.other.renew_due(),
    )
    current = office.far.state.workspaces[NORTHWIND].token
    assert set(told[:20]) == {current} and office.server.renewals == 1


async def test_a_renewal_that_fails_leaves_the_present_token_in_use(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 11 * HOUR
    office.server.refuses = "internal_error"
    assert await office.posts(NORTHWIND) == ""
    office.server.refuses, before = "", len(caplog.records)
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 0  # tried again in a minute
    office.clock.at += timedelta(minutes=2)
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 1
    assert before == 1 and "could not be renewed" in caplog.text


async def test_a_token_that_was_fixed_in_the_settings_needs_no_oauth(office: Office) -> None:
    kept, leases = office.store.installations, office.store.leases
    for name, other in (("", "xoxb-own"), (NORTHWIND, "")):
        tokens = Tokens(kept, leases, office.clock.now, fixed=((name, "xoxb-own"),))
        assert (await tokens(NORTHWIND), await tokens(MERIDIAN)) == ("xoxb-own", other)


# Installations that are over


async def test_an_uninstalled_workspace_has_no_token_and_a_late_notice_ends_no_newer_one(
    office: Office,
) -> None:
    own = Installations(office.store.installations)
    await office.install(NORTHWIND)
    office.clock.at += HOUR
    uninstall(office.far.state, NORTHWIND)
    for _ in range(2):
        await own.end(NORTHWIND, office.clock.at)
        assert await office.tokens(NORTHWIND) == ""
    removed_at, office.clock.at = office.clock.at, office.clock.at + HOUR
    await office.install(NORTHWIND)
    await own.end(NORTHWIND, removed_at)
    assert await office.posts(NORTHWIND) == ""


async def test_a_workspace_that_removed_the_bot_is_forgotten_later_unless_it_comes_back(
    office: Office,
) -> None:
    """Its token goes at once, its data when the retention period is over."""
    own = Installations(office.store.installations)
    told = Leaving(office.store, RecordingInbox(), own).let_go
    terms = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))
    await office.install(NORTHWIND)
    removed_at, office.clock.at = office.clock.at + HOUR, office.clock.at + 2 * HOUR
    for _ in range(2):
        await told(NORTHWIND, removed_at)
        assert await office.tokens(NORTHWIND) == ""
    late = removed_at + timedelta(days=31)
    await office.install(NORTHWIND)
    await told(NORTHWIND, removed_at)
    assert await office.store.retention.walk(terms, late) == {}
    uninstall(office.far.state, NORTHWIND)
    office.clock.at += HOUR
    await told(NORTHWIND, office.clock.at)
    assert await office.store.retention.walk(terms, office.clock.at + timedelta(days=31)) == {"departed": 1}


async def test_a_token_that_is_renewed_while_the_app_is_removed_does_not_come_back(office: Office) -> None:
    await office.install(NORTHWIND)
    kept = office.store.installations
    bot = read((await kept.all())[NORTHWIND])
    await kept.drop(NORTHWIND)
    ended = START + timedelta(hours=12)
    assert not await kept.renew(NORTHWIND, ended, written(bot), ended + HOUR)
    assert await kept.all() == {}


# How it is kept


async def test_no_token_is_readable_in_the_database_or_in_the_logs(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await office.install(NORTHWIND)
    office.clock.at += 13 * HOUR
    assert await office.posts(NORTHWIND) == ""
    office.server.refuses = "invalid_refresh_token"
    office.clock.at += 13 * HOUR
    assert await office.posts(NORTHWIND) == "invalid_refresh_token"
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert NORTHWIND.encode() in raw
    assert b"canary" not in raw and b"xox" not in raw
    ours = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("aiohttp.access"))
    assert "xox" not in ours and "canary" not in ours


async def test_the_store_is_slack_sdks_and_finds_by_workspace_whatever_the_enterprise(office: Office) -> None:
    """The form of somebody of the other company's Enterprise: https://github.com/slackapi/bolt-python/pull/734"""
    store = Installations(office.store.installations)
    await office.install(NORTHWIND)
    for enterprise in (None, "E0MERIDIAN"):
        found = await store.async_find_bot(enterprise_id=enterprise, team_id=NORTHWIND)
        assert found and found.team_id == NORTHWIND
        whole = await store.async_find_installation(enterprise_id=enterprise, team_id=NORTHWIND, user_id="U1")
        assert whole and whole.bot_token == found.bot_token and whole.user_token is None
        assert await store.async_find_bot(enterprise_id=enterprise, team_id=MERIDIAN) is None
    await store.async_delete_all(enterprise_id="E0MERIDIAN", team_id=NORTHWIND)
    assert await store.async_find_bot(enterprise_id=None, team_id=NORTHWIND) is None


async def test_bolts_own_look_up_finds_the_installation_for_such_a_form(office: Office) -> None:
    office.server.rotates = False
    await office.install(NORTHWIND)
    logger = logging.getLogger("silent")
    authorize = AsyncInstallationStoreAuthorize(
        logger=logger,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        installation_store=Installations(office.store.installations),
    )
    context = AsyncBoltContext()
    context["client"] = AsyncWebClient(base_url=office.far.api_url, session=office.session)
    found = await authorize(context=context, enterprise_id="E0MERIDIAN", team_id=NORTHWIND, user_id="U0BEN")
    assert found and found.team_id == NORTHWIND


async def test_an_organisation_that_installed_as_a_whole_is_found_where_the_payload_says_so(
    office: Office,
) -> None:
    store = Installations(office.store.installations)
    bot = Bot(
        enterprise_id="E0MERIDIAN", bot_token="xoxb-1", bot_id="", bot_user_id="U1",
        is_enterprise_install=True, installed_at=time.time(),
    )  # fmt: skip
    await store.async_save_bot(bot)
    asked = {"enterprise_id": "E0MERIDIAN", "team_id": MERIDIAN}
    assert await store.async_find_bot(**asked, is_enterprise_install=False) is None
    assert await store.async_find_bot(**asked, is_enterprise_install=True)
    assert await office.tokens("E0MERIDIAN") == "xoxb-1"
    assert json.loads(written(bot))["team_id"] is None


async def test_no_address_and_no_cookie_breaks_the_page(office: Office) -> None:
    host, port = office.local.removeprefix("http://").split(":")
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
    assert await office.store.installations.all() == {}


async def test_while_the_database_is_away_nothing_is_refused_for_good_and_the_pages_say_so(
    office: Office,
) -> None:
    await office.install(NORTHWIND)
    async with office.browser() as browser:
        state = browser.state_in(await browser.begin())
        await office.store.aclose()
        with pytest.raises(PlatformError) as raised:
            await office.tokens(NORTHWIND)
        assert (raised.value.kind, raised.value.reason) == ("later", "token_not_readable")
        assert await browser.open("/slack/install") == 503
        assert await browser.come_back(state, code="x") in (400, 503)
        assert "try again in a minute" in browser.page

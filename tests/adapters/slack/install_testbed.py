"""Set up installations: the bot's routes, a real store, a browser, and the strict Slack of `tests/far`.

Time is told. `async with installing(folder) as testbed: await testbed.install(NORTHWIND)`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

import storage
from adapters.slack import oauth_pages as install
from adapters.slack.api import SlackApi
from adapters.slack.installations import SlackInstallations
from adapters.slack.oauth import SlackOAuth
from adapters.slack.oauth_pages import InstallFlow
from adapters.slack.tokens import SlackTokens
from bot.ports import PlatformError
from tests.databases import fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET, Browser, OAuthServer, with_oauth
from tests.far.slack_state import State, two_companies

NORTHWIND, MERIDIAN = "T0NORTHWIND", "T0MERIDIAN"
PUBLIC = "https://pulse.example.com"
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = storage.make_key()


@dataclass(slots=True)
class Clock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(slots=True)
class InstallTestbed:
    far: FarSlack
    server: OAuthServer
    store: storage.DatabaseStore
    other_store: storage.DatabaseStore
    clock: Clock
    session: aiohttp.ClientSession
    local: str
    tokens: SlackTokens
    other: SlackTokens
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

    async def posts(self, team: str, tokens: SlackTokens | None = None) -> str:
        """A message in the joint channel through that installation; the error, if there is one."""
        bot = self.far.state.workspaces[team].bot_user
        members = self.far.state.rooms["C0JOINT"].members
        members += [bot] if bot and bot not in members else []
        api = SlackApi(self.session, tokens or self.tokens, self.far.api_url)
        try:
            await api.call(team, "chat.postMessage", {"channel": "C0JOINT", "text": "x"})
        except PlatformError as error:
            return error.reason
        return ""


@asynccontextmanager
async def open_install_testbed(folder: Path) -> AsyncIterator[InstallTestbed]:
    """Slack's two companies, Meridian an Enterprise organisation; nobody has installed the bot yet."""
    clock = Clock()
    state: State = two_companies(clock.seconds, people=2, installed=(), enterprise=(MERIDIAN,))
    with fresh("sqlite", folder) as url:
        stores = storage.open_store(url, [KEY], b"s" * 40), storage.open_store(url, [KEY])
        async with serving(state) as far, aiohttp.ClientSession() as session:
            server = with_oauth(far, f"{PUBLIC}/slack/oauth_redirect")
            oauth = SlackOAuth(session, CLIENT_ID, CLIENT_SECRET, server.redirect_uri, far.api_url)
            tokens = [SlackTokens(store.installations, store.leases, clock.now, oauth) for store in stores]
            made = InstallTestbed(far, server, *stores, clock, session, "", *tokens)

            async def is_wanted(ids: tuple[str, ...]) -> bool:
                return not made.wanted or not made.wanted.isdisjoint(ids)

            kept = stores[0].installations
            app = web.Application()
            app.add_routes(
                install.routes(
                    InstallFlow(oauth, SlackInstallations(kept), kept, b"s" * 40, clock.now, is_wanted)
                )
            )
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            made.local = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield made
            await runner.cleanup()
        for store in stores:
            await store.aclose()

"""Serve the OAuth that the bot uses: consent in a browser, codes, expiring tokens, single-use refresh tokens.

https://docs.slack.dev/authentication/installing-with-oauth and https://docs.slack.dev/authentication/using-token-rotation
"""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from tests.far.slack import FarSlack
from tests.far.slack_state import SCOPES, Json, State, Workspace, install

CLIENT_ID, CLIENT_SECRET = "1111.2222", "canary-client-secret"
TWELVE_HOURS = 43_200


@dataclass(slots=True)
class OAuthServer:
    """Added to a far Slack by `with_oauth`. `rotates`: tokens end after twelve hours."""

    state: State
    redirect_uri: str
    rotates: bool = True
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Code → (team, when it was given)."""
    used: set[str] = field(default_factory=set)
    """Refresh tokens that brought a token already: using one again is what two processes would do."""
    renewals: int = 0
    refuses: str = ""
    """An error that every exchange gets."""
    withheld: frozenset[str] = frozenset()
    """Scopes that the administrators do not approve."""

    def consent(self, team: str) -> str:
        code = f"code-{next(self.state.serial)}"
        self.codes[code] = (team, self.state.clock())
        return code

    async def access(self, request: web.Request) -> web.Response:
        given = {key: str(value) for key, value in (await request.post()).items()}
        if not _is_our_app(request):
            return refuse_grant("invalid_client_id")
        if self.refuses:
            return refuse_grant(self.refuses)
        if given.get("grant_type") == "refresh_token":
            return self._renewed(given.get("refresh_token", ""))
        team, at = self.codes.pop(given.get("code", ""), ("", 0.0))
        if not team or self.state.clock() - at > 600:
            return refuse_grant("invalid_code")
        if given.get("redirect_uri") != self.redirect_uri:
            return refuse_grant("bad_redirect_uri")
        ours = install(self.state, team)
        ours.older, ours.scopes = {}, SCOPES - self.withheld
        return self._given(ours)

    def _renewed(self, refresh: str) -> web.Response:
        found = next(
            (workspace for workspace in self.state.workspaces.values() if workspace.refresh == refresh), None
        )
        if found is None or refresh in self.used or not found.token:
            return refuse_grant("invalid_refresh_token")
        self.used.add(refresh)
        self.renewals += 1
        return self._given(found)

    def _given(self, ours: Workspace) -> web.Response:
        number = next(self.state.serial)
        answer: Json = {"ok": True, "app_id": self.state.app_id, "token_type": "bot"}
        if ours.refresh:
            ours.older[ours.token] = ours.ends_at
        if self.rotates:
            ours.token, ours.refresh = f"xoxe.xoxb-1-{ours.id}-{number}-canary", f"xoxe-1-{ours.id}-{number}"
            ours.ends_at = self.state.clock() + TWELVE_HOURS
            answer |= {"expires_in": TWELVE_HOURS, "refresh_token": ours.refresh}
        else:
            ours.token, ours.ends_at = f"xoxb-{ours.id}-{number}-canary", None
        org = {"id": ours.enterprise, "name": f"{ours.name} Group"} if ours.enterprise else None
        return web.json_response(
            answer
            | {
                "access_token": ours.token,
                "scope": ",".join(sorted(ours.scopes)),
                "bot_user_id": ours.bot_user,
                "team": None if ours.is_organisation else {"id": ours.id, "name": ours.name},
                "enterprise": org,
                "authed_user": {"id": "U0INSTALLER"},
                "is_enterprise_install": ours.is_organisation,
            }
        )


def with_oauth(far: FarSlack, redirect_uri: str, rotates: bool = True) -> OAuthServer:
    server = OAuthServer(far.state, redirect_uri, rotates)
    far.extra["oauth.v2.access"] = server.access
    return server


@dataclass(slots=True)
class Browser:
    """Somebody's browser, with its cookies. `public` is what Slack calls the bot, `local` where it is here."""

    server: OAuthServer
    session: aiohttp.ClientSession
    public: str
    local: str
    page: str = ""
    status: int = 0

    async def begin(self) -> str:
        """Opens the first page; the address at Slack to which its button leads."""
        await self.open("/slack/install")
        found = re.search(r'href="([^"]+)"', self.page)
        assert found, self.page
        return unescape(found.group(1))

    async def install(self, team: str) -> int:
        """From the first page to the last, saying yes."""
        return await self.come_back(self.state_in(await self.begin()), code=self.server.consent(team))

    def state_in(self, url: str) -> str:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT_ID and asked["redirect_uri"] == self.server.redirect_uri
        assert set(asked["scope"].split(",")) == SCOPES and not asked.get("user_scope")
        return asked["state"]

    async def come_back(self, state: str, **query: str) -> int:
        return await self.open("/slack/oauth_redirect", state=state, **query)

    async def open(self, path: str, **query: str) -> int:
        async with self.session.get(self.local + path, params=query) as answer:
            self.status, self.page = answer.status, await answer.text()
        return self.status


def _is_our_app(request: web.Request) -> bool:
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    return kind == "Basic" and b64decode(coded).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"


def refuse_grant(code: str) -> web.Response:
    return web.json_response({"ok": False, "error": code})

"""Serve the two pages on which a company installs the bot: the start, and the return from Slack.

A state is valid for one installation, in the browser that began it, for ten minutes. It contains its expiry and a
signature, so the bot stores nothing for installations that were only begun, and beginning many blocks nobody. For a
state that came back, a digest is stored until the expiry, so that it cannot be used twice.
"""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from typing import Protocol

from aiohttp import web
from slack_sdk.oauth.installation_store import Bot

from adapters.slack.installations import SlackInstallations, get_workspace_key
from adapters.slack.oauth import SlackOAuth, list_missing_scopes
from bot.ports import Now, PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

COOKIE = "pulse_slack_install"
STATE_LIFETIME = timedelta(minutes=10)
_MAX_QUERY_VALUE = 500
"""Characters of a query value that are read; the rest is ignored."""


class UsedStates(Protocol):
    """Digests of the states that came back from Slack."""

    async def use(self, digest: str, now: datetime, until: datetime) -> bool:
        """Use up a state. Returns False if it was used before. May raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class InstallFlow:
    """Hold what an installation needs.

    `is_wanted` tells whether any declared alliance names one of the given workspace and organisation ids.
    """

    oauth: SlackOAuth
    installations: SlackInstallations
    used_states: UsedStates
    secret: bytes
    """Key of the states' signatures."""
    now: Now
    is_wanted: Callable[[tuple[str, ...]], Awaitable[bool]]

    def make_state(self) -> str:
        """Make a state: random text, its expiry in seconds since 1970, and a signature of both."""
        until = int((self.now() + STATE_LIFETIME).timestamp())
        return self._sign_state(f"{secrets.token_urlsafe(32)}.{until}")

    def _sign_state(self, body: str) -> str:
        key = f"slack installation\x00{body}".encode("utf-8", "surrogateescape")
        return f"{body}.{hmac.new(self.secret, key, 'sha256').hexdigest()}"

    async def _use_state(self, state: str) -> bool:
        """Use up a state. Returns False unless it was made here, is current and was unused. Raises StoreUnavailable."""
        body, _, _ = state.rpartition(".")
        _, _, until = body.rpartition(".")
        if not secrets.compare_digest(_hash_state(self._sign_state(body)), _hash_state(state)):
            return False
        ends = datetime.fromtimestamp(int(until), UTC)
        return self.now() < ends and await self.used_states.use(_hash_state(state), self.now(), ends)

    async def complete_installation(self, code: str, state: str, cookie: str) -> Bot:
        """Exchange the code and store the installation. Raises NotInstalled, StoreUnavailable."""
        if not state or not secrets.compare_digest(_hash_state(state), _hash_state(cookie)):
            raise NotInstalled(
                400, "This browser did not begin the installation, or began it more than ten minutes ago."
            )
        if not await self._use_state(state):
            raise NotInstalled(
                400, "This installation has already been completed, or it took longer than ten minutes."
            )
        try:
            bot = await self.oauth.exchange_code(code, self.now())
        except PlatformError as error:
            raise NotInstalled(502, f"Slack did not confirm the installation ({error.reason}).") from None
        if not await self.is_wanted(tuple(filter(None, (bot.team_id, bot.enterprise_id)))):
            await self._revoke_token(bot)
            raise NotInstalled(403, _NOT_NAMED.format(id=get_workspace_key(bot)))
        await self.installations.async_save_bot(bot)
        return bot

    async def _revoke_token(self, bot: Bot) -> None:
        try:
            await self.oauth.revoke_token(bot.bot_token)
        except PlatformError as error:
            log.warning("a rejected installation's token could not be revoked: %s", error.reason)


class NotInstalled(Exception):
    """An installation was refused: `status` is the HTTP status. The text is for the person, without secrets."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


_NOT_NAMED = (
    "This bot is not set up for the workspace {id}, so nothing was stored. Ask the operator of the bot to name the "
    "workspace in the alliance, then install again."
)


def routes(desk: InstallFlow) -> list[web.RouteDef]:
    """Return the routes `GET /slack/install` and `GET /slack/oauth_redirect`."""

    async def show_start(_: web.Request) -> web.Response:
        state = desk.make_state()
        answer = _render_page(
            200, "Install Alliance Pulse", _BEGIN, ("Add to Slack", desk.oauth.authorize_url(state))
        )
        secure = desk.oauth.redirect_uri.startswith("https:")
        answer.set_cookie(
            COOKIE, state, max_age=int(STATE_LIFETIME.total_seconds()), path="/slack/", httponly=True,
            samesite="Lax", secure=secure,
        )  # fmt: skip
        return answer

    async def finish_redirect(request: web.Request) -> web.Response:
        answer = await _render_result(request, desk)
        answer.del_cookie(COOKIE, path="/slack/")
        return answer

    return [web.get("/slack/install", show_start), web.get("/slack/oauth_redirect", finish_redirect)]


async def _render_result(request: web.Request, desk: InstallFlow) -> web.Response:
    code, state, refused = (
        request.query.get(name, "")[:_MAX_QUERY_VALUE] for name in ("code", "state", "error")
    )
    if refused:
        return _render_page(
            400,
            "Not installed",
            "The installation was declined in Slack. Nothing has changed.",
            _AGAIN,
        )
    try:
        bot = await desk.complete_installation(code, state, request.cookies.get(COOKIE, ""))
    except NotInstalled as error:
        log.warning("not installed: %d", error.status)
        return _render_page(error.status, "Not installed", str(error), _AGAIN)
    except StoreUnavailable:
        return _render_page(503, "Not installed", _NO_STORE, _AGAIN)
    log.info("installed in a workspace")
    name = f"{bot.team_name} ({get_workspace_key(bot)})" if bot.team_name else get_workspace_key(bot)
    missing = list_missing_scopes(bot)
    if missing:
        log.warning("installed without the scopes %s", ", ".join(missing))
        text = _INCOMPLETE.format(scopes=", ".join(missing))
        return _render_page(200, f"Installed in {name}, without all permissions", text, _AGAIN)
    return _render_page(200, f"Installed in {name}", _NEXT)


_BEGIN = (
    "Alliance Pulse asks a sponsor and its CRO a few short questions a week in their joint channel. Slack shows its "
    "permissions on the next page. The bot reads messages of the channels it is invited to and never stores their text."
)
_NEXT = (
    "Now invite the bot into the joint channel (/invite @Alliance Pulse). Only one of the two companies has to install "
    "it. If the other company installs it too, the bot writes to its people through its own workspace. Only one of the "
    "two installations posts in the channel."
)
_INCOMPLETE = (
    "Slack did not grant these permissions: {scopes}. Without them the bot can't do everything that it is for. Ask an "
    "administrator of your workspace to approve them, then start again and accept all of them."
)
_NO_STORE = "The database can't be reached. Please try again in a minute."
_AGAIN = ("Start again", "/slack/install")


def _hash_state(state: str) -> str:
    return sha256(state.encode("utf-8", "surrogateescape")).hexdigest()


def _render_page(status: int, heading: str, text: str, link: tuple[str, str] | None = None) -> web.Response:
    """Render a page without scripts and links to other sites. Browsers do not cache it."""
    button = f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>' if link else ""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(heading)}</h1><p>{escape(text)}</p>{button}</main></html>"
    )
    return web.Response(status=status, text=body, content_type="text/html", headers=_HEADERS)


_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}main{max-width:36rem;margin:4rem auto;"
    "padding:0 1rem}a{color:#1f3a5f}"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

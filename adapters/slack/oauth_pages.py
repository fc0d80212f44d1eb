"""The two pages on which a company installs the bot: where it begins, and where Slack sends the browser back.

A state is good for one installation, in the browser that began it, for ten minutes. It bears its end and a signature:
nothing is kept of those that were begun, so whoever begins many takes nobody's place. Of one that came back a digest is
kept until its end.
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
from adapters.slack.oauth import SlackOAuth
from bot.ports import Now, PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

COOKIE = "pulse_slack_install"
STATE_LIFETIME = timedelta(minutes=10)
_MAX_QUERY_VALUE = 500
"""Characters of a query value that are looked at."""


class UsedStates(Protocol):
    """States that came back from Slack, by their digests."""

    async def use(self, digest: str, now: datetime, until: datetime) -> bool:
        """Use it up; False where it was used before. May raise StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class InstallFlow:
    """`is_wanted` says of workspace and organisation ids whether any declared alliance names one of them."""

    oauth: SlackOAuth
    installations: SlackInstallations
    used_states: UsedStates
    secret: bytes
    """What states are signed with."""
    now: Now
    is_wanted: Callable[[tuple[str, ...]], Awaitable[bool]]

    def make_state(self) -> str:
        """Make a fresh state: something random, when it ends, and the signature of both."""
        until = int((self.now() + STATE_LIFETIME).timestamp())
        return self._sign_state(f"{secrets.token_urlsafe(32)}.{until}")

    def _sign_state(self, body: str) -> str:
        key = f"slack installation\x00{body}".encode("utf-8", "surrogateescape")
        return f"{body}.{hmac.new(self.secret, key, 'sha256').hexdigest()}"

    async def _use_state(self, state: str) -> bool:
        """Whether it was made here, has not ended and was not used before: it is used up. Raises StoreUnavailable."""
        body, _, _ = state.rpartition(".")
        _, _, until = body.rpartition(".")
        if not secrets.compare_digest(_hash_state(self._sign_state(body)), _hash_state(state)):
            return False
        ends = datetime.fromtimestamp(int(until), UTC)
        return self.now() < ends and await self.used_states.use(_hash_state(state), self.now(), ends)

    async def complete_installation(self, code: str, state: str, cookie: str) -> Bot:
        """What Slack's answer brings, kept. Raises NotInstalled, StoreUnavailable."""
        if not state or not secrets.compare_digest(_hash_state(state), _hash_state(cookie)):
            raise NotInstalled(
                400, "This is not the browser in which the installation was begun, or it was long ago."
            )
        if not await self._use_state(state):
            raise NotInstalled(
                400, "This installation is finished already, or it took longer than ten minutes."
            )
        try:
            bot = await self.oauth.exchange_code(code, self.now())
        except PlatformError as error:
            raise NotInstalled(502, f"Slack did not confirm it ({error.reason}).") from None
        if not await self.is_wanted(tuple(id for id in (bot.team_id, bot.enterprise_id) if id)):
            await self._revoke_token(bot)
            raise NotInstalled(403, _NOT_NAMED.format(id=get_workspace_key(bot)))
        await self.installations.async_save_bot(bot)
        return bot

    async def _revoke_token(self, bot: Bot) -> None:
        try:
            await self.oauth.revoke_token(bot.bot_token)
        except PlatformError as error:
            log.warning("a token that is not wanted could not be given back: %s", error.reason)


class NotInstalled(Exception):
    """`status` is HTTP's; the message is for the person in front of the browser, and quotes no secret."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


_NOT_NAMED = (
    "The workspace {id} is not one that this bot was set up for, so nothing was kept. Ask whoever operates the bot "
    "to name it in the alliance, and install again."
)


def routes(desk: InstallFlow) -> list[web.RouteDef]:
    """`GET /slack/install` and `GET /slack/oauth_redirect`."""

    async def install(_: web.Request) -> web.Response:
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

    async def redirected(request: web.Request) -> web.Response:
        answer = await _render_result(request, desk)
        answer.del_cookie(COOKIE, path="/slack/")
        return answer

    return [web.get("/slack/install", install), web.get("/slack/oauth_redirect", redirected)]


async def _render_result(request: web.Request, desk: InstallFlow) -> web.Response:
    code, state, refused = (
        request.query.get(name, "")[:_MAX_QUERY_VALUE] for name in ("code", "state", "error")
    )
    if refused:
        return _render_page(
            400,
            "Not installed",
            "Slack says that the installation was declined. Nothing was changed.",
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
    return _render_page(200, f"Installed in {name}", _NEXT)


_BEGIN = (
    "Alliance Pulse asks a sponsor and its CRO a few short questions a week in their joint channel. Slack will show "
    "what it may do; it reads messages of channels that it is invited to, and never stores their text."
)
_NEXT = (
    "Now invite the bot into the joint channel (/invite @Alliance Pulse). Only one of the two companies has to install "
    "it. If the other one does too, its people are written to through its own workspace, and still only one of the "
    "two posts in the channel."
)
_NO_STORE = "The database can't be reached. Please try again in a minute."
_AGAIN = ("Start again", "/slack/install")


def _hash_state(state: str) -> str:
    return sha256(state.encode("utf-8", "surrogateescape")).hexdigest()


def _render_page(status: int, heading: str, text: str, link: tuple[str, str] | None = None) -> web.Response:
    """Needs no script, names no other site and is not kept by any browser."""
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

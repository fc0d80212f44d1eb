"""Obtain, renew and revoke tokens by Slack's OAuth. https://docs.slack.dev/authentication/installing-with-oauth"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urljoin

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api import log, to_platform_error
from adapters.slack.manifest import SCOPES
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackOAuth:
    """The app's OAuth credentials and the calls that need them."""

    session: aiohttp.ClientSession
    client_id: str
    client_secret: str
    redirect_uri: str
    api_url: str = "https://slack.com/api/"

    def authorize_url(self, state: str) -> str:
        """Return the page on which a person accepts or declines the installation."""
        page = urljoin(self.api_url, "../oauth/v2/authorize")
        generator = AuthorizeUrlGenerator(
            client_id=self.client_id,
            scopes=list(SCOPES),
            redirect_uri=self.redirect_uri,
            authorization_url=page,
        )
        return generator.generate(state)

    async def exchange_code(self, code: str, now: datetime) -> Bot:
        """Exchange a code for the installation. Raises PlatformError."""
        return parse_installation(await self._request_access(code=code, redirect_uri=self.redirect_uri), now)

    async def renew_token(self, bot: Bot, now: datetime) -> Bot:
        """Return the installation with its next token. This uses up the old refresh token. Raises PlatformError."""
        given = {"grant_type": "refresh_token", "refresh_token": bot.bot_refresh_token or ""}
        answer = await self._request_access(**given)
        fresh = Bot(**bot.to_dict_for_copying())
        fresh.bot_token, fresh.bot_refresh_token = answer["access_token"], answer.get("refresh_token")
        fresh.bot_token_expires_at = _compute_expiry(answer, now)
        return fresh

    async def revoke_token(self, token: str) -> None:
        """Revoke a token. Raises PlatformError."""
        client = AsyncWebClient(
            token=token, base_url=self.api_url, session=self.session, retry_handlers=[], logger=log
        )
        try:
            await client.auth_revoke()
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise to_platform_error(error) from None

    async def _request_access(self, **given: str) -> Json:
        client = AsyncWebClient(base_url=self.api_url, session=self.session, retry_handlers=[], logger=log)
        # The method of slack_sdk uses aiohttp.BasicAuth, which aiohttp has deprecated.
        credentials = {"Authorization": aiohttp.encode_basic_auth(self.client_id, self.client_secret)}
        try:
            answer = await client.api_call("oauth.v2.access", data=given, headers=credentials)
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise to_platform_error(error) from None
        granted = answer.data if isinstance(answer.data, dict) else {}
        if granted.get("token_type") == "bot" and isinstance(granted.get("access_token"), str):
            return dict(granted)
        raise PlatformError("refused", "no_bot_token")


def parse_installation(answer: Json, now: datetime) -> Bot:
    """Read the installation of an oauth.v2.access answer. The person who installed it is not stored."""
    team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
    return Bot(
        app_id=answer.get("app_id"),
        enterprise_id=enterprise.get("id"),
        team_id=team.get("id"),
        team_name=team.get("name") or enterprise.get("name"),
        bot_token=answer["access_token"],
        bot_id="",
        bot_user_id=answer.get("bot_user_id") or "",
        bot_scopes=answer.get("scope") or "",
        bot_refresh_token=answer.get("refresh_token"),
        bot_token_expires_at=_compute_expiry(answer, now),
        is_enterprise_install=bool(answer.get("is_enterprise_install")),
        installed_at=now.timestamp(),
    )


def list_missing_scopes(bot: Bot) -> list[str]:
    """Return the scopes that were asked for and not granted: an administrator may approve an app for fewer."""
    return sorted(set(SCOPES) - set(bot.bot_scopes or ()))


def _compute_expiry(answer: Json, now: datetime) -> int | None:
    seconds = answer.get("expires_in")
    return int((now + timedelta(seconds=seconds)).timestamp()) if isinstance(seconds, int) else None

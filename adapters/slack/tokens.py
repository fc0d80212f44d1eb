"""The token of each workspace, renewed before it ends, by one process at a time.

A rotated token lives twelve hours, and the refresh token that brings the next one works once:
https://docs.slack.dev/authentication/using-token-rotation
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot

from adapters.slack.installations import InstallationRecords, get_token_expiry, parse_bot, serialise_bot
from adapters.slack.oauth import SlackOAuth
from bot.ports import Now, PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

RENEWAL_LEAD = timedelta(hours=2)
"""How long before its end a token is renewed."""
LEASE_TIME = timedelta(seconds=30)
"""How long one process may take to renew; after a failure nobody tries again before that."""
_WAIT, _LOOKS = 0.2, 10
"""Seconds between looks, and how many, while another process renews a token that has ended."""


class TokenLeases(Protocol):
    """What one process at a time may do. Both may raise StoreUnavailable."""

    async def take(self, name: str, now: datetime, until: datetime) -> str | None: ...
    async def give_back(self, name: str, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """Called with a workspace: its token, "" where the bot is not installed. Raises PlatformError.

    `fixed` holds tokens that come from the settings and never change; `oauth` is None without OAuth.
    """

    records: InstallationRecords
    leases: TokenLeases
    now: Now
    oauth: SlackOAuth | None = None
    fixed: tuple[tuple[str, str], ...] = ()

    async def __call__(self, workspace: str) -> str:
        given = dict(self.fixed)
        if token := given.get(workspace) or given.get(""):
            return token
        try:
            bot = await self._find_bot(workspace)
            if bot is None:
                return ""
            return await self._renew_early(workspace, bot) if self._is_early(bot) else bot.bot_token
        except StoreUnavailable:
            raise PlatformError("later", "token_not_readable") from None

    async def renew_due(self) -> int:
        """Renew what ends soon; how many were. A failure is logged, and tried again later.

        Raises StoreUnavailable.
        """
        done = 0
        for workspace in await self.records.due(self.now() + RENEWAL_LEAD):
            try:
                done += await self._renew_under_lease(workspace) is not None
            except PlatformError as error:
                log.warning("a token could not be renewed: %s", error.reason)
        return done

    async def _renew_early(self, workspace: str, bot: Bot) -> str:
        """The next token; the present one while it lives and the next cannot be had."""
        try:
            renewed = await self._renew_under_lease(workspace)
        except PlatformError as error:
            log.warning("a token could not be renewed: %s", error.reason)
            if self._has_ended(bot):
                raise
            return bot.bot_token
        if renewed:
            return renewed
        return await self._await_renewal(workspace) if self._has_ended(bot) else bot.bot_token

    async def _renew_under_lease(self, workspace: str) -> str | None:
        """None where another process does it, or nothing can. Raises PlatformError."""
        name, now = f"renew the token of {workspace}", self.now()
        lease = await self.leases.take(name, now, now + LEASE_TIME)
        # Read under the lease: whoever had it before may have renewed the token meanwhile.
        bot = await self._find_bot(workspace) if lease and self.oauth else None
        if bot is None or lease is None or self.oauth is None:
            return None
        token = (
            await self._renew_and_save(workspace, bot, self.oauth) if self._is_early(bot) else bot.bot_token
        )
        await self.leases.give_back(name, lease)
        return token

    async def _renew_and_save(self, workspace: str, bot: Bot, oauth: SlackOAuth) -> str | None:
        """Stubborn in writing it down: Slack gives a next token once."""
        fresh = await oauth.renew_token(bot, self.now())
        before, until = get_token_expiry(bot), get_token_expiry(fresh)
        if before is None or until is None:
            raise PlatformError("refused", "token_without_end")
        for _ in range(_LOOKS):
            try:
                saved = await self.records.renew(workspace, before, serialise_bot(fresh), until)
                return fresh.bot_token if saved else None
            except StoreUnavailable:
                await asyncio.sleep(_WAIT)
        raise PlatformError("later", "token_not_saved")

    async def _await_renewal(self, workspace: str) -> str:
        for _ in range(_LOOKS):
            await asyncio.sleep(_WAIT)
            bot = await self._find_bot(workspace)
            if bot is None:
                return ""
            if not self._has_ended(bot):
                return bot.bot_token
        raise PlatformError("later", "token_not_renewed", LEASE_TIME.total_seconds())

    async def _find_bot(self, workspace: str) -> Bot | None:
        body = await self.records.find(workspace)
        return parse_bot(body) if body else None

    def _is_early(self, bot: Bot) -> bool:
        until = get_token_expiry(bot)
        return until is not None and until - self.now() < RENEWAL_LEAD

    def _has_ended(self, bot: Bot) -> bool:
        until = get_token_expiry(bot)
        return until is not None and until <= self.now()

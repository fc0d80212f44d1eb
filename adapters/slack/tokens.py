"""Find each workspace's token, and renew it before it expires, in one process at a time.

A rotated token is valid for twelve hours, and its refresh token works once:
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
"""Time before its expiry from which a token is renewed."""
LEASE_TIME = timedelta(seconds=30)
"""Time for one process to renew a token. After a failure, nobody retries before it is over."""
_WAIT, _ATTEMPTS = 0.2, 10
"""Seconds between attempts, and their number, while another process renews an expired token."""


class TokenLeases(Protocol):
    """Leases that one process at a time may hold. Both methods may raise StoreUnavailable."""

    async def take(self, name: str, now: datetime, until: datetime) -> str | None: ...
    async def give_back(self, name: str, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """Tokens from the settings and from the store.

    `fixed`: workspace and token pairs of the settings, which never change; the workspace "" stands for any.
    `oauth` is None if the app does not use OAuth.
    """

    records: InstallationRecords
    leases: TokenLeases
    now: Now
    oauth: SlackOAuth | None = None
    fixed: tuple[tuple[str, str], ...] = ()

    async def __call__(self, workspace: str) -> str:
        """Return the workspace's token, "" if the bot is not installed there. Raises PlatformError."""
        fixed = dict(self.fixed)
        if token := fixed.get(workspace) or fixed.get(""):
            return token
        try:
            bot = await self._find_bot(workspace)
            if bot is None:
                return ""
            return await self._renew_early(workspace, bot) if self._is_early(bot) else bot.bot_token
        except StoreUnavailable:
            raise PlatformError("later", "token_not_readable") from None

    async def renew_due(self) -> int:
        """Renew tokens that expire soon, and return their number. A failure is logged; a later call retries.

        Raises StoreUnavailable.
        """
        done = 0
        for workspace in await self.records.list_due(self.now() + RENEWAL_LEAD):
            try:
                done += await self._renew_under_lease(workspace) is not None
            except PlatformError as error:
                log.warning("a token could not be renewed: %s", error.reason)
        return done

    async def _renew_early(self, workspace: str, bot: Bot) -> str:
        """Return the next token, or the current one while it is valid and cannot be renewed. Raises PlatformError."""
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
        """Return the current or next token; None if another process renews it or it is gone. Raises PlatformError."""
        name, now = f"renew the token of {workspace}", self.now()
        lease = await self.leases.take(name, now, now + LEASE_TIME)
        # Read again under the lease: its previous holder may have renewed the token.
        bot = await self._find_bot(workspace) if lease and self.oauth else None
        if bot is None or lease is None or self.oauth is None:
            return None
        token = (
            await self._renew_and_save(workspace, bot, self.oauth) if self._is_early(bot) else bot.bot_token
        )
        await self.leases.give_back(name, lease)
        return token

    async def _renew_and_save(self, workspace: str, bot: Bot, oauth: SlackOAuth) -> str | None:
        """Renew and save a token. Saving is tried repeatedly, because Slack issues a next token only once."""
        fresh = await oauth.renew_token(bot, self.now())
        before, until = get_token_expiry(bot), get_token_expiry(fresh)
        if before is None or until is None:
            raise PlatformError("refused", "token_without_end")
        for _ in range(_ATTEMPTS):
            try:
                saved = await self.records.renew(workspace, before, serialise_bot(fresh), until)
                return fresh.bot_token if saved else None
            except StoreUnavailable:
                await asyncio.sleep(_WAIT)
        raise PlatformError("later", "token_not_saved")

    async def _await_renewal(self, workspace: str) -> str:
        for _ in range(_ATTEMPTS):
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

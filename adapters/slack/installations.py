"""Store the workspaces that installed the bot, by slack_sdk's interface, in a table of encrypted texts.

Installations are looked up by workspace first. A form from another company's Enterprise organisation names that
organisation beside the workspace that installed the bot. The stores of slack_sdk search for both together and find
nothing, so that Bolt asks the person to install the bot: https://github.com/slackapi/bolt-python/pull/734
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from adapters.slack.api import log

_SAME_SECOND = 1.0
"""Seconds of tolerance: Slack gives the time of an event in whole seconds."""


class InstallationRecords(Protocol):
    """Encrypted texts by workspace, each with its token's expiry. All methods may raise StoreUnavailable."""

    async def find(self, workspace: str) -> str | None: ...
    async def all(self) -> Mapping[str, str]: ...
    async def keep(self, workspace: str, body: str, expires_at: datetime | None) -> None: ...
    async def drop(self, workspace: str) -> bool: ...
    async def list_due(self, before: datetime) -> Mapping[str, str]: ...
    async def renew(self, workspace: str, ended: datetime, body: str, expires_at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class SlackInstallations(AsyncInstallationStore):
    """Installations by `slack_sdk`'s interface. Only bot tokens are stored: the app requests no user tokens."""

    records: InstallationRecords

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        await self.records.keep(get_workspace_key(bot), serialise_bot(bot), get_token_expiry(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """Find by workspace; by organisation only if all of it installed the bot. Raises StoreUnavailable."""
        body = await self.records.find(team_id) if team_id else None
        if body is None and enterprise_id and (is_enterprise_install or not team_id):
            body = await self.records.find(enterprise_id)
        return parse_bot(body) if body else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - one bot serves everybody
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        bot = await self.async_find_bot(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return Installation(user_id="", **bot.to_dict_for_copying()) if bot else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        if workspace := team_id or enterprise_id:
            await self.records.drop(workspace)

    async def end_installation(self, workspace: str, at: datetime) -> bool:
        """Delete an installation that ended at `at`. Returns False if a newer one exists. Raises StoreUnavailable."""
        body = await self.records.find(workspace)
        if body and parse_bot(body).installed_at > at.timestamp() + _SAME_SECOND:
            return False
        await self.records.drop(workspace)
        return True

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Do nothing: no user tokens are stored."""


def get_workspace_key(bot: Bot) -> str:
    """Return the workspace's id, or the organisation's if all of it installed the bot."""
    return str(bot.enterprise_id if bot.is_enterprise_install else bot.team_id)


def get_token_expiry(bot: Bot) -> datetime | None:
    """Return the time at which the bot's token expires; None if it never does."""
    at = bot.bot_token_expires_at
    return None if at is None else datetime.fromtimestamp(at, UTC)


def serialise_bot(bot: Bot) -> str:
    """Return the installation as JSON."""
    return json.dumps(bot.to_dict_for_copying(), default=lambda moment: moment.isoformat())


def parse_bot(body: str) -> Bot:
    """Read the text that `serialise_bot` wrote."""
    return Bot(**json.loads(body))

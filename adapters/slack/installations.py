"""Which workspaces installed the bot: slack_sdk's store of installations, over a table of sealed texts.

Found by workspace first. A form that somebody of another company's Enterprise organisation sends names that
organisation beside the workspace that installed the bot; the stores that come with slack_sdk ask for both at once,
find nothing, and Bolt tells the person to install the bot: https://github.com/slackapi/bolt-python/pull/734
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from adapters.slack.api import log

_SAME_SECOND = 1.0
"""Slack tells the time of an event in whole seconds."""


class InstallationRecords(Protocol):
    """Texts by workspace, sealed, each with the time its token ends. All may raise StoreUnavailable."""

    async def find(self, workspace: str) -> str | None: ...
    async def all(self) -> Mapping[str, str]: ...
    async def keep(self, workspace: str, body: str, expires_at: datetime | None) -> None: ...
    async def drop(self, workspace: str) -> bool: ...
    async def due(self, before: datetime) -> Mapping[str, str]: ...
    async def renew(self, workspace: str, ended: datetime, body: str, expires_at: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class SlackInstallations(AsyncInstallationStore):
    """`slack_sdk`'s interface. Only the bot's tokens are kept: the app asks for no person's."""

    records: InstallationRecords

    @property
    def logger(self):  # type: ignore[no-untyped-def]
        return log

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        await self.records.keep(get_workspace_key(bot), serialise_bot(bot), get_token_expiry(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """By workspace; by organisation only where all of it installed the bot."""
        body = await self.records.find(team_id) if team_id else None
        if body is None and enterprise_id and (is_enterprise_install or not team_id):
            body = await self.records.find(enterprise_id)
        return parse_bot(body) if body else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - one bot for everybody
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
        """The installation of that time is over: False where a newer one is there. Raises StoreUnavailable."""
        body = await self.records.find(workspace)
        if body and parse_bot(body).installed_at > at.timestamp() + _SAME_SECOND:
            return False
        await self.records.drop(workspace)
        return True

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """A person's part of an installation: there is none."""


def get_workspace_key(bot: Bot) -> str:
    """The workspace's id; the organisation's where all of it installed the bot."""
    return str(bot.enterprise_id if bot.is_enterprise_install else bot.team_id)


def get_token_expiry(bot: Bot) -> datetime | None:
    """When its token ends; None: never."""
    at = bot.bot_token_expires_at
    return None if at is None else datetime.fromtimestamp(at, UTC)


def serialise_bot(bot: Bot) -> str:
    return json.dumps(bot.to_dict_for_copying(), default=lambda moment: moment.isoformat())


def parse_bot(body: str) -> Bot:
    """The inverse of `written`."""
    return Bot(**json.loads(body))

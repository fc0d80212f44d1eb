"""Which messages of a channel Teams passes on: what its owner agreed to when the app was added.

The app package asks for the reading of all messages and, with it, for leave to look up what was granted. Who may not
even look was granted neither. https://learn.microsoft.com/en-us/graph/api/team-list-permissiongrants
"""

import json
import logging
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import aiohttp

from adapters.shared.request_body import read_stream
from adapters.teams.connector import Connector
from adapters.teams.credentials import Credentials
from adapters.teams.identity import is_team_channel
from adapters.teams.team_channels import Hears, Rooms
from bot.model.alliance import Channel
from bot.ports import PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

GRAPH = "https://graph.microsoft.com"
IN_TEAMS, IN_CHATS = "ChannelMessage.Read.Group", "ChatMessage.Read.Chat"
"""Permissions to read all messages of a team's channels, of a group chat:
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/channel-messages-with-rsc"""
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Grants:
    """`graph`: root of Microsoft Graph; the token for it is sent nowhere else."""

    connector: Connector
    rooms: Rooms
    graph: str = GRAPH
    tokens: dict[str, Credentials] = field(default_factory=dict)
    """By the tenant that holds the team or chat."""

    async def hears(self, channel: Channel) -> Hears | None:
        """None where Microsoft does not say."""
        tenant = channel.workspace
        if not self.connector.bot_of(tenant).identity.app_type:
            return None
        try:
            if not is_team_channel(channel.address):
                return await self._granted(tenant, f"chats/{quote(channel.address, safe='')}", IN_CHATS)
            group = await self._group(tenant, channel.address)
            return await self._granted(tenant, f"teams/{group}", IN_TEAMS) if group else None
        except (PlatformError, StoreUnavailable) as error:
            log.warning("which messages are passed on was not told: %s", error)
            return None

    async def _group(self, tenant: str, channel: str) -> str | None:
        """Entra's id of the channel's team.

        https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/get-teams-context#get-teams-details
        """
        team = await self.rooms.team(tenant, channel)
        if not team:
            return None
        told = await self.connector.call(tenant, "GET", f"/v3/teams/{quote(team, safe='')}")
        group = told.get("aadGroupId")
        return quote(group, safe="") if isinstance(group, str) and group else None

    async def _granted(self, tenant: str, resource: str, wanted: str) -> Hears | None:
        url = f"{self.graph}/v1.0/{resource}/permissionGrants"
        bot, headers = self.connector.bot_of(tenant), await self._credentials(tenant).headers()
        try:
            async with bot.session.get(url, headers=headers, allow_redirects=False) as answer:
                status, told = answer.status, json.loads(await read_stream(answer.content, _LARGEST))
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
            raise PlatformError("later", "graph_not_reached") from None
        if status == 403:
            return "mentions"
        if status != 200:
            raise PlatformError("refused", f"graph_{status}")
        return "all" if wanted in _permissions(told, bot.identity.app_id) else "mentions"

    def _credentials(self, tenant: str) -> Credentials:
        """Of the bot in the tenant that holds the team, whichever tenant registered it."""
        if tenant not in self.tokens:
            bot = self.connector.bot_of(tenant)
            own = replace(bot.identity, tenant=tenant)
            self.tokens[tenant] = Credentials(bot.session, own, bot.clock, self.graph)
        return self.tokens[tenant]


def _permissions(told: object, app_id: str) -> set[str]:
    """What was granted to this bot."""
    listed = told.get("value") if isinstance(told, dict) else None
    found = set()
    for one in listed if isinstance(listed, list) else []:
        match one:
            case {"clientAppId": str(id), "permission": str(name)} if id.lower() == app_id.lower():
                found.add(name)
    return found

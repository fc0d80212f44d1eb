"""Look up which messages of a channel Teams passes on: the permissions that its owner granted to the app.

The app package asks to read all messages and to list the granted permissions. If listing is forbidden (403), neither
was granted. https://learn.microsoft.com/en-us/graph/api/team-list-permissiongrants
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
from adapters.teams.team_channels import MessageScope, TeamChannels
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
    """Read permission grants from Microsoft Graph at the root URL `graph`; its token is sent nowhere else."""

    connector: Connector
    rooms: TeamChannels
    graph: str = GRAPH
    tokens: dict[str, Credentials] = field(default_factory=dict)
    """Credentials for Graph by the tenant that hosts the team or chat."""

    async def find_message_scope(self, channel: Channel) -> MessageScope | None:
        """Return the scope that was granted for the channel; None where Microsoft does not say."""
        tenant = channel.workspace
        if not self.connector.find_bot(tenant).identity.app_type:
            return None
        try:
            if not is_team_channel(channel.address):
                return await self._read_grant(tenant, f"chats/{quote(channel.address, safe='')}", IN_CHATS)
            group = await self._find_group(tenant, channel.address)
            return await self._read_grant(tenant, f"teams/{group}", IN_TEAMS) if group else None
        except (PlatformError, StoreUnavailable) as error:
            log.warning("permission grants could not be read: %s", error)
            return None

    async def _find_group(self, tenant: str, channel: str) -> str | None:
        """Return Entra's id of the channel's team; None where the team is not known.

        https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/get-teams-context#get-teams-details
        """
        team = await self.rooms.find_team(tenant, channel)
        if not team:
            return None
        details = await self.connector.send_request(tenant, "GET", f"/v3/teams/{quote(team, safe='')}")
        group = details.get("aadGroupId")
        return quote(group, safe="") if isinstance(group, str) and group else None

    async def _read_grant(self, tenant: str, resource: str, wanted: str) -> MessageScope | None:
        url = f"{self.graph}/v1.0/{resource}/permissionGrants"
        bot, headers = self.connector.find_bot(tenant), await self._find_credentials(tenant).build_headers()
        try:
            async with bot.session.get(url, headers=headers, allow_redirects=False) as answer:
                status, grants = answer.status, json.loads(await read_stream(answer.content, _LARGEST))
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
            raise PlatformError("later", "graph_not_reached") from None
        if status == 403:
            return "mentions"
        if status != 200:
            raise PlatformError("refused", f"graph_{status}")
        return "all" if wanted in _list_permissions(grants, bot.identity.app_id) else "mentions"

    def _find_credentials(self, tenant: str) -> Credentials:
        """Return credentials for Graph in the tenant that hosts the team, whichever tenant registered the bot."""
        if tenant not in self.tokens:
            bot = self.connector.find_bot(tenant)
            own = replace(bot.identity, tenant=tenant)
            self.tokens[tenant] = Credentials(bot.session, own, bot.clock, self.graph)
        return self.tokens[tenant]


def _list_permissions(grants: object, app_id: str) -> set[str]:
    """Return the names of the permissions that were granted to this app."""
    listed = grants.get("value") if isinstance(grants, dict) else None
    found = set()
    for grant in listed if isinstance(listed, list) else []:
        match grant:
            case {"clientAppId": str(client), "permission": str(name)} if client.lower() == app_id.lower():
                found.add(name)
    return found

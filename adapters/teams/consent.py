"""Look up what a channel's owner granted to the app: which messages Teams passes on, and whether a post was lost.

The app package asks to read all messages and to list the granted permissions. If listing is forbidden (403), neither
was granted. https://learn.microsoft.com/en-us/graph/api/team-list-permissiongrants
"""

import json
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote

import aiohttp
from yarl import URL

from adapters.shared.request_body import read_stream
from adapters.teams.connector import Connector
from adapters.teams.credentials import Credentials
from adapters.teams.identity import Json, is_team_channel
from adapters.teams.team_channels import MessageScope, TeamChannels
from bot.model.alliance import Channel
from bot.ports import PlatformError, StoreUnavailable

log = logging.getLogger(__name__)

GRAPH = "https://graph.microsoft.com"
IN_TEAMS, IN_CHATS = "ChannelMessage.Read.Group", "ChatMessage.Read.Chat"
"""Permissions to read all messages of a team's channels, of a group chat:
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/channel-messages-with-rsc"""
_LARGEST = 4 * 1024 * 1024
_PAGES = 10
"""Pages of messages that are read at most."""


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

    async def find_message(self, channel: Channel, mark: str, since: datetime) -> str | None:
        """Return the id of the bot's message whose card holds that mark; None: it was not posted since then.

        Reads the newest messages of the channel, and keeps none of them. Raises PlatformError("unknown") where nobody
        granted that, or the list is too long. https://learn.microsoft.com/en-us/graph/api/channel-list-messages
        """
        if await self.find_message_scope(channel) != "all":
            raise PlatformError("unknown", "cannot_be_searched")
        url: object = f"{self.graph}/v1.0/{await self._find_resource(channel)}/messages?$top=50"
        for _ in range(_PAGES):
            page = await self._read_page(channel.workspace, str(url))
            for message in page["value"]:
                if _is_marked(message, mark):
                    return str(message["id"])
            url = page.get("@odata.nextLink")
            if url is None or _is_before(page["value"], since):
                return None
            if not str(url).startswith(f"{self.graph}/"):
                break
        raise PlatformError("unknown", "too_many_messages")

    async def _find_resource(self, channel: Channel) -> str:
        if not is_team_channel(channel.address):
            return f"chats/{quote(channel.address, safe='')}"
        group = await self._find_group(channel.workspace, channel.address)
        return f"teams/{group}/channels/{quote(channel.address, safe='')}"

    async def _read_page(self, tenant: str, url: str) -> Json:
        status, page = await self._ask_graph(tenant, url)
        if status != 200 or not isinstance(page, dict) or not isinstance(page.get("value"), list):
            raise PlatformError("unknown" if status == 403 else "later", f"graph_{status}")
        return page

    async def _read_grant(self, tenant: str, resource: str, wanted: str) -> MessageScope | None:
        status, grants = await self._ask_graph(tenant, f"{self.graph}/v1.0/{resource}/permissionGrants")
        if status == 403:
            return "mentions"
        if status != 200:
            raise PlatformError("refused", f"graph_{status}")
        app_id = self.connector.find_bot(tenant).identity.app_id
        return "all" if wanted in _list_permissions(grants, app_id) else "mentions"

    async def _ask_graph(self, tenant: str, url: str) -> tuple[int, object]:
        """Return status and JSON of a page of Graph. Raises PlatformError."""
        bot, headers = self.connector.find_bot(tenant), await self._find_credentials(tenant).build_headers()
        try:
            async with bot.session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, json.loads(await read_stream(answer.content, _LARGEST))
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError):
            raise PlatformError("later", "graph_not_reached") from None

    def _find_credentials(self, tenant: str) -> Credentials:
        """Return credentials for Graph in the tenant that hosts the team, whichever tenant registered the bot."""
        if tenant not in self.tokens:
            bot = self.connector.find_bot(tenant)
            own = replace(bot.identity, tenant=tenant)
            self.tokens[tenant] = Credentials(bot.session, own, bot.clock, self.graph)
        return self.tokens[tenant]


def _is_marked(message: object, mark: str) -> bool:
    """Return True for a message with a card that holds the mark. Graph gives cards as text."""
    attached = message.get("attachments") if isinstance(message, dict) else None
    texts = [part.get("content") for part in attached or () if isinstance(part, dict)]
    return any(f'"{mark}"' in text for text in texts if isinstance(text, str))


def _is_before(messages: list[object], since: datetime) -> bool:
    """Return True if the list, newest first, has come to a message that was last changed before that time."""
    times = [message.get("lastModifiedDateTime") for message in messages if isinstance(message, dict)]
    return any(isinstance(at, str) and at < since.strftime("%Y-%m-%dT%H:%M:%S") for at in times)


def _list_permissions(grants: object, app_id: str) -> set[str]:
    """Return the names of the permissions that were granted to this app."""
    listed = grants.get("value") if isinstance(grants, dict) else None
    found = set()
    for grant in listed if isinstance(listed, list) else []:
        match grant:
            case {"clientAppId": str(client), "permission": str(name)} if client.lower() == app_id.lower():
                found.add(name)
    return found

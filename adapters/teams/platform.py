"""Post and replace cards in Teams, and list the members of a channel."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from adapters.shared.lru import remember_recent
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.identity import NAME, Json, bot_id, is_team_channel, object_id
from adapters.teams.rate_limit import TeamsRateLimit
from adapters.teams.render import mark_delivery, render_activity
from adapters.teams.roster import TeamsRoster
from adapters.teams.team_channels import MessageScope
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.ports import PlatformError

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class TeamsPlatform:
    """Implement `bot.ports.ChatPlatform` for every tenant whose teams or people installed the bot."""

    connector: Connector
    people: TeamsRoster
    grants: Grants
    pace: TeamsRateLimit = field(default_factory=TeamsRateLimit)
    chats: "OrderedDict[str, str]" = field(default_factory=OrderedDict)
    """Conversation id of the personal chat by member id. Opening a chat again gives the same id."""
    name: str = NAME

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        activity = render_activity(card, delivery_id)
        match place:
            case Channel() if is_team_channel(place.address):
                return await self._begin_thread(place, activity)
            case Channel():
                return await self.send_message(place.workspace, place.address, activity)
            case Member():
                return await self.send_message(place.workspace, await self.open_chat(place), activity)

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        path = f"{_activities_path(ref.address)}/{quote(ref.id, safe='')}"
        await self.pace.wait_turn(place.workspace, ref.address)
        body = {**render_activity(card), "id": ref.id}
        await self.connector.send_request(place.workspace, "PUT", path, body, safe=True)

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        return await self.people.list_members(channel.workspace, channel.address)

    async def find_message_scope(self, channel: Channel) -> MessageScope | None:
        """Return which messages of the channel Teams passes on, as granted or else as stored; None if unknown."""
        granted = await self.grants.find_message_scope(channel)
        return granted or await self.grants.rooms.find_message_scope(channel.workspace, channel.address)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:
        """Look in a channel whose owner lets the bot read all messages. Raises PlatformError("unknown") elsewhere.

        Nobody else may search in Teams: there an operator decides (`pulse resolve`).
        """
        if isinstance(place, Member):
            raise PlatformError("unknown", "cannot_be_searched")
        found = await self.grants.find_message(place, mark_delivery(delivery_id), since)
        if found is None:
            return None
        in_thread = f"{place.address};messageid={found}" if is_team_channel(place.address) else place.address
        return MessageRef(in_thread, found)

    async def send_message(self, tenant: str, conversation: str, activity: Json) -> MessageRef:
        """Send one message to an existing conversation. Raises PlatformError."""
        await self.pace.wait_turn(tenant, conversation)
        answer = await self.connector.send_request(tenant, "POST", _activities_path(conversation), activity)
        return MessageRef(conversation, _read_id(answer, "id"))

    async def send_targeted(self, tenant: str, conversation: str, to: str, activity: Json) -> None:
        """Send a message that only that member of the conversation sees. Raises PlatformError.

        https://learn.microsoft.com/en-us/microsoftteams/platform/agents-in-teams/targeted-messages
        """
        await self.pace.wait_turn(tenant, conversation)
        body = {**activity, "recipient": {"id": to, "isTargeted": True}}
        await self.connector.send_request(
            tenant, "POST", f"{_activities_path(conversation)}?isTargetedActivity=true", body
        )

    async def list_channels(self, tenant: str, team: str) -> tuple[Channel, ...]:
        """Return the standard channels of a team. Raises PlatformError."""
        path = f"/v3/teams/{quote(team, safe='')}/conversations"
        answer = await self.connector.send_request(tenant, "GET", path)
        listed = answer.get("conversations", ())
        addresses = [channel.get("id") for channel in listed if isinstance(channel, dict)]
        return tuple(Channel(NAME, tenant, address) for address in addresses if isinstance(address, str))

    def _find_bot_id(self, tenant: str) -> str:
        return bot_id(self.connector.find_bot(tenant).identity.app_id)

    async def _begin_thread(self, channel: Channel, activity: Json) -> MessageRef:
        """Post the first message of a new thread.

        https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
        """
        await self.pace.wait_turn(channel.workspace, channel.address)
        wanted: Json = {
            "isGroup": True,
            "bot": {"id": self._find_bot_id(channel.workspace)},
            "channelData": {"channel": {"id": channel.address}, "tenant": {"id": channel.workspace}},
            "tenantId": channel.workspace,
            "activity": activity,
        }
        answer = await self.connector.send_request(channel.workspace, "POST", "/v3/conversations", wanted)
        return MessageRef(_read_id(answer, "id"), _read_id(answer, "activityId"))

    async def open_chat(self, member: Member) -> str:
        """Return the conversation id of the personal chat with a person; nothing is written. Raises PlatformError."""
        if member.id not in self.chats:
            await self.pace.wait_turn(member.workspace, member.id)
            wanted: Json = {
                "isGroup": False,
                "bot": {"id": self._find_bot_id(member.workspace)},
                "members": [{"id": object_id(member)}],
                "channelData": {"tenant": {"id": member.workspace}},
                "tenantId": member.workspace,
            }
            answer = await self.connector.send_request(
                member.workspace, "POST", "/v3/conversations", wanted, safe=True
            )
            remember_recent(self.chats, member.id, _read_id(answer, "id"), _KEPT)
        return self.chats[member.id]


def _activities_path(conversation: str) -> str:
    return f"/v3/conversations/{quote(conversation, safe='')}/activities"


def _read_id(answer: Json, name: str) -> str:
    found = answer.get(name)
    if isinstance(found, str) and found:
        return found
    raise PlatformError("unknown", "no_valid_answer")

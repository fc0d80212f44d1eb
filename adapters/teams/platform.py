"""Outbound: cards posted and replaced, and who is in a channel."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from adapters.shared.lru import remember_recent
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.identity import NAME, Json, bot_id, is_team_channel, object_id
from adapters.teams.rate_limit import Pace
from adapters.teams.render import message
from adapters.teams.roster import People
from adapters.teams.team_channels import Hears
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.ports import PlatformError

_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class TeamsPlatform:
    """`bot.ports.ChatPlatform` for every tenant whose team or people installed the bot."""

    connector: Connector
    people: People
    grants: Grants
    pace: Pace = field(default_factory=Pace)
    chats: "OrderedDict[str, str]" = field(default_factory=OrderedDict)
    """Personal chats that were opened, by member; opening one again gives the same."""
    name: str = NAME

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:  # noqa: ARG002 - no field travels
        match place:
            case Channel() if is_team_channel(place.address):
                return await self._begin_thread(place, message(card))
            case Channel():
                return await self.send(place.workspace, place.address, message(card))
            case Member():
                return await self.send(place.workspace, await self._chat(place), message(card))

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        path = f"{_activities(ref.address)}/{quote(ref.id, safe='')}"
        await self.pace.turn(place.workspace, ref.address)
        body = {**message(card), "id": ref.id}
        await self.connector.call(place.workspace, "PUT", path, body, safe=True)

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        return await self.people.of(channel.workspace, channel.address)

    async def hears(self, channel: Channel) -> Hears | None:
        """Which messages of the channel Teams passes on, as granted or else as seen; None where nobody knows."""
        granted = await self.grants.hears(channel)
        return granted or await self.grants.rooms.hears(channel.workspace, channel.address)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:  # noqa: ARG002
        """Teams lets no bot look through a conversation: an operator has to (`pulse resolve`)."""
        raise PlatformError("unknown", "cannot_be_searched")

    async def send(self, tenant: str, conversation: str, activity: Json) -> MessageRef:
        """One message to a conversation that is there. Raises PlatformError."""
        await self.pace.turn(tenant, conversation)
        answer = await self.connector.call(tenant, "POST", _activities(conversation), activity)
        return MessageRef(conversation, _id(answer, "id"))

    async def whisper(self, tenant: str, conversation: str, to: str, activity: Json) -> None:
        """A message that only that member of the conversation sees. Raises PlatformError where there is no such thing.

        https://learn.microsoft.com/en-us/microsoftteams/platform/agents-in-teams/targeted-messages
        """
        await self.pace.turn(tenant, conversation)
        body = {**activity, "recipient": {"id": to, "isTargeted": True}}
        await self.connector.call(
            tenant, "POST", f"{_activities(conversation)}?isTargetedActivity=true", body
        )

    async def channels(self, tenant: str, team: str) -> tuple[Channel, ...]:
        """The channels of a team. Raises PlatformError."""
        path = f"/v3/teams/{quote(team, safe='')}/conversations"
        answer = await self.connector.call(tenant, "GET", path)
        ids = [one.get("id") for one in answer.get("conversations", ()) if isinstance(one, dict)]
        return tuple(Channel(NAME, tenant, id) for id in ids if isinstance(id, str))

    def _bot(self, tenant: str) -> str:
        return bot_id(self.connector.bot_of(tenant).identity.app_id)

    async def _begin_thread(self, channel: Channel, activity: Json) -> MessageRef:
        """https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages"""
        await self.pace.turn(channel.workspace, channel.address)
        wanted: Json = {
            "isGroup": True,
            "bot": {"id": self._bot(channel.workspace)},
            "channelData": {"channel": {"id": channel.address}, "tenant": {"id": channel.workspace}},
            "tenantId": channel.workspace,
            "activity": activity,
        }
        answer = await self.connector.call(channel.workspace, "POST", "/v3/conversations", wanted)
        return MessageRef(_id(answer, "id"), _id(answer, "activityId"))

    async def _chat(self, member: Member) -> str:
        if member.id not in self.chats:
            await self.pace.turn(member.workspace, member.id)
            wanted: Json = {
                "isGroup": False,
                "bot": {"id": self._bot(member.workspace)},
                "members": [{"id": object_id(member)}],
                "channelData": {"tenant": {"id": member.workspace}},
                "tenantId": member.workspace,
            }
            answer = await self.connector.call(
                member.workspace, "POST", "/v3/conversations", wanted, safe=True
            )
            remember_recent(self.chats, member.id, _id(answer, "id"), _KEPT)
        return self.chats[member.id]


def _activities(conversation: str) -> str:
    return f"/v3/conversations/{quote(conversation, safe='')}/activities"


def _id(answer: Json, name: str) -> str:
    found = answer.get(name)
    if isinstance(found, str) and found:
        return found
    raise PlatformError("unknown", "no_valid_answer")

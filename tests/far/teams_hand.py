"""Act as people in Teams: send their actions to the bot as Teams does, signed and in Teams' own schema.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/build-conversational-capability
"""

import asyncio
import html
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.far.adaptive import buttons, inputs, problems
from tests.far.teams import FarTeams
from tests.far.teams_state import APP, JOINT, TEAM, Chat, Json, Person, Posted, State


@dataclass(frozen=True, slots=True)
class Answer:
    """The bot's response to a request, and the seconds that it took."""

    status: int
    text: str
    seconds: float = 0.0


@dataclass(slots=True)
class Hand:
    """Act on `far` and tell the bot at `bot_url`. `shown`: cards that replied to a person's buttons, by MRI."""

    far: FarTeams
    session: aiohttp.ClientSession
    bot_url: str
    shown: dict[str, list[Json]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.far.state

    async def say(
        self,
        who: str,
        text: str,
        chat: str = JOINT,
        thread: str | None = None,
        mention: bool = False,
        targeted: bool = False,
    ) -> str:
        """Send a message, with a mention of the bot or to it alone if asked; return the message's id."""
        room = self.state.chats[chat]
        message_id = self.state.next_id()
        place = f"{chat};messageid={thread or message_id}" if room.kind == "channel" else chat
        room.messages.append(Posted(message_id, place, who, text))
        sent = self.activity("message", self.state.people[who], room, place) | {"id": message_id}
        sent |= {"text": html.escape(text, quote=False), "textFormat": "plain", "entities": []}
        if mention:
            at = "<at>Alliance Pulse</at>"
            mentioned = {"id": f"28:{APP}", "name": "Alliance Pulse"}
            sent["text"] = f"{at}&nbsp;{sent['text']}"
            sent["entities"] = [
                {"type": "mention", "text": at, "mentioned": mentioned},
                {"type": "clientInfo"},
            ]
        if targeted:
            sent["recipient"] |= {"isTargeted": True}
        await self.deliver(sent)
        return message_id

    async def write(self, who: str, text: str) -> str:
        """Send a message to the personal chat with the bot."""
        return await self.say(who, text, self.state.personal(self.state.people[who]).id)

    async def edit(self, who: str, message: str, text: str, chat: str = JOINT) -> Answer:
        posted = self._find_message(chat, message)
        posted.text = text
        sent = self._change("messageUpdate", "editMessage", who, posted, chat)
        return await self.deliver(sent | {"text": html.escape(text, quote=False)})

    async def delete(self, who: str, message: str, chat: str = JOINT) -> Answer:
        posted = self._find_message(chat, message)
        self.state.chats[chat].messages.remove(posted)
        return await self.deliver(self._change("messageDelete", "softDeleteMessage", who, posted, chat))

    async def press(self, who: str, posted: Posted, label: str | Json, **values: Any) -> Answer:
        """Press the button with that label on a message, or the button itself."""
        assert posted.card
        return await self.execute(who, posted.conversation, posted.id, posted.card, label, values)

    async def execute(
        self, who: str, conversation: str, message: str, card: Json, label: str | Json, values: Json
    ) -> Answer:
        """Press a button of a card, with its inputs filled in; keep the card that replies to `who`."""
        sent = self.execution(who, conversation, message, card, label, values)
        answer = await self.deliver(sent)
        if answer.status == 200:
            self._show(who, json.loads(answer.text))
        return answer

    def execution(
        self, who: str, conversation: str, message: str, card: Json, label: str | Json, values: Json
    ) -> Json:
        """Return the activity of a pressed button.

        https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model
        """
        pressed = button(card, label) if isinstance(label, str) else label
        chat = self.state.chat(conversation)
        assert chat and pressed["type"] == "Action.Execute"
        given = _fill_inputs(card, values) if pressed["associatedInputs"] == "auto" else {}
        action = {key: pressed[key] for key in ("type", "id", "title", "verb")}
        sent = self.activity("invoke", self.state.people[who], chat, conversation)
        value = {"action": {**action, "data": {**pressed["data"], **given}}, "trigger": "manual"}
        return sent | {"name": "adaptiveCard/action", "replyToId": message, "value": value}

    async def submit(self, who: str, posted: Posted, label: str, **values: Any) -> Answer:
        """Press a button with a client that does not support `Action.Execute`: it sends a message without text."""
        assert posted.card
        older = button(posted.card, label)["fallback"]
        chat = self.state.chat(posted.conversation)
        assert chat and older["type"] == "Action.Submit"
        sent = self.activity("message", self.state.people[who], chat, posted.conversation)
        return await self.deliver(sent | {"replyToId": posted.id, "value": {**older["data"], **values}})

    async def install(self, chat: str = TEAM, action: str = "add") -> Answer:
        """Add the app to a team, or remove it."""
        who = next(iter(self.state.people.values()))
        room = self.state.chats[chat]
        sent = self.activity("installationUpdate", who, room, chat) | {"action": action}
        sent["channelData"] |= {"team": {"id": TEAM}, "eventType": action}
        return await self.deliver(sent)

    async def add_personal_app(self, who: str, action: str = "add") -> Answer:
        """Add the app for oneself, or remove it.

        https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events#installation-update-event
        """
        chat = self.state.personal(self.state.people[who])
        sent = self.activity("installationUpdate", self.state.people[who], chat, chat.id)
        sent["channelData"] |= {"settings": {"selectedChannel": {"id": chat.id}}, "eventType": action}
        return await self.deliver(sent | {"action": action})

    async def roster(self, change: str, *mris: str, chat: str = JOINT) -> Answer:
        """Report `membersAdded` or `membersRemoved`."""
        who, room = next(iter(self.state.people.values())), self.state.chats[chat]
        people = [{"id": mri, "aadObjectId": self.state.people[mri].object_id} for mri in mris]
        sent = self.activity("conversationUpdate", who, room, chat) | {change: people}
        sent["channelData"] |= {"team": {"id": TEAM}, "eventType": "teamMemberAdded"}
        return await self.deliver(sent)

    async def channel_roster(self, change: str, *ids: str, chat: str = JOINT) -> Answer:
        """Report `membersAdded` or `membersRemoved` of one shared channel; the bot's id is among those."""
        who, room = next(iter(self.state.people.values())), self.state.chats[chat]
        people = [
            {"id": found, "aadObjectId": self.state.people[found].object_id}
            if found in self.state.people
            else {"id": found}
            for found in ids
        ]
        sent = self.activity("conversationUpdate", who, room, chat) | {change: people}
        kind = "channelMemberAdded" if change == "membersAdded" else "channelMemberRemoved"
        sent["channelData"] |= {"team": {"id": TEAM}, "eventType": kind}
        return await self.deliver(sent)

    async def change(self, kind: str, chat: str = JOINT, **more: Any) -> Answer:
        """Report `channelDeleted`, `channelRenamed`, `teamDeleted` and the like from the team."""
        who, room = next(iter(self.state.people.values())), self.state.chats[TEAM]
        sent = self.activity("conversationUpdate", who, room, TEAM)
        sent["channelData"] |= {"eventType": kind, "channel": {"id": chat, "name": "Renamed"}, **more}
        return await self.deliver(sent)

    def activity(self, kind: str, who: Person, chat: Chat, conversation: str) -> Json:
        """Return the fields of every activity. `tenant` is the conversation's, not the author's."""
        at = datetime.fromtimestamp(self.state.clock(), UTC).isoformat(timespec="milliseconds")
        data: Json = {"tenant": {"id": chat.tenant}}
        if chat.kind == "channel":
            data |= {
                "teamsChannelId": chat.id,
                "teamsTeamId": TEAM,
                "channel": {"id": chat.id},
                "team": {"id": TEAM},
            }
        return {
            "type": kind,
            "id": self.state.next_id(),
            "timestamp": at.replace("+00:00", "Z"),
            "channelId": "msteams",
            "serviceUrl": self.far.service_url,
            "from": {"id": who.mri, "name": "Somebody", "aadObjectId": who.object_id},
            "recipient": {"id": f"28:{APP}", "name": "Alliance Pulse"},
            "conversation": {
                "id": conversation,
                "conversationType": chat.kind,
                "tenantId": chat.tenant,
                **({"isGroup": True} if chat.kind != "personal" else {}),
            },
            "channelData": data,
        }

    async def deliver(self, activity: Json, token: str | None = None) -> Answer:
        """Send the activity in a signed request."""
        return await self.send(json.dumps(activity).encode(), f"Bearer {token or self.far.token()}")

    async def send(self, raw: bytes, authorization: str | None) -> Answer:
        """Send raw bytes; the bot has ten seconds to respond."""
        loop = asyncio.get_running_loop()
        start, headers = loop.time(), {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        limit = aiohttp.ClientTimeout(total=10)
        async with self.session.post(self.bot_url, data=raw, headers=headers, timeout=limit) as got:
            return Answer(got.status, await got.text(), loop.time() - start)

    def _show(self, who: str, told: Json) -> None:
        assert told["statusCode"] == 200, told
        if told["type"] == "application/vnd.microsoft.card.adaptive":
            assert not problems(told["value"]), problems(told["value"])
            self.shown.setdefault(who, []).append(told["value"])

    def _change(self, activity_kind: str, kind: str, who: str, posted: Posted, chat: str) -> Json:
        sent = self.activity(
            activity_kind, self.state.people[who], self.state.chats[chat], posted.conversation
        )
        sent["channelData"]["eventType"] = kind
        return sent | {"id": posted.id}

    def _find_message(self, chat: str, message: str) -> Posted:
        found = self.state.message(chat, message)
        assert found
        return found


def button(card: Json, label: str) -> Json:
    """Return the first button whose label begins with these words."""
    return next(found for found in buttons(card) if found["title"].removeprefix("✓ ").startswith(label))


def _fill_inputs(card: Json, values: Json) -> Json:
    """Return the values of the card's inputs; a toggle gives its value for on or off."""
    given = {}
    for element in inputs(card):
        value = values.get(element["id"])
        if element["type"] == "Input.Toggle":
            given[element["id"]] = element["valueOn"] if value else element["valueOff"]
        else:
            assert value or not element.get("isRequired"), element["errorMessage"]
            given[element["id"]] = str(value or "")
    return given

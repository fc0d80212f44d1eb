"""People in Teams: what they do reaches the bot as Teams sends it, with a signed token, in Teams' own shapes.

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
    """What the bot answered to a request, and how long it took, in seconds."""

    status: int
    text: str
    seconds: float = 0.0


@dataclass(slots=True)
class Hand:
    """Acts on `far` and tells the bot at `bot_url`. `shown`: cards that answered a person's buttons, by MRI."""

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
        """A message as typed, after a mention of the bot or seen by it alone if so; its id."""
        room = self.state.chats[chat]
        id = self.state.id()
        place = f"{chat};messageid={thread or id}" if room.kind == "channel" else chat
        room.messages.append(Posted(id, place, who, text))
        sent = self.activity("message", self.state.people[who], room, place) | {"id": id}
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
        return id

    async def write(self, who: str, text: str) -> str:
        """Into the personal chat with the bot."""
        return await self.say(who, text, self.state.personal(self.state.people[who]).id)

    async def edit(self, who: str, id: str, text: str, chat: str = JOINT) -> Answer:
        posted = self._message(chat, id)
        posted.text = text
        sent = self._change("messageUpdate", "editMessage", who, posted, chat)
        return await self.deliver(sent | {"text": html.escape(text, quote=False)})

    async def delete(self, who: str, id: str, chat: str = JOINT) -> Answer:
        posted = self._message(chat, id)
        self.state.chats[chat].messages.remove(posted)
        return await self.deliver(self._change("messageDelete", "softDeleteMessage", who, posted, chat))

    async def press(self, who: str, posted: Posted, label: str | Json, **values: Any) -> Answer:
        """Press the button with that label on a message, or the button itself."""
        assert posted.card
        return await self.execute(who, posted.conversation, posted.id, posted.card, label, values)

    async def execute(
        self, who: str, conversation: str, message: str, card: Json, label: str | Json, values: Json
    ) -> Answer:
        """Press a button of a card, with its inputs filled in; the answer takes the card's place for `who`."""
        sent = self.execution(who, conversation, message, card, label, values)
        answer = await self.deliver(sent)
        if answer.status == 200:
            self._show(who, json.loads(answer.text))
        return answer

    def execution(
        self, who: str, conversation: str, message: str, card: Json, label: str | Json, values: Json
    ) -> Json:
        """https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model"""
        pressed = button(card, label) if isinstance(label, str) else label
        chat = self.state.chat(conversation)
        assert chat and pressed["type"] == "Action.Execute"
        given = _given(card, values) if pressed["associatedInputs"] == "auto" else {}
        action = {key: pressed[key] for key in ("type", "id", "title", "verb")}
        sent = self.activity("invoke", self.state.people[who], chat, conversation)
        value = {"action": {**action, "data": {**pressed["data"], **given}}, "trigger": "manual"}
        return sent | {"name": "adaptiveCard/action", "replyToId": message, "value": value}

    async def submit(self, who: str, posted: Posted, label: str, **values: Any) -> Answer:
        """The same by a client that knows no `Action.Execute`: a message without text."""
        assert posted.card
        older = button(posted.card, label)["fallback"]
        chat = self.state.chat(posted.conversation)
        assert chat and older["type"] == "Action.Submit"
        sent = self.activity("message", self.state.people[who], chat, posted.conversation)
        return await self.deliver(sent | {"replyToId": posted.id, "value": {**older["data"], **values}})

    async def install(self, chat: str = TEAM, action: str = "add") -> Answer:
        """The app is added to a team, or taken away."""
        who = next(iter(self.state.people.values()))
        room = self.state.chats[chat]
        sent = self.activity("installationUpdate", who, room, chat) | {"action": action}
        sent["channelData"] |= {"team": {"id": TEAM}, "eventType": action}
        return await self.deliver(sent)

    async def roster(self, change: str, *ids: str, chat: str = JOINT) -> Answer:
        """`membersAdded` or `membersRemoved`."""
        who, room = next(iter(self.state.people.values())), self.state.chats[chat]
        people = [{"id": id, "aadObjectId": self.state.people[id].object_id} for id in ids]
        sent = self.activity("conversationUpdate", who, room, chat) | {change: people}
        sent["channelData"] |= {"team": {"id": TEAM}, "eventType": "teamMemberAdded"}
        return await self.deliver(sent)

    async def change(self, kind: str, chat: str = JOINT, **more: Any) -> Answer:
        """`channelDeleted`, `channelRenamed`, `teamDeleted` …, as the team tells of it."""
        who, room = next(iter(self.state.people.values())), self.state.chats[TEAM]
        sent = self.activity("conversationUpdate", who, room, TEAM)
        sent["channelData"] |= {"eventType": kind, "channel": {"id": chat, "name": "Renamed"}, **more}
        return await self.deliver(sent)

    def activity(self, type: str, who: Person, chat: Chat, conversation: str) -> Json:
        """What all activities have in common. No author's tenant: `tenant` is that of the conversation."""
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
            "type": type,
            "id": self.state.id(),
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
        """A signed request."""
        return await self.send(json.dumps(activity).encode(), f"Bearer {token or self.far.token()}")

    async def send(self, raw: bytes, authorization: str | None) -> Answer:
        """The bot has ten seconds."""
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

    def _change(self, type: str, kind: str, who: str, posted: Posted, chat: str) -> Json:
        sent = self.activity(type, self.state.people[who], self.state.chats[chat], posted.conversation)
        sent["channelData"]["eventType"] = kind
        return sent | {"id": posted.id}

    def _message(self, chat: str, id: str) -> Posted:
        found = self.state.message(chat, id)
        assert found
        return found


def button(card: Json, label: str) -> Json:
    """The first button that bears this label, or begins with it."""
    return next(one for one in buttons(card) if one["title"].removeprefix("✓ ").startswith(label))


def _given(card: Json, values: Json) -> Json:
    """What the card's inputs hold: a toggle its word for on or off."""
    given = {}
    for one in inputs(card):
        value = values.get(one["id"])
        if one["type"] == "Input.Toggle":
            given[one["id"]] = one["valueOn"] if value else one["valueOff"]
        else:
            assert value or not one.get("isRequired"), one["errorMessage"]
            given[one["id"]] = str(value or "")
    return given

"""Act as people in Slack: their actions reach the bot signed and in Slack's own payloads.

Shapes follow Slack's pages and the Slack Connect events recorded in bolt-python's tests.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.far import slack_app as app
from tests.far.blockkit import problems, view_problems
from tests.far.slack import FarSlack
from tests.far.slack_line import FORM, JSON, Answer, by_http, by_socket, signature
from tests.far.slack_methods import as_json
from tests.far.slack_payloads import (
    button,
    change,
    command_form,
    envelope,
    escape_text,
    form_value,
    interaction,
    kind_of,
    mention_of,
)
from tests.far.slack_socket import SocketServer
from tests.far.slack_state import Posted, ResponseUrl, Room, State, Trigger, User, View, Workspace

Json = dict[str, Any]


@dataclass(slots=True)
class Hand:
    """Acts on `far` and tells the bot at `bot_url`. `ladder`: seconds before each repeated delivery of an event."""

    far: FarSlack
    session: aiohttp.ClientSession
    bot_url: str
    secret: str
    ladder: tuple[float, ...] = (0.01, 0.02, 0.05)
    deliveries: list[int] = field(default_factory=list)
    socket: SocketServer | None = None
    """Socket Mode is switched on: nothing comes by HTTP."""

    @property
    def state(self) -> State:
        return self.far.state

    # What people write

    async def say(
        self, user: str, text: str, channel: str = "C0JOINT", thread: str | None = None, mention: str = ""
    ) -> str:
        """A message as typed, after a mention if one is given; its time stamp."""
        room, who = self.state.rooms[channel], self.state.users[user]
        written = f"<@{mention}> {escape_text(text)}" if mention else escape_text(text)
        said = Posted(self.state.ts(), room.id, user, who.team, written, thread=thread)
        room.messages.append(said)
        inner = {**as_json(self.state, said), **kind_of(room), "event_ts": said.ts}
        await self.event(inner, room, who)
        for ours in self.state.bots(room):
            if ours.bot_user == mention and not room.is_im:
                await self.event({**mention_of(inner, who, ours), "type": "app_mention"}, room, who, ours)
        return said.ts

    async def dm(self, user: str, text: str, team: str | None = None) -> str:
        """A direct message to our bot, in the workspace that can reach the person."""
        app.check_messages_tab(self.state.manifest)
        workspace = self.state.workspaces[team] if team else self.home_of(user)
        return await self.say(user, text, self.state.im(workspace, user).id)

    async def edit(self, user: str, ts: str, text: str, channel: str = "C0JOINT") -> Answer:
        room, who = self.state.rooms[channel], self.state.users[user]
        said = next(message for message in room.messages if message.ts == ts)
        before = as_json(self.state, said)
        said.text, said.edited = escape_text(text), self.state.ts()
        changed = {"message": as_json(self.state, said), "previous_message": before, "hidden": True}
        return await self.event(change("message_changed", said.edited, room) | changed, room, who)

    async def delete(self, user: str, ts: str, channel: str = "C0JOINT") -> Answer:
        room, who = self.state.rooms[channel], self.state.users[user]
        said = next(message for message in room.messages if message.ts == ts)
        room.messages.remove(said)
        gone = {"deleted_ts": ts, "previous_message": as_json(self.state, said), "hidden": True}
        return await self.event(change("message_deleted", self.state.ts(), room) | gone, room, who)

    async def join(self, user: str, channel: str = "C0JOINT", left: bool = False) -> Answer:
        room, who = self.state.rooms[channel], self.state.users[user]
        if left:
            room.members.remove(user)
        elif user not in room.members:
            room.members.append(user)
        kind = "member_left_channel" if left else "member_joined_channel"
        inner = {
            "type": kind,
            "user": user,
            "channel": room.id,
            "channel_type": "C",
            "team": who.enterprise or who.team,
        }
        return await self.event({**inner, "event_ts": self.state.ts()}, room, who)

    async def echo(self, posted: Posted, whole: bool = True) -> Answer:
        """What our bot posted comes back as an event; without `whole`, as Slack tells it to most apps:
        https://github.com/slackapi/python-slack-sdk/issues/1501
        """
        room = self.state.rooms[posted.channel]
        inner = {**as_json(self.state, posted), **kind_of(room), "event_ts": posted.ts}
        if not whole:
            inner["metadata"] = {"event_type": inner["metadata"]["event_type"]}
        return await self.event(inner, room, self.state.users[posted.user])

    # What people press

    async def click(self, user: str, posted: Posted, label: str) -> Answer:
        """Press the button with that label on a message, an ephemeral one included."""
        return await self.press(user, posted, button(posted.blocks, label))

    async def press(self, user: str, posted: Posted, pressed: Json) -> Answer:
        return await self.interact(self.click_payload(user, posted, pressed))

    def click_payload(self, user: str, posted: Posted, pressed: Json) -> Json:
        """As https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
        room, ours = self.state.rooms[posted.channel], self.state.workspaces[posted.team]
        container = {"message_ts": posted.ts, "channel_id": room.id, "is_ephemeral": posted.to is not None}
        sent = self._interaction(user, ours, "block_actions") | {
            "container": {"type": "message", "is_app_unfurl": False, **container},
            "channel": {"id": room.id, "name": room.name},
            "state": {"values": {}},
            "response_url": self._response_url(user, posted, ours),
            "actions": [{**pressed, "action_ts": self.state.ts()}],
        }
        return sent if posted.to else sent | {"message": as_json(self.state, posted)}

    async def click_in_view(self, user: str, view: View | Json, label: str) -> Answer:
        """Press a button in a modal, or (given its JSON) in the App Home."""
        content = view.content if isinstance(view, View) else view
        ours = self.state.workspaces[view.team] if isinstance(view, View) else self.home_of(user)
        id = view.id if isinstance(view, View) else f"VH{user}"
        named = self.state.name_in_view(ours, first=not isinstance(view, View))
        shown = {"id": id, "team_id": self.state.users[user].team, "app_id": self.state.app_id, **content}
        shown["app_installed_team_id"] = named
        pressed = {**button(content["blocks"], label), "action_ts": self.state.ts()}
        container = {"type": "view", "view_id": id}
        sent = {"container": container, "view": shown, "actions": [pressed]}
        return await self.interact(self._interaction(user, ours, "block_actions") | sent)

    async def submit(self, user: str, view: View, values: Json) -> Answer:
        """Send a modal with `values` by block id: words for a field, a bool for a box."""
        sent = self.submission(user, view, values)
        answer = await self.interact(sent)
        if answer.status == 200 and answer.text:
            told = json.loads(answer.text)
            assert told["response_action"] == "update", told
            assert not view_problems(told["view"]), view_problems(told["view"])
            view.content = told["view"]
        elif answer.status == 200:
            del self.state.views[view.id]
        return answer

    def submission(self, user: str, view: View, values: Json) -> Json:
        """For a member of another company everything names that company, except `app_installed_team_id`.

        https://github.com/slackapi/bolt-python/pull/734
        """
        who, ours = self.state.users[user], self.state.workspaces[view.team]
        is_own = ours.is_organisation and ours.employs(who)
        home = ours if is_own else self.state.workspaces[who.team]
        shown = {
            "id": view.id,
            "team_id": who.team,
            "app_id": self.state.app_id,
            "app_installed_team_id": self.state.name_in_view(ours),
            "state": {"values": {id: {id: form_value(value)} for id, value in values.items()}},
            **view.content,
        }
        sent = self._interaction(user, home, "view_submission") | {"view": shown, "response_urls": []}
        return sent | {"is_enterprise_install": ours.is_organisation}

    async def slash(self, user: str, text: str, channel: str = "C0JOINT") -> Answer:
        """`/pulse …`. Raises AssertionError for somebody whose company did not install the app."""
        who = self.state.users[user]
        ours = self.home_of(user)
        assert ours.employs(who), "Slack: /pulse is not a valid command"
        app.check_command(self.state.manifest, "/pulse")
        room = self.state.rooms[channel]
        place = Posted(self.state.ts(), room.id, "", ours.id, "")
        form = command_form(self.state, text, who, ours, room) | {
            "trigger_id": self._trigger(user),
            "response_url": self._response_url(user, place, ours),
        }
        answer = await self.send(urlencode(form).encode(), FORM)
        if answer.status == 200 and answer.text:
            self._show(user, room, ours, json.loads(answer.text))
        return answer

    async def open_home(self, user: str) -> Answer:
        app.check_home_tab(self.state.manifest)
        ours = self.home_of(user)
        inner = {
            "type": "app_home_opened",
            "user": user,
            "tab": "home",
            "channel": self.state.im(ours, user).id,
        }
        room = self.state.im(ours, user)
        stamp = self.state.ts().replace(".", "")
        return await self.event({**inner, "event_ts": stamp}, room, self.state.users[user])

    # How it travels

    async def event(
        self, inner: Json, room: Room, who: User, installation: Workspace | None = None
    ) -> Answer:
        """One delivery, to one installation, and repeated like Slack until it is taken."""
        ours = installation or next(iter(reversed(self.state.bots(room))), None)
        return (
            await self.deliver(self.envelope(inner, room, who, ours)) if ours else Answer(0, "no bot there")
        )

    def envelope(self, inner: Json, room: Room, who: User, ours: Workspace) -> Json:
        return envelope(self.state, inner, room, who, ours)

    async def deliver(self, envelope: Json) -> Answer:
        told = envelope.get("authorizations", [{}])[0]
        ours = self.state.workspaces.get(told.get("team_id") or told.get("enterprise_id") or "")
        if ours and not app.is_delivered(self.state.manifest, ours.scopes, envelope["event"]):
            return Answer(0, "not subscribed, or a scope is missing")
        raw = json.dumps(envelope).encode()
        answer = await self.send(raw, JSON)
        for number, wait in enumerate(self.ladder, 1):
            if 200 <= answer.status < 300:
                break
            await asyncio.sleep(wait)
            retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
            answer = await self.send(raw, JSON, retry)
        self.deliveries.append(answer.status)
        return answer

    async def interact(self, payload: Json) -> Answer:
        """Clicks and forms are never repeated: the person sees an error instead."""
        app.check_interactivity(self.state.manifest)
        return await self.send(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def send(self, raw: bytes, content_type: str, headers: dict[str, str] | None = None) -> Answer:
        """A signed request, or an envelope; the bot has three seconds."""
        if self.socket:
            return await by_socket(self.socket, raw, content_type, headers or {})
        signed = self.signed(raw) | {"Content-Type": content_type} | (headers or {})
        return await by_http(self.session, self.bot_url, raw, signed)

    def signed(self, raw: bytes) -> dict[str, str]:
        return signature(self.secret, int(self.state.clock()), raw)

    # Small things

    def home_of(self, user: str) -> Workspace:
        """The installation that a person would see: their company's, else one that meets them."""
        who = self.state.users[user]
        installed = [workspace for workspace in self.state.workspaces.values() if workspace.token]
        met = (workspace for workspace in installed if self.state.meets(workspace, who))
        return next((workspace for workspace in installed if workspace.employs(who)), None) or next(met)

    def opened(self, user: str) -> View:
        """The modal that this person saw last."""
        return [view for view in self.state.views.values() if view.user == user][-1]

    def shown(self, user: str) -> list[Posted]:
        """What was shown to that person alone in channels, oldest first."""
        return [
            message for room in self.state.rooms.values() for message in room.ephemerals if message.to == user
        ]

    def _interaction(self, user: str, workspace: Workspace, kind: str) -> Json:
        return interaction(self.state, user, workspace, kind, self._trigger(user))

    def _trigger(self, user: str) -> str:
        id = f"{next(self.state.serial)}.{user}"
        self.state.triggers[id] = Trigger(user, self.state.clock())
        return id

    def _response_url(self, user: str, posted: Posted, ours: Workspace) -> str:
        id = f"{ours.id}{next(self.state.serial)}"
        replaces = posted.ts if posted.to else None
        known = ResponseUrl(posted.channel, user, ours.id, self.state.clock(), replaces=replaces)
        self.state.response_urls[id] = known
        return f"{self.far.base_url}/actions/{id}"

    def _show(self, user: str, room: Room, ours: Workspace, told: Json) -> None:
        assert told["response_type"] == "ephemeral", told
        assert not problems(told["blocks"]), problems(told["blocks"])
        shown = Posted(self.state.ts(), room.id, "", ours.id, told["text"], told["blocks"], to=user)
        shown.mrkdwn = told.get("mrkdwn", True)
        room.ephemerals.append(shown)

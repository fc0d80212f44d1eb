"""Teams as a world: the real adapter behind its real route, and the strict Teams of `tests/far`."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from adapters.teams.allowed_hosts import AllowedHosts
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.credentials import BotRegistration, Credentials
from adapters.teams.identity import member_id, object_id
from adapters.teams.membership import EventReader
from adapters.teams.platform import TeamsPlatform
from adapters.teams.private_reply import ReplySender
from adapters.teams.rate_limit import TeamsRateLimit
from adapters.teams.roster import TeamsRoster
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.signing_keys import SigningKeys
from adapters.teams.team_channels import TeamChannels
from adapters.teams.verify import RequestVerifier
from adapters.teams.webhook import TeamsWebhook, routes
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.ports import Now
from tests.contract.world import Fault, RecordingInbox, Shown, Skill, World
from tests.far import adaptive
from tests.far.teams import FarTeams, serving
from tests.far.teams_hand import Hand
from tests.far.teams_state import APP, JOINT, NORTHWIND, PASSWORD, Chat, Person, Posted, State, two_tenants


@dataclass(frozen=True, slots=True)
class TeamsWorld:
    far: FarTeams
    hand: Hand
    door: TeamsWebhook
    platform: TeamsPlatform
    inbox: RecordingInbox
    channel: Channel
    people: tuple[Member, ...]
    can: frozenset[Skill] = frozenset({"edit", "delete", "form", "fail", "threads", "direct"})

    async def messages(self, place: Place) -> list[Shown]:
        return [_seen(message) for message in self._chat(place).messages]

    async def press(self, who: Member, _place: Place, ref: MessageRef, label: str) -> None:
        posted = self.far.state.message(ref.address, ref.id)
        assert posted
        await self._done(await self.hand.press(self.mri(who), posted, label))

    async def say(self, who: Member, text: str, thread: str | None = None) -> str:
        return await self.hand.say(self.mri(who), text, thread=thread)

    async def edit(self, who: Member, message: str, text: str) -> None:
        await self._done(await self.hand.edit(self.mri(who), message, text))

    async def delete(self, who: Member, message: str) -> None:
        await self._done(await self.hand.delete(self.mri(who), message))

    async def echo(self, ref: MessageRef) -> None:
        """Teams leaves bots' messages out, by its documentation; this is what one would look like."""
        posted = self.far.state.message(ref.address, ref.id)
        assert posted
        somebody = self.far.state.people[next(iter(self.far.state.people))]
        activity = self.hand.activity("message", somebody, self.far.state.chats[JOINT], posted.conversation)
        ours = {"id": f"28:{APP}", "name": "Alliance Pulse"}
        sent = {"id": posted.id, "from": ours, "text": "Pulse of Tue 3 Nov", "entities": []}
        await self._done(await self.hand.deliver(activity | sent))

    async def command(self, who: Member, text: str) -> None:
        await self.hand.say(self.mri(who), text, mention=True)
        await self.door.replies.drain(2)

    async def write(self, who: Member, text: str) -> None:
        await self.hand.write(self.mri(who), text)
        await self.door.replies.drain(2)

    async def private(self, who: Member) -> list[str]:
        chat = [adaptive.words(message.card) for message in self._chat(who).messages if message.card]
        return chat + [adaptive.words(card) for card in self.hand.shown.get(self.mri(who), [])]

    async def send_form(self, who: Member, text: str, share: bool) -> None:
        form = self.hand.shown[self.mri(who)][-1]
        values = {"text": text, "share": share}
        send = next(button for button in adaptive.buttons(form) if button["associatedInputs"] == "auto")
        await self._done(await self.hand.execute(self.mri(who), JOINT, "1", form, send["title"], values))

    def fail_next(self, fault: Fault) -> None:
        kinds = {"refused": "403:BotNotInConversationRoster", "later": "429", "unknown": "reset_after"}
        self.far.fail("create", kinds[fault], 7)

    def mri(self, who: Member) -> str:
        return self._person(who).mri

    def _person(self, who: Member) -> Person:
        found = self.far.state.person(object_id(who))
        assert found
        return found

    def _chat(self, place: Place) -> Chat:
        if isinstance(place, Channel):
            return self.far.state.chats[place.address]
        return self.far.state.personal(self._person(place))

    async def _done(self, answer: object) -> None:
        assert getattr(answer, "status", 0) == 200, answer
        await self.door.replies.drain(2)


def _seen(posted: Posted) -> Shown:
    ref = MessageRef(posted.conversation, posted.id)
    if posted.card is None:
        return Shown(ref, posted.text, ())
    return Shown(ref, adaptive.words(posted.card), tuple(adaptive.labels(posted.card)))


@asynccontextmanager
async def teams_world() -> AsyncIterator[World]:
    async with wired(two_tenants(time.time)) as world:
        yield world


@asynccontextmanager
async def wired(state: State, now: Now | None = None, limit: float = 0.7) -> AsyncIterator[TeamsWorld]:
    """The adapter, told where the far Teams is, and hands to press its buttons."""
    inbox, memory = RecordingInbox(), dict[str, str]()
    timeout = aiohttp.ClientTimeout(total=limit)
    async with serving(state) as far, aiohttp.ClientSession(timeout=timeout) as session:
        hosts = AllowedHosts(frozenset({far.host}), on_loopback=True)

        async def load(name: str) -> str | None:
            return memory.get(name)

        async def keep(name: str, value: str) -> None:
            memory[name] = value

        async def tenants() -> frozenset[str]:
            return frozenset({NORTHWIND})

        services = ServiceUrls(hosts, f"{far.base_url}/teams", load, keep)
        identity = BotRegistration(APP, "SingleTenant", NORTHWIND, PASSWORD, far.token_url)
        connector = Connector(session, (Credentials(session, identity),), services)
        people = TeamsRoster(connector)
        rooms = TeamChannels(load, keep)
        platform = TeamsPlatform(connector, people, Grants(connector, rooms, far.base_url), TeamsRateLimit())
        clock = now or (lambda: datetime.now(UTC))
        gate = RequestVerifier(frozenset({APP}), SigningKeys(session, far.openid_url), hosts, tenants, clock)
        lifecycle = EventReader(platform, rooms)
        door = TeamsWebhook(inbox, gate, people, services, ReplySender(platform), lifecycle, clock)
        app = web.Application(client_max_size=256 * 1024)
        app.add_routes(routes(door))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
        async with aiohttp.ClientSession() as hands:
            channel = Channel("teams", NORTHWIND, JOINT)
            try:
                yield TeamsWorld(far, Hand(far, hands, url), door, platform, inbox, channel, _people(state))
            finally:
                await door.replies.drain(1)
                await runner.cleanup()


def _people(state: State) -> tuple[Member, ...]:
    found = (state.people[id] for id in state.chats[JOINT].members)
    return tuple(
        Member("teams", member_id(member.tenant, member.object_id), home=(member.home,), workspace=NORTHWIND)
        for member in found
    )

"""Set Slack up for the contract suite: the real adapter behind its routes, and the strict Slack of `tests/far`."""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import unescape

import aiohttp
from aiohttp import web

from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.organisations import SlackOrganisations
from adapters.slack.platform import SlackPlatform
from adapters.slack.private_reply import SlackReplies
from adapters.slack.rate_limit import SlackRateLimiter
from adapters.slack.webhook import SlackReceiver, routes
from bot.app.platforms.slack.copies import BotCopies, DeclaredCompanies
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.events import Event, Left
from bot.ports import Inbox, Now
from bot.rate_limit import Rate
from storage import DatabaseStore
from tests.contract.world import Fault, RecordingInbox, Shown, Skill, World
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_payloads import labels
from tests.far.slack_state import Posted, Room, State, two_companies

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def unhurried(clock: Callable[[], float] = time.monotonic) -> SlackRateLimiter:
    """For tests that are not about limits."""
    return SlackRateLimiter(methods={}, channel=Rate(0.0), clock=clock)


@dataclass(frozen=True, slots=True)
class SlackWorld:
    far: FarSlack
    hand: Hand
    door: SlackReceiver
    platform: SlackPlatform
    inbox: RecordingInbox
    channel: Channel
    people: tuple[Member, ...]
    gone: list[str]
    """Workspaces that removed the bot, as the door told."""
    can: frozenset[Skill] = frozenset({"edit", "delete", "form", "fail", "threads", "find", "direct"})

    async def messages(self, place: Place) -> list[Shown]:
        return [_seen(message) for message in self._room(place).messages]

    async def press(self, who: Member, _place: Place, ref: MessageRef, label: str) -> None:
        posted = next(
            message for message in self.far.state.rooms[ref.address].messages if message.ts == ref.id
        )
        await self._done(await self.hand.click(who.id, posted, label))

    async def say(self, who: Member, text: str, thread: str | None = None) -> str:
        return await self.hand.say(who.id, text, thread=thread)

    async def edit(self, who: Member, message: str, text: str) -> None:
        await self._done(await self.hand.edit(who.id, message, text))

    async def delete(self, who: Member, message: str) -> None:
        await self._done(await self.hand.delete(who.id, message))

    async def echo(self, ref: MessageRef) -> None:
        """Slack tells the whole message, most apps a shorter one, and tells of each change too.

        The directory, which would know a bot as well, is away meanwhile.
        """
        for _ in range(3):
            self.far.fail("users.info", "refuse:user_not_found")
        posted = next(
            message for message in self.far.state.rooms[ref.address].messages if message.ts == ref.id
        )
        for whole in (True, False):
            await self._done(await self.hand.echo(posted, whole))
        await self._done(await self.hand.edit(posted.user, posted.ts, "changed by the bot", posted.channel))

    async def command(self, who: Member, text: str) -> None:
        """By mention: who did not install the app has no slash command."""
        ours = self.far.state.workspaces["T0NORTHWIND"]
        await self.hand.say(who.id, text, mention=ours.bot_user)
        await self.door.replies.drain(2)

    async def write(self, who: Member, text: str) -> None:
        await self.hand.dm(who.id, text)
        await self.door.replies.drain(2)

    async def private(self, who: Member) -> list[str]:
        views = [str(view.content) for view in self.far.state.views.values() if view.user == who.id]
        return [_seen(message).text for message in self.hand.shown(who.id)] + views

    async def send_form(self, who: Member, text: str, share: bool) -> None:
        view = self.hand.opened(who.id)
        await self._done(await self.hand.submit(who.id, view, {"text": text, "share": share}))

    def fail_next(self, fault: Fault) -> None:
        kinds = {"refused": "refuse:channel_not_found", "later": "429", "unknown": "reset_after"}
        self.far.fail("chat.postMessage", kinds[fault], 7)

    def _room(self, place: Place) -> Room:
        if isinstance(place, Channel):
            return self.far.state.rooms[place.address]
        return self.far.state.im(self.far.state.workspaces[place.workspace], place.id)

    async def _done(self, answer: object) -> None:
        assert getattr(answer, "status", 0) == 200, answer
        await self.door.replies.drain(2)


def _seen(posted: Posted) -> Shown:
    ref = MessageRef(posted.channel, posted.ts)
    return Shown(ref, read_as_slack(posted), tuple(labels(posted.blocks)))


def read_as_slack(posted: Posted) -> str:
    """Return the text as people read it: what Slack takes for markup is gone, in angle brackets or by signs.

    https://docs.slack.dev/messaging/formatting-message-text
    """
    text = re.sub(r"<[^<>]*>", "", posted.text)
    if posted.mrkdwn:
        text = re.sub(r"([*_~`])(\S(?:[^\n]*?\S)?)\1", r"\2", text)
    return unescape(text)


@asynccontextmanager
async def slack_world() -> AsyncIterator[World]:
    async with wired(two_companies(time.time)) as world:
        yield world


@asynccontextmanager
async def wired(
    state: State,
    now: Now | None = None,
    pace: SlackRateLimiter | None = None,
    behind: Inbox | None = None,
    store: DatabaseStore | None = None,
) -> AsyncIterator[SlackWorld]:
    """The adapter, told of the installations in `state`, and hands to press its buttons.

    `behind`: the inbox behind the door, if it is not to be the recording one; `store`: what it keeps, where alliances
    are declared.
    """
    inbox = RecordingInbox()
    limit = aiohttp.ClientTimeout(total=0.7)
    async with serving(state) as far, aiohttp.ClientSession(timeout=limit) as session:

        async def token_for(id: str) -> str:
            return state.workspaces[id].token if id in state.workspaces else ""

        gone: list[str] = []

        async def end_installation(workspace: str, _: datetime) -> None:
            gone.append(workspace)

        api = SlackApi(session, token_for, far.api_url, pace or unhurried())
        organisations = SlackOrganisations(partial(store.companies.merge, "slack")) if store else None
        people = SlackDirectory(api, organisations=organisations or SlackOrganisations())
        people = people if pace else replace(people, per_minute=10_000, rosters_per_minute=10_000)
        door = SlackReceiver(
            behind or inbox,
            SlackReplies(api),
            people,
            SECRET,
            now or (lambda: datetime.now(UTC)),
            end_installation,
            BotCopies(store, api).judge_leaving if store else _take_as_it_is,
        )
        app = web.Application()
        app.add_routes(routes(door))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        async with aiohttp.ClientSession() as hands:
            host = next(workspace.id for workspace in state.workspaces.values() if workspace.token)
            platform = SlackPlatform(api, people)
            if store:
                platform = replace(platform, list_workspaces=DeclaredCompanies(store).list_workspaces)
            channel = Channel("slack", host, "C0JOINT")
            try:
                hand = Hand(far, hands, url, SECRET)
                yield SlackWorld(far, hand, door, platform, inbox, channel, _people(state, host), gone)
            finally:
                await door.replies.drain(1)
                await runner.cleanup()


async def _take_as_it_is(event: Left) -> Event:
    return event


def _people(state: State, host: str) -> tuple[Member, ...]:
    found = (state.users[id] for id in state.rooms["C0JOINT"].members)
    return tuple(
        Member(
            "slack",
            user.id,
            home=(user.team, *([user.enterprise] if user.enterprise else [])),
            workspace=host,
        )
        for user in found
        if not user.is_bot
    )

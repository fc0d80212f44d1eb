"""Receive Teams' activities: each is stored before it is acknowledged."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from aiohttp import web

from adapters.shared.rejection import Refusal
from adapters.shared.reply_lanes import ReplyLanes
from adapters.shared.request_body import read_body
from adapters.teams.activity import ReceivedActivity, parse_activity
from adapters.teams.identity import Json, MalformedActivity
from adapters.teams.membership import EventReader
from adapters.teams.private_reply import ReplySender, build_button_answer
from adapters.teams.render import CONTENT_TYPE, render_adaptive_card
from adapters.teams.roster import TeamsRoster
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.verify import RequestVerifier
from bot.model.cards import Card
from bot.model.events import (
    Answered,
    Changed,
    Commanded,
    Commented,
    Deleted,
    Echoed,
    Event,
    Joined,
    Left,
    Moved,
)
from bot.ports import Inbox, Now, PlatformError, StoreUnavailable, TakenElsewhere
from bot.wording import confirmations as reply
from bot.wording.question import conceal_answers

log = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds that storing may take. Teams waits a few for a button and redelivers a message after 15."""
REPLY_TIME = 60.0
"""Seconds within which a reply is tried again while Teams takes nothing."""
Replied: TypeAlias = Answered | Commented | Commanded


@dataclass(frozen=True, slots=True)
class TeamsWebhook:
    """Take activities from request to stored event; `replies` sends private replies after the response."""

    inbox: Inbox
    gate: RequestVerifier
    people: TeamsRoster
    services: ServiceUrls
    shower: ReplySender
    lifecycle: EventReader
    now: Now
    replies: ReplyLanes = field(default_factory=ReplyLanes)

    async def admit_request(self, request: web.Request) -> ReceivedActivity:
        """Return the activity of a verified request. Raises Refusal."""
        claims = await self.gate.verify_token(request.headers.get("Authorization", ""))
        raw, received = await read_body(request), self.now()
        try:
            activity = parse_activity(raw, received)
        except MalformedActivity as error:
            raise Refusal(400, str(error)) from None
        await self.gate.check_activity(claims, activity)
        await self.services.learn_url(activity.tenant, activity.service_url)
        return activity

    async def take_activity(self, activity: ReceivedActivity) -> tuple[Event | None, Card | None]:
        """Hand all events of an activity to the inbox; return the last one and its reply.

        Raises MalformedActivity, StoreUnavailable, TakenElsewhere.
        """
        event: Event | None = None
        card: Card | None = None
        for event in await self.lifecycle.read_events(activity):
            card = await self._take_in_time(event, activity)
        return event, card

    async def take_installation(self, activity: ReceivedActivity) -> None:
        """Take the news that the bot came into a team or left it. Raises as `take_activity` does.

        To list the team's channels and permissions can take longer than Teams waits. The rest is then done after the
        acknowledgement; a failure is logged.
        """
        work = asyncio.ensure_future(self.take_activity(activity))
        done, _ = await asyncio.wait({work}, timeout=PATIENCE)
        if done:
            work.result()
        else:
            self.replies.start(activity.tenant, True, partial(_finish, work))

    def start_reply(
        self, card: Card, event: Replied, activity: ReceivedActivity, seconds: float = 0.0, until: float = 0.0
    ) -> None:
        """Queue the private reply to be sent after so many seconds. `until`: see `show_reply`."""
        ends_at = until or asyncio.get_running_loop().time() + REPLY_TIME
        show = partial(self.show_reply, card, event, activity, ends_at)
        self.replies.start(activity.tenant, isinstance(event, Commanded), show, seconds)

    async def show_reply(self, card: Card, event: Replied, activity: ReceivedActivity, until: float) -> None:
        """Send the private reply, and tell the inbox that it was shown or that it sends it later.

        While Teams takes nothing, a reply for a personal chat is handed to the inbox. For a command in a channel, Teams
        may refuse the personal chat in the end, so it is tried again until the event loop's time `until`.
        """
        wait = await self.shower.show_card(card, event, activity)
        if wait is not None:
            is_over = asyncio.get_running_loop().time() + wait > until
            is_handed_over = activity.is_personal or is_over
            if not (is_handed_over and await self.inbox.keep_reply(event, conceal_answers(card))):
                if is_over:
                    log.warning("a reply was not shown within %d seconds", REPLY_TIME)
                else:
                    self.start_reply(card, event, activity, wait, until)
                return
        await self.inbox.shown(event)

    async def _take_in_time(self, event: Event, activity: ReceivedActivity) -> Card | None:
        is_action = isinstance(event, Answered | Commented | Commanded)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.inbox.take(await self._identify_author(event, activity))
        except TimeoutError:
            if not is_action:
                raise StoreUnavailable("too slow") from None
            return reply.report_unconfirmed()
        except PlatformError as error:
            log.warning("the roster could not be read for the author: %s", error.reason)
            if not is_action:
                raise StoreUnavailable("roster") from None
            return reply.report_unknown_company()

    async def _identify_author(self, event: Event, activity: ReceivedActivity) -> Event:
        """Add the author's company and joint channels. Raises PlatformError, StoreUnavailable.

        Where the roster is refused, what somebody did is taken all the same, and waits for its side.
        """
        if isinstance(event, Deleted | Joined | Left | Changed | Moved | Echoed):
            return event
        try:
            author = await self.people.find_author(activity, everywhere=isinstance(event, Commanded))
        except PlatformError as error:
            if error.kind != "refused":
                raise
            log.warning("a roster is refused, so an author's company is not known: %s", error.reason)
            author = replace(event.by, is_unread=True)
        return replace(event, by=author)


def routes(door: TeamsWebhook) -> list[web.RouteDef]:
    """Return the route `POST /api/messages`, the Bot Framework's convention."""

    async def receive_messages(request: web.Request) -> web.Response:
        try:
            with door.replies.rush:
                return await _answer_activity(await door.admit_request(request), door)
        except Refusal as refusal:
            log.info("refused: %s", refusal.reason)
            return _answer_problem(refusal.status, refusal.reason)
        except MalformedActivity as error:
            return _answer_problem(400, str(error))
        except StoreUnavailable:
            return _answer_problem(503, "not stored; please send it again")
        except TakenElsewhere:
            return _answer_problem(503, "another process is answering it; please send it again")

    return [web.post("/api/messages", receive_messages)]


async def _finish(work: Awaitable[object]) -> None:
    await work


async def _answer_activity(activity: ReceivedActivity, door: TeamsWebhook) -> web.Response:
    if activity.type == "installationUpdate" and not activity.is_personal:
        await door.take_installation(activity)
        return web.Response()
    event, card = await door.take_activity(activity)
    if activity.type == "invoke":
        return web.json_response(
            _build_invoke_answer(build_button_answer(card, event) if card and event else None)
        )
    if card and isinstance(event, Answered | Commented | Commanded):
        door.start_reply(card, event, activity)
    return web.Response()


def _build_invoke_answer(card: Card | None) -> Json:
    """Return the response to a pressed button.

    https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model#response-format
    """
    if card is None:
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done."}
    return {"statusCode": 200, "type": CONTENT_TYPE, "value": render_adaptive_card(card)}


def _answer_problem(status: int, reason: str) -> web.Response:
    return web.json_response({"error": {"code": f"http_{status}", "message": reason}}, status=status)

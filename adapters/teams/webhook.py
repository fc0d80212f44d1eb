"""Teams' one door: messages, buttons and changes of the roster, each stored before it is acknowledged."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from adapters.shared.rejection import Refusal
from adapters.shared.reply_lanes import ReplyLanes
from adapters.shared.request_body import read_body
from adapters.teams import activity
from adapters.teams.activity import Sent
from adapters.teams.identity import Json, Malformed
from adapters.teams.membership import Lifecycle
from adapters.teams.private_reply import Shower, answer
from adapters.teams.render import CONTENT_TYPE, adaptive
from adapters.teams.roster import People
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.verify import Gate
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

log = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds that storing may take. Teams gives up on a button after a few, and delivers a message again after 15."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the door needs; `replies` are the cards still to be shown, to be awaited at shutdown."""

    inbox: Inbox
    gate: Gate
    people: People
    services: ServiceUrls
    shower: Shower
    lifecycle: Lifecycle
    now: Now
    replies: ReplyLanes = field(default_factory=ReplyLanes)

    async def admitted(self, request: web.Request) -> Sent:
        """The activity, if it is from Teams and for us. Raises Refusal."""
        claims = await self.gate.claims(request.headers.get("Authorization", ""))
        raw, received = await read_body(request), self.now()
        try:
            sent = activity.sent(raw, received)
        except Malformed as error:
            raise Refusal(400, str(error)) from None
        await self.gate.admit(claims, sent)
        await self.services.learn(sent.tenant, sent.service_url)
        return sent

    async def take(self, sent: Sent) -> tuple[Event | None, Card | None]:
        """The last event of it, all handed to the inbox, and what to show.

        Raises Malformed, StoreUnavailable, TakenElsewhere.
        """
        event: Event | None = None
        card: Card | None = None
        for event in await self.lifecycle.events(sent):
            card = await self._in_time(event, sent)
        return event, card

    async def show(self, card: Card, event: Answered | Commented | Commanded, sent: Sent) -> None:
        """Where the act was not a button that shows its answer by itself."""
        await self.shower.show(card, event, sent)
        await self.inbox.shown(event)

    async def drain(self, seconds: float) -> None:
        """Wait for the cards still being shown."""
        await self.replies.drain(seconds)

    async def _in_time(self, event: Event, sent: Sent) -> Card | None:
        acted = isinstance(event, Answered | Commented | Commanded)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.inbox.take(await self._known(event, sent))
        except TimeoutError:
            if not acted:
                raise StoreUnavailable("too slow") from None
            return reply.report_unconfirmed()
        except PlatformError as error:
            log.warning("the roster did not tell who acted: %s", error.reason)
            if not acted:
                raise StoreUnavailable("roster") from None
            return reply.report_unknown_company()

    async def _known(self, event: Event, sent: Sent) -> Event:
        """The event by somebody whose company the roster tells."""
        if isinstance(event, Deleted | Joined | Left | Changed | Moved | Echoed):
            return event
        return replace(event, by=await self.people.author(sent))


def routes(door: Door) -> list[web.RouteDef]:
    """`POST /api/messages`, the Bot Framework's convention."""

    async def messages(request: web.Request) -> web.Response:
        try:
            with door.replies.rush:
                return await _answered(await door.admitted(request), door)
        except Refusal as refusal:
            log.info("refused: %s", refusal.reason)
            return _problem(refusal.status, refusal.reason)
        except Malformed as error:
            return _problem(400, str(error))
        except StoreUnavailable:
            return _problem(503, "not stored; please send it again")
        except TakenElsewhere:
            return _problem(503, "another process is answering it; please send it again")

    return [web.post("/api/messages", messages)]


async def _answered(sent: Sent, door: Door) -> web.Response:
    event, card = await door.take(sent)
    if sent.type == "invoke":
        return web.json_response(_invoke_answer(answer(card, event) if card and event else None))
    if card and isinstance(event, Answered | Commented | Commanded):
        show = partial(door.show, card, event, sent)
        door.replies.start(sent.tenant, isinstance(event, Commanded), show)
    return web.Response()


def _invoke_answer(card: Card | None) -> Json:
    """https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model#response-format"""
    if card is None:
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done."}
    return {"statusCode": 200, "type": CONTENT_TYPE, "value": adaptive(card)}


def _problem(status: int, reason: str) -> web.Response:
    return web.json_response({"error": {"code": f"http_{status}", "message": reason}}, status=status)

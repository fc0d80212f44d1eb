"""Receive Slack's events, clicks, forms and slash commands, and store each before acknowledging it.

Bolt's `process_before_response` makes the answer wait for the listener. Bolt's default acknowledges an event before
handling it, so an event that cannot be stored would be lost. `PATIENCE` bounds the work before the answer; slower work
(showing a card) follows after it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from adapters.shared.rejection import Refusal
from adapters.shared.reply_lanes import ReplyLanes
from adapters.shared.request_body import read_body
from adapters.slack import parse
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import MalformedPayload, Payload
from adapters.slack.private_reply import (
    RETRY_WAIT,
    ReplyTarget,
    SlackReplies,
    find_reply_target,
    render_ephemeral,
    wrap_form,
)
from adapters.slack.render import has_chart, render_modal
from adapters.slack.verify import is_ssl_check, parse_body, verify_signature
from bot.model.cards import Card, to_plain_text
from bot.model.events import Answered, Commanded, Commented, Event, Left
from bot.ports import Inbox, Now, StoreUnavailable, TakenElsewhere
from bot.wording import confirmations as wording
from bot.wording.home import put_on_top
from bot.wording.question import conceal_answers

log = logging.getLogger(__name__)
_silent = logging.getLogger(f"{__name__}.bolt")
_silent.setLevel(logging.CRITICAL + 1)  # Bolt logs bodies, of rejected requests too

PATIENCE = 2.5
"""Seconds that storing may take. Slack waits for 3."""

REPLY_TIME = 60.0
"""Seconds within which a card is shown, or given up."""

UNSAVED = (wording.report_unconfirmed(), wording.report_not_saved())
"""Answers that keep a dialog open, so that the person's words are not lost."""

NOT_STORED = BoltResponse(status=503, body="not stored; please press again")
"""Makes Slack mark the button as failed, so that nobody believes it was saved if the card does not arrive."""


@dataclass(frozen=True, slots=True)
class SlackReceiver:
    """Hold what receiving needs. `replies` are the cards still to be shown; drain them at shutdown."""

    inbox: Inbox
    shower: SlackReplies
    people: SlackDirectory
    signing_secret: str
    now: Now
    end_installation: Callable[[str, datetime], Awaitable[object]]
    """Called with a workspace that removed the bot, and the time."""
    judge_leaving: Callable[[Left], Awaitable[Event]]
    """Returns what it means that one of the bot's copies left a channel."""
    note_received: Callable[[str], None] = lambda _: None
    """Called with the subscription of each payload."""
    replies: ReplyLanes = field(default_factory=ReplyLanes)

    async def take_payload(self, sent: Payload, received: datetime) -> tuple[Event | None, Card | None]:
        """Hand the payload's event to the inbox. Returns the event and the card to show.

        Raises MalformedPayload, StoreUnavailable, TakenElsewhere.
        """
        await self._end_installation(sent)
        await self.people.organisations.learn_payload(sent)
        self.note_received(parse.name_subscription(sent))
        event = parse.parse_payload(sent, received)
        if event is None:
            return None, None
        try:
            async with asyncio.timeout(PATIENCE):
                event = await self.people.resolve_actor(event, str(sent.get("api_app_id")))
                if isinstance(event, Left) and event.who is None:
                    event = await self.judge_leaving(event)
                card = await self.inbox.take(event) if event else None
        except TimeoutError:
            if not isinstance(event, Answered | Commented | Commanded):
                raise StoreUnavailable("too slow") from None
            card = wording.report_unconfirmed()
        if isinstance(event, Answered | Commented):
            await self.people.organisations.merge_again(event.by)
        return event, card

    async def _end_installation(self, sent: Payload) -> None:
        """Delete the token of an installation that ended, before acknowledging the event."""
        ended = parse.parse_uninstall(sent)
        if ended:
            await self.end_installation(*ended)

    async def show_card(self, card: Card, event: Event, to: ReplyTarget, until: float) -> None:
        """Show the card privately. On an App Home, show it above the page's current content.

        While Slack takes nothing, hand the answer to a command to the inbox, which sends it as soon as possible.
        Anything else is tried again until the event loop's time `until`. Only what was shown or handed over counts as
        answered.
        """
        page = card
        if to.at_home and isinstance(event, Answered):
            opened = Commanded(by=event.by, at=event.at, channel=None, text="home")
            found = await self.inbox.take(opened)
            page = put_on_top(card, found) if found else card
        wait = await self.shower.show(page, to)
        if wait is not None and not await self._is_kept(card, event, to):
            again = max(wait, RETRY_WAIT)
            if asyncio.get_running_loop().time() + again > until:
                log.warning("a card was not shown within %d seconds", REPLY_TIME)
                return
            self.start_showing(card, event, to, again, until)
            return
        await self.inbox.shown(event)

    async def _is_kept(self, card: Card, event: Event, to: ReplyTarget) -> bool:
        if to.at_home or not isinstance(event, Commanded):
            return False
        return await self.inbox.keep_reply(event, conceal_answers(wrap_form(card, to)))

    def start_showing(
        self, card: Card, event: Event, to: ReplyTarget, seconds: float = 0.0, until: float | None = None
    ) -> None:
        """Queue the card to be shown after the acknowledgement, replies to commands first. `until`: see `show_card`."""
        ends_at = until or asyncio.get_running_loop().time() + REPLY_TIME
        show = partial(self.show_card, card, event, to, ends_at)
        self.replies.start(to.workspace, isinstance(event, Commanded), show, seconds)


def routes(door: SlackReceiver) -> list[web.RouteDef]:
    """Return the route `POST /slack/events`, which verifies every request first."""
    app = build_bolt_app(door)

    async def receive_payload(request: web.Request) -> web.Response:
        try:
            raw = await read_body(request)
            if is_ssl_check(raw):
                return web.Response()
            received = verify_signature(request.headers, raw, door.signing_secret, door.now())
            sent = parse_body(raw, request.content_type)
        except Refusal as refusal:
            log.info("refused: %s", refusal.reason)
            return web.json_response({"error": refusal.reason}, status=refusal.status)
        with door.replies.rush:
            return await respond_to_payload(app, sent, received) if sent else web.Response()

    return [web.post("/slack/events", receive_payload)]


async def respond_to_payload(app: AsyncApp, sent: Payload, received: datetime) -> web.Response:
    answer = await dispatch_payload(app, sent, received)
    return web.Response(
        status=answer.status,
        text=answer.body,
        content_type="application/json" if answer.body.startswith("{") else "text/plain",
    )


async def dispatch_payload(app: AsyncApp, sent: Payload, received: datetime) -> BoltResponse:
    """Pass a verified payload to the listener through Bolt's middleware (which calls this socket mode)."""
    try:
        asked = AsyncBoltRequest(body=sent, mode="socket_mode", context={"received": received})
    except (AttributeError, IndexError, KeyError, TypeError):
        return BoltResponse(status=400, body='{"error": "not a request that Slack makes"}')
    return await app.async_dispatch(asked)


def build_bolt_app(door: SlackReceiver) -> AsyncApp:
    """Build a Bolt app with one listener for each kind of request, for HTTP and for Socket Mode."""
    app = AsyncApp(
        logger=_silent,
        name=_silent.name,
        process_before_response=True,
        authorize=_authorize_without_token,
        request_verification_enabled=False,  # verify_signature did
        ignoring_self_events_enabled=False,  # parse does, for other bots as well
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def handle_action(ack: AsyncAck, body: Payload, received: datetime) -> None:
        sent = door.people.organisations.complete_payload(body)
        event, card = await door.take_payload(sent, received)
        ack.response = (
            NOT_STORED if card in UNSAVED and "actions" in body else BoltResponse(status=200, body="")
        )
        if event and card:
            door.start_showing(card, event, find_reply_target(sent, event))

    async def handle_form(ack: AsyncAck, body: Payload, received: datetime) -> None:
        _, card = await door.take_payload(door.people.organisations.complete_payload(body), received)
        if card in UNSAVED:
            await ack(response_action="errors", errors={"text": to_plain_text(card)})
        else:
            await (ack(response_action="update", view=render_modal(card)) if card else ack())

    async def handle_command(ack: AsyncAck, body: Payload, received: datetime) -> None:
        event, card = await door.take_payload(body, received)
        if event and card and (card.is_form or has_chart(card)):
            door.start_showing(card, event, find_reply_target(body, event))
            await ack()
        else:
            await (ack(render_ephemeral(card)) if card else ack())

    app.action(re.compile(""))(handle_action)
    app.event(re.compile(""))(handle_action)
    app.view(re.compile(""))(handle_form)
    app.command(re.compile(""))(handle_command)
    app.error(_handle_error)
    return app


async def _authorize_without_token() -> AuthorizeResult:
    """Authorise without a call to Slack: only showing a card needs a token, and `SlackApi` finds it."""
    return AuthorizeResult(enterprise_id=None, team_id=None)


async def _handle_error(error: Exception) -> BoltResponse:
    match error:
        case MalformedPayload():
            return BoltResponse(status=400, body="malformed")
        case StoreUnavailable():
            return BoltResponse(status=503, body="not stored; please send it again")
        case TakenElsewhere():
            return BoltResponse(status=503, body="another process is answering it; please send it again")
    log.error("request failed", exc_info=error)
    return BoltResponse(status=500, body="")

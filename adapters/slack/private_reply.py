"""Show a card to the person who acted, by the most private call that their action allows."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack.api import SlackApi
from adapters.slack.identity import Payload, find_workspace
from adapters.slack.render import QUIET, list_renderings, render_app_home, render_message, render_modal
from bot.model.cards import Card, Choice, Choices, RunCommand
from bot.model.events import Answered, Commanded, Event
from bot.ports import PlatformError
from bot.wording.question import conceal_answers

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)

RETRY_WAIT = 1.0
"""Seconds before another attempt, if Slack does not say how many."""


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The places at which a person can be answered. A field is empty if their action does not offer it."""

    workspace: str
    user: str
    channel: str = ""
    thread: str = ""
    is_private: bool = False
    """True if the channel is their direct messages with the bot."""
    url: str = ""
    """https://docs.slack.dev/interactivity/handling-user-interaction: five uses within 30 minutes."""
    replaces: bool = False
    """True if they acted on a message that only they see: the reply replaces it."""
    trigger: str = ""
    """Id that opens a dialog, valid for 3 seconds."""
    modal: str = ""
    in_view: bool = False
    at_home: bool = False
    """True if they acted on their App Home."""
    command: str = ""
    """Text of their command. A button that repeats it allows to open a dialog once more."""


@dataclass(frozen=True, slots=True)
class SlackReplies:
    """Show cards by the first call that works: a guest may be unreachable, a `response_url` used up."""

    api: SlackApi

    async def show(self, card: Card, to: ReplyTarget) -> float | None:
        """Show the card. Returns the seconds after which Slack takes it, if it takes nothing now; else None.

        Never raises. None too if the card may have been shown, or if every way was refused for good.
        """
        waits: list[float] = []
        for method, arguments in list_reply_calls(card, to):
            try:
                if method == "respond":
                    await self.api.post_response(to.url, arguments)
                else:
                    await self.api.call(to.workspace, method, arguments)
                return None
            except PlatformError as error:
                log.warning("a card was not shown by %s: %s", method, error.reason)
                if error.kind == "unknown":
                    return None
                if error.kind in ("later", "not_yet"):
                    waits.append(error.retry_after or RETRY_WAIT)
        return min(waits, default=None)


def find_reply_target(sent: Payload, event: Event) -> ReplyTarget:
    """Return the places at which a payload's sender can be answered. Raises MalformedPayload."""
    inner = sent.get("event")
    place = inner if isinstance(inner, dict) else sent
    view, container = sent.get("view"), sent.get("container")
    view = view if isinstance(view, dict) else {}
    is_answer = isinstance(event, Answered)
    return ReplyTarget(
        workspace=find_workspace(sent),
        user=_read_id(place.get("user")) or _read_id(sent.get("user_id")),
        channel=_read_id(place.get("channel")) or _read_id(sent.get("channel_id")),
        thread=_read_id(place.get("thread_ts")) if place is inner else "",
        is_private=place.get("channel_type") == "im",
        url=_read_id(sent.get("response_url")),
        replaces=isinstance(container, dict) and container.get("is_ephemeral") is True,
        trigger=_read_id(sent.get("trigger_id")),
        modal=_read_id(view.get("id")) if view.get("type") == "modal" else "",
        in_view=bool(view),
        at_home=place.get("type") == "app_home_opened" or (is_answer and view.get("type") == "home"),
        command=event.text if isinstance(event, Commanded) else "",
    )


def list_reply_calls(card: Card, to: ReplyTarget) -> Iterator[tuple[str, Json]]:
    """Yield methods and arguments that show the card, the most private first. Pure."""
    if to.at_home and not card.is_form:
        yield "views.publish", {"user_id": to.user, "view": render_app_home(card)}
        return
    if to.modal and not card.is_form:
        yield "views.update", {"view_id": to.modal, "view": render_modal(card)}
    if to.trigger and (card.is_form or to.in_view):
        yield "views.open", {"trigger_id": to.trigger, "view": render_modal(card)}
    shown = wrap_form(card, to)
    direct = {"channel": to.channel if to.is_private else to.user, **QUIET}
    for fleeting, lasting in zip(
        list_renderings(shown), list_renderings(conceal_answers(shown)), strict=True
    ):
        thread = {"thread_ts": to.thread} if to.thread else {}
        ephemeral = {"channel": to.channel, "user": to.user, **thread, **fleeting}
        may_be_ephemeral = bool(to.channel) and not to.is_private
        if to.url:
            yield "respond", {"response_type": "ephemeral", "replace_original": to.replaces, **fleeting}
        elif may_be_ephemeral:
            yield "chat.postEphemeral", ephemeral
        yield "chat.postMessage", {**direct, **lasting}
        if to.url and may_be_ephemeral:
            # The address is used up, and their company may forbid direct messages from outside.
            yield "chat.postEphemeral", ephemeral


def render_ephemeral(card: Card) -> Json:
    """Render the direct answer to a slash command."""
    return {"response_type": "ephemeral", **render_message(card)}


def wrap_form(card: Card, to: ReplyTarget) -> Card:
    """Put a form behind a button, because Slack only opens a dialog after a click; return any other card as it is."""
    if not card.is_form:
        return card
    return Card(card.heading, (Choices((Choice("Open", RunCommand(to.command), "primary"),)),))


def _read_id(value: object) -> str:
    match value:
        case str(found) | {"id": str(found)}:
            return found
    return ""

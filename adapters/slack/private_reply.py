"""Shows a card to the one person who acted, by the most private way that their act leaves open."""

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

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where somebody who acted can be reached; empty is what their act does not offer."""

    workspace: str
    user: str
    channel: str = ""
    thread: str = ""
    is_private: bool = False
    """The channel is their direct message with the bot."""
    url: str = ""
    """https://docs.slack.dev/interactivity/handling-user-interaction: five uses within 30 minutes."""
    replaces: bool = False
    """The act was on a message only they see: the answer takes its place."""
    trigger: str = ""
    """Opens a dialog within 3 seconds."""
    modal: str = ""
    in_view: bool = False
    at_home: bool = False
    """The act was on their own page."""
    again: str = ""
    """The command that was given: a button that gives it once more brings another chance to open a dialog."""


@dataclass(frozen=True, slots=True)
class SlackReplies:
    """Each way may be closed (a guest is not reachable, an address is used up): then the next is tried."""

    api: SlackApi

    async def show(self, card: Card, to: ReplyTarget) -> None:
        """Never raises: what was done is stored, and only its confirmation may get lost."""
        for method, arguments in list_reply_calls(card, to):
            try:
                if method == "respond":
                    await self.api.post_response(to.url, arguments)
                else:
                    await self.api.call(to.workspace, method, arguments)
                return
            except PlatformError as error:
                log.warning("not shown by %s: %s", method, error.reason)
                if error.kind == "unknown":
                    return


def find_reply_target(sent: Payload, event: Event) -> ReplyTarget:
    """Where the sender of a payload can be reached. Raises Malformed."""
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
        again=event.text if isinstance(event, Commanded) else "",
    )


def list_reply_calls(card: Card, to: ReplyTarget) -> Iterator[tuple[str, Json]]:
    """Calls that would show the card, best first: pure."""
    if to.at_home and not card.is_form:
        yield "views.publish", {"user_id": to.user, "view": render_app_home(card)}
        return
    if to.modal and not card.is_form:
        yield "views.update", {"view_id": to.modal, "view": render_modal(card)}
        return
    if to.trigger and (card.is_form or to.in_view):
        yield "views.open", {"trigger_id": to.trigger, "view": render_modal(card)}
    for shown in list_renderings(_wrap_form(card, to.again) if card.is_form else card):
        yield from _list_message_calls(shown, to)


def _list_message_calls(shown: Json, to: ReplyTarget) -> Iterator[tuple[str, Json]]:
    direct = {"channel": to.channel if to.is_private else to.user, **QUIET, **shown}
    if to.url:
        yield "respond", {"response_type": "ephemeral", "replace_original": to.replaces, **shown}
    elif to.channel and not to.is_private:
        thread = {"thread_ts": to.thread} if to.thread else {}
        yield "chat.postEphemeral", {"channel": to.channel, "user": to.user, **thread, **shown}
    yield "chat.postMessage", direct


def render_ephemeral(card: Card) -> Json:
    """What a slash command is answered with."""
    return {"response_type": "ephemeral", **render_message(card)}


def _wrap_form(form: Card, command: str) -> Card:
    """Only a click lets Slack open a dialog: the form behind a button."""
    return Card(form.heading, (Choices((Choice("Open", RunCommand(command), "primary"),)),))


def _read_id(value: object) -> str:
    match value:
        case str(id) | {"id": str(id)}:
            return id
    return ""

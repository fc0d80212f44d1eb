"""Shows a card to the one person who acted, by the most private way that their act leaves open."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack.api import Api
from adapters.slack.identity import Payload, workspace
from adapters.slack.render import QUIET, home, message, messages, modal
from bot.model.cards import Card, Choice, Choices, RunCommand
from bot.model.events import Answered, Commanded, Event
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
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
class Shower:
    """Each way may be closed (a guest is not reachable, an address is used up): then the next is tried."""

    api: Api

    async def show(self, card: Card, to: Reply) -> None:
        """Never raises: what was done is stored, and only its confirmation may get lost."""
        for method, arguments in ways(card, to):
            try:
                if method == "respond":
                    await self.api.respond(to.url, arguments)
                else:
                    await self.api.call(to.workspace, method, arguments)
                return
            except PlatformError as error:
                log.warning("not shown by %s: %s", method, error.reason)
                if error.kind == "unknown":
                    return


def reply(sent: Payload, event: Event) -> Reply:
    """Where the sender of a payload can be reached. Raises Malformed."""
    inner = sent.get("event")
    place = inner if isinstance(inner, dict) else sent
    view, container = sent.get("view"), sent.get("container")
    view = view if isinstance(view, dict) else {}
    is_answer = isinstance(event, Answered)
    return Reply(
        workspace=workspace(sent),
        user=_id(place.get("user")) or _id(sent.get("user_id")),
        channel=_id(place.get("channel")) or _id(sent.get("channel_id")),
        thread=_id(place.get("thread_ts")) if place is inner else "",
        is_private=place.get("channel_type") == "im",
        url=_id(sent.get("response_url")),
        replaces=isinstance(container, dict) and container.get("is_ephemeral") is True,
        trigger=_id(sent.get("trigger_id")),
        modal=_id(view.get("id")) if view.get("type") == "modal" else "",
        in_view=bool(view),
        at_home=place.get("type") == "app_home_opened" or (is_answer and view.get("type") == "home"),
        again=event.text if isinstance(event, Commanded) else "",
    )


def ways(card: Card, to: Reply) -> Iterator[tuple[str, Json]]:
    """Calls that would show the card, best first: pure."""
    if to.at_home and not card.is_form:
        yield "views.publish", {"user_id": to.user, "view": home(card)}
        return
    if to.modal and not card.is_form:
        yield "views.update", {"view_id": to.modal, "view": modal(card)}
        return
    if to.trigger and (card.is_form or to.in_view):
        yield "views.open", {"trigger_id": to.trigger, "view": modal(card)}
    for shown in messages(_openable(card, to.again) if card.is_form else card):
        yield from _private(shown, to)


def _private(shown: Json, to: Reply) -> Iterator[tuple[str, Json]]:
    direct = {"channel": to.channel if to.is_private else to.user, **QUIET, **shown}
    if to.url:
        yield "respond", {"response_type": "ephemeral", "replace_original": to.replaces, **shown}
    elif to.channel and not to.is_private:
        thread = {"thread_ts": to.thread} if to.thread else {}
        yield "chat.postEphemeral", {"channel": to.channel, "user": to.user, **thread, **shown}
    yield "chat.postMessage", direct


def ephemeral(card: Card) -> Json:
    """What a slash command is answered with."""
    return {"response_type": "ephemeral", **message(card)}


def _openable(form: Card, command: str) -> Card:
    """Only a click lets Slack open a dialog: the form behind a button."""
    return Card(form.heading, (Choices((Choice("Open", RunCommand(command), "primary"),)),))


def _id(value: object) -> str:
    match value:
        case str(id) | {"id": str(id)}:
            return id
    return ""

"""Shows a card to the one person who acted, by the most private way that their act leaves open."""

import logging
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack.actor import Payload, workspace
from adapters.slack.api import Api
from adapters.slack.render import message, modal
from bot.cards import Card, Choice, Choices, RunCommand
from bot.events import Commanded, Event
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shower:
    """Each way may be closed (a guest is not reachable, an address is used up): then the next is tried."""

    api: Api

    async def show(self, card: Card, event: Event, sent: Payload) -> None:
        """Never raises: what was done is stored, and only its confirmation may get lost."""
        for way in ways(card, event, sent):
            try:
                await self._take(way, workspace(sent))
                return
            except PlatformError as error:
                log.warning("not shown by %s: %s", way[0], error.reason)
                if error.kind == "unknown":
                    return

    async def _take(self, way: tuple[str, Json], workspace: str) -> None:
        method, arguments = way
        if method == "respond":
            await self.api.respond(arguments["url"], arguments["message"])
        else:
            await self.api.call(workspace, method, arguments)


def ways(card: Card, event: Event, sent: Payload) -> list[tuple[str, Json]]:
    """Calls that would show the card, best first: pure."""
    match sent:
        case {"trigger_id": str(trigger), "view": {"type": "modal", "id": str(view)}} if not card.is_form:
            return [("views.update", {"view_id": view, "view": modal(card)})]
        case {"trigger_id": str(trigger)} if card.is_form or "view" in sent:
            opened = ("views.open", {"trigger_id": trigger, "view": modal(card)})
            return [opened, *_messages(as_message(card, event), sent)]
    return _messages(as_message(card, event), sent)


def ephemeral(card: Card) -> Json:
    """What a slash command or a response_url is answered with."""
    return {"response_type": "ephemeral", **message(card)}


def as_message(card: Card, event: Event) -> Card:
    """A form needs a click to open; where there was none, a button that gives the same command brings one."""
    if not card.is_form or not isinstance(event, Commanded):
        return card
    return Card(card.heading, (Choices((Choice("Open", RunCommand(event.text), "primary"),)),))


def _messages(card: Card, sent: Payload) -> list[tuple[str, Json]]:
    user, channel, shown = _user(sent), _channel(sent), message(card)
    found: list[tuple[str, Json]] = []
    match sent:
        case {"response_url": str(url)} if url:
            replaces = (sent.get("container") or {}).get("is_ephemeral") is True
            answer = {**ephemeral(card), "replace_original": replaces}
            found.append(("respond", {"url": url, "message": answer}))
        case {"event": {"channel_type": "im"}}:
            found.append(("chat.postMessage", {"channel": channel, **shown}))
        case _ if channel:
            found.append(("chat.postEphemeral", {"channel": channel, "user": user, **_thread(sent), **shown}))
    return [*found, ("chat.postMessage", {"channel": user, **shown})]


def _user(sent: Payload) -> str:
    match sent:
        case {"user": {"id": str(user)}} | {"event": {"user": str(user)}} | {"user_id": str(user)}:
            return user
    return ""


def _channel(sent: Payload) -> str:
    match sent:
        case {"event": {"channel": str(id)}} | {"channel": {"id": str(id)}} | {"channel_id": str(id)}:
            return id
    return ""


def _thread(sent: Payload) -> Json:
    match sent:
        case {"event": {"thread_ts": str(thread)}}:
            return {"thread_ts": thread}
    return {}

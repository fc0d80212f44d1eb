"""Post, update and find cards in Slack, and list a channel's members."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, TypeAlias, TypeVar

from adapters.slack.api import SlackApi
from adapters.slack.delivery_marker import add_marker, read_marker
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import NAME
from adapters.slack.render import QUIET, list_renderings
from bot.model.alliance import Channel, Member, MessageRef, Place
from bot.model.cards import Card
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")

_MAX_PAGES = 20
"""Pages of history to search before giving up."""
_UNDRAWABLE = {"invalid_blocks", "invalid_blocks_format"}
_DEAD_TOKEN = {"account_inactive", "invalid_auth", "token_revoked"}
_UNREACHABLE = {
    "not_installed",
    "channel_not_found",
    "not_in_channel",
    "user_not_found",
    "user_not_visible",
} | _DEAD_TOKEN
"""Refusals of workspaces that cannot reach a place. Nothing was posted from there."""


async def _list_own_workspaces(place: Place) -> tuple[str, ...]:
    return (*place.home, place.workspace) if isinstance(place, Member) else (place.workspace,)


@dataclass(frozen=True, slots=True)
class SlackPlatform:
    """`bot.ports.ChatPlatform` for every workspace that installed the bot.

    A channel's declared workspace posts in it; another one only if that copy is not there any more. A person is written
    to through the first workspace of `list_workspaces` that reaches them, their own company's first.
    """

    api: SlackApi
    people: SlackDirectory
    list_workspaces: Callable[[Place], Awaitable[tuple[str, ...]]] = _list_own_workspaces
    name: str = NAME

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        return await self._try_workspaces(
            place, lambda workspace: self._post_card(workspace, place, card, delivery_id)
        )

    async def update(self, place: Place, ref: MessageRef, card: Card) -> None:
        this = {"channel": ref.address, "ts": ref.id}
        await self._try_workspaces(place, lambda workspace: self._update_card(workspace, card, this))

    async def members(self, channel: Channel) -> tuple[Member, ...]:
        async def list_through(workspace: str) -> tuple[Member, ...]:
            ids = [user async for user in self._list_user_ids(workspace, channel)]
            found = await asyncio.gather(*(self.people.find_member(workspace, user) for user in ids))
            return tuple(member for member in found if member)

        return await self._try_workspaces(channel, list_through)

    async def find(self, place: Place, delivery_id: str, since: datetime) -> MessageRef | None:
        """Search through every workspace, because it is not known which one posted the message."""
        searched = False
        async for workspace in self._list_workspaces(place):
            try:
                found = await self._find_message(workspace, place, delivery_id, since)
            except PlatformError as error:
                if error.reason not in _UNREACHABLE:
                    raise
                continue
            if found or isinstance(place, Channel):
                return found  # every copy sees the whole of a channel
            searched = True
        if not searched:
            raise PlatformError("refused", "nowhere_to_look")
        return None

    async def _list_workspaces(self, place: Place) -> AsyncIterator[str]:
        """Yield the workspaces to try. Others than a channel's own are looked up only if that one refuses."""
        own = place.workspace if isinstance(place, Channel) else ""
        if own:
            yield own
        for workspace in dict.fromkeys(filter(None, await self.list_workspaces(place))):
            if workspace != own:
                yield workspace

    async def _try_workspaces(self, place: Place, call: Callable[[str], Awaitable[T]]) -> T:
        """Call with the next workspace only after a refusal, so that nothing is done twice. Raises PlatformError."""
        refusal = PlatformError("refused", "not_installed")
        async for workspace in self._list_workspaces(place):
            try:
                return await call(workspace)
            except PlatformError as error:
                refusal = _pick_refusal(error, refusal)
                if isinstance(place, Channel) and error.reason not in _UNREACHABLE:
                    break
        raise refusal

    async def _post_card(self, workspace: str, place: Place, card: Card, delivery_id: str) -> MessageRef:
        await self.api.limiter.wait_for_turn(workspace, "chat.postMessage", _get_address(place))
        new = {"channel": _get_address(place), **QUIET}
        answer = await self._send_card(
            workspace, "chat.postMessage", card, lambda shown: new | add_marker(shown, delivery_id)
        )
        match answer:
            case {"channel": str(channel), "ts": str(message_id)}:
                return MessageRef(channel, message_id)
        raise PlatformError("unknown", "no_valid_answer")

    async def _update_card(self, workspace: str, card: Card, this: Json) -> None:
        await self.api.limiter.wait_for_turn(workspace, "chat.update")
        await self._send_card(workspace, "chat.update", card, lambda shown: this | shown)

    async def _send_card(
        self, workspace: str, method: str, card: Card, complete: Callable[[Json], Json]
    ) -> Json:
        """Send with charts, and again without if Slack refuses them (then nothing was posted)."""
        *drawn, plain = list_renderings(card)
        for shown in drawn:
            try:
                return await self.api.call(workspace, method, complete(shown))
            except PlatformError as error:
                if error.kind != "refused" or error.reason not in _UNDRAWABLE:
                    raise
        return await self.api.call(workspace, method, complete(plain))

    async def _find_message(
        self, workspace: str, place: Place, delivery_id: str, since: datetime
    ) -> MessageRef | None:
        address = await self._open_conversation(workspace, place)
        arguments: Json = {
            "channel": address,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 100,
        }
        for number in range(_MAX_PAGES):
            await self._wait_for_page(workspace, "conversations.history", number)
            page = await self.api.call(workspace, "conversations.history", arguments)
            for message in _read_list(page, "messages"):
                if read_marker(message) == delivery_id:
                    return MessageRef(address, message["ts"])
            arguments["cursor"] = _read_cursor(page)
            if not arguments["cursor"]:
                return None
        raise PlatformError("unknown", "history_too_long")

    async def _open_conversation(self, workspace: str, place: Place) -> str:
        """Return the channel's id; for a person, that of their direct messages (needs the scope im:write)."""
        if isinstance(place, Channel):
            return place.address
        match await self.api.call(workspace, "conversations.open", {"users": place.id}):
            case {"channel": {"id": str(address)}}:
                return address
        raise PlatformError("unknown", "no_valid_answer")

    async def _list_user_ids(self, workspace: str, channel: Channel) -> AsyncIterator[str]:
        arguments = {"channel": channel.address, "limit": 200, "cursor": ""}
        for number in count():
            await self._wait_for_page(workspace, "conversations.members", number)
            page = await self.api.call(workspace, "conversations.members", arguments)
            for user in _read_list(page, "members"):
                yield user
            arguments["cursor"] = _read_cursor(page)
            if not arguments["cursor"]:
                return

    async def _wait_for_page(self, workspace: str, method: str, number: int) -> None:
        """Wait for a page's turn. A first page that would wait raises instead: it must not delay the calling tick."""
        await self.api.limiter.wait_for_turn(workspace, method, patience=None if number else 0.0)


def _pick_refusal(error: PlatformError, before: PlatformError) -> PlatformError:
    """Return the more telling of two refusals. Raises `error` if it is not a refusal."""
    if error.kind != "refused":
        raise error
    return before if error.reason == "not_installed" else error


def _get_address(place: Place) -> str:
    return place.address if isinstance(place, Channel) else place.id


def _read_list(page: Json, name: str) -> list[Any]:
    """Return the list on a page. Raises PlatformError if it is missing, which does not mean empty."""
    found = page.get(name)
    if not isinstance(found, list):
        raise PlatformError("unknown", "no_valid_answer")
    return found


def _read_cursor(page: Json) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")

"""Remember the channels of each team and which of their messages reach the bot.

Teams adds and removes an app for a whole team, and a deleted team no longer lists its channels.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.ports import StoreUnavailable

MessageScope: TypeAlias = Literal["all", "mentions"]
_TIMES = 3
"""Attempts to store a list at most."""


@dataclass(slots=True)
class TeamChannels:
    """Cache channels; `load` and `keep` read and write values that all processes share."""

    load: Callable[[str], Awaitable[str | None]]
    keep: Callable[[str, str], Awaitable[None]]
    teams: dict[tuple[str, str], str] = field(default_factory=dict)
    """(tenant, channel) → team."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    """(tenant, channel) of those whose messages are known to arrive in full."""
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def learn_channels(self, tenant: str, team: str, channels: Sequence[str]) -> None:
        """Remember channels of a team; if they cannot be stored, they are learned again with the next activity."""
        new = [channel for channel in channels if self.teams.get((tenant, channel)) != team]
        if not new:
            return
        try:
            async with self.one_at_a_time:
                await self._save_channels(tenant, team, channels)
            for channel in new:
                await self.keep(f"team.{tenant}.{channel}", team)
                self.teams[tenant, channel] = team
        except StoreUnavailable:
            return

    async def _save_channels(self, tenant: str, team: str, channels: Sequence[str]) -> None:
        """Store the channels and read them back, because another process may overwrite the list meanwhile."""
        for _ in range(_TIMES):
            known = await self.list_channels(tenant, team)
            if set(channels) <= set(known):
                return
            await self.keep(f"channels.{tenant}.{team}", json.dumps(sorted({*known, *channels})))

    async def list_channels(self, tenant: str, team: str) -> tuple[str, ...]:
        """Return the channels of the team that were seen. Raises StoreUnavailable."""
        kept = await self.load(f"channels.{tenant}.{team}")
        return tuple(json.loads(kept)) if kept else ()

    async def find_team(self, tenant: str, channel: str) -> str | None:
        """Return the team of a channel; None if it was never seen. Raises StoreUnavailable."""
        return self.teams.get((tenant, channel)) or await self.load(f"team.{tenant}.{channel}")

    async def find_message_scope(self, tenant: str, channel: str) -> MessageScope | None:
        """Return the stored scope; None if none is stored. Raises StoreUnavailable."""
        match await self.load(f"hears.{tenant}.{channel}"):
            case "all" | "mentions" as scope:
                return scope
        return None

    async def save_message_scope(self, tenant: str, channel: str, scope: MessageScope) -> None:
        """Remember which messages of a channel reach the bot. Raises StoreUnavailable."""
        await self.keep(f"hears.{tenant}.{channel}", scope)
        if scope == "mentions":
            self.heard.discard((tenant, channel))

    async def correct_message_scope(self, tenant: str, channel: str) -> bool:
        """Store the scope `all` after a message that mentions nobody; True if `mentions` was stored before.

        Raises StoreUnavailable.
        """
        if (tenant, channel) in self.heard:
            return False
        before = await self.find_message_scope(tenant, channel)
        if before != "all":
            await self.save_message_scope(tenant, channel, "all")
        self.heard.add((tenant, channel))
        return before == "mentions"

"""Which channels a team has, and which of their messages reach the bot: remembered, since Teams does not always say.

An app is added to a team and taken from a team, and a deleted team no longer tells its channels.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.ports import StoreUnavailable

Hears: TypeAlias = Literal["all", "mentions"]
_TIMES = 3
"""How often a list is written at most."""


@dataclass(slots=True)
class Rooms:
    """`load` and `keep` are a small memory that all processes share."""

    load: Callable[[str], Awaitable[str | None]]
    keep: Callable[[str, str], Awaitable[None]]
    teams: dict[tuple[str, str], str] = field(default_factory=dict)
    """Team by tenant and channel."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    """Channels of which all messages are known to come."""
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def learn(self, tenant: str, team: str, channels: Sequence[str]) -> None:
        """These are channels of that team. A full store is no reason to refuse what told so."""
        new = [one for one in channels if self.teams.get((tenant, one)) != team]
        if not new:
            return
        try:
            async with self.one_at_a_time:
                await self._listed(tenant, team, channels)
            for one in new:
                await self.keep(f"team.{tenant}.{one}", team)
                self.teams[tenant, one] = team
        except StoreUnavailable:
            return

    async def _listed(self, tenant: str, team: str, channels: Sequence[str]) -> None:
        """Once it is written it is read again: another process may have written what it knew in the meantime."""
        for _ in range(_TIMES):
            known = await self.channels(tenant, team)
            if set(channels) <= set(known):
                return
            await self.keep(f"channels.{tenant}.{team}", json.dumps(sorted({*known, *channels})))

    async def channels(self, tenant: str, team: str) -> tuple[str, ...]:
        """Those that were seen. Raises StoreUnavailable."""
        kept = await self.load(f"channels.{tenant}.{team}")
        return tuple(json.loads(kept)) if kept else ()

    async def team(self, tenant: str, channel: str) -> str | None:
        """The team that a channel was seen in. Raises StoreUnavailable."""
        return self.teams.get((tenant, channel)) or await self.load(f"team.{tenant}.{channel}")

    async def hears(self, tenant: str, channel: str) -> Hears | None:
        """What was told or seen last. Raises StoreUnavailable."""
        match await self.load(f"hears.{tenant}.{channel}"):
            case "all" | "mentions" as told:
                return told
        return None

    async def told(self, tenant: str, channel: str, hears: Hears) -> None:
        """Remember which messages of a channel reach the bot. Raises StoreUnavailable."""
        await self.keep(f"hears.{tenant}.{channel}", hears)
        if hears == "mentions":
            self.heard.discard((tenant, channel))

    async def overheard(self, tenant: str, channel: str) -> bool:
        """A message came that mentions nobody: is that against what was told? Raises StoreUnavailable."""
        if (tenant, channel) in self.heard:
            return False
        before = await self.hears(tenant, channel)
        if before != "all":
            await self.told(tenant, channel, "all")
        self.heard.add((tenant, channel))
        return before == "mentions"

"""Remember the address of each tenant's Bot Connector, from the activities that arrive; else use the global one.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.teams.allowed_hosts import AllowedHosts
from bot.ports import StoreUnavailable

_FRESH = 300.0
"""Seconds for which an address is cached; after them, one that another process stored is found."""


@dataclass(slots=True)
class ServiceUrls:
    """Cache addresses; `load` and `keep` read and write values that all processes share."""

    hosts: AllowedHosts
    default: str
    load: Callable[[str], Awaitable[str | None]]
    keep: Callable[[str, str], Awaitable[None]]
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    known: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def learn_url(self, tenant: str, url: str) -> None:
        """Remember the service URL of an accepted activity; if it cannot be stored, the activity is still accepted."""
        url = url.rstrip("/")
        if not self.hosts.may_reach(url) or self.known.get(tenant, ("", 0.0))[0] == url:
            return
        self.known[tenant] = (url, self.clock())
        try:
            await self.keep(f"service_url.{tenant}", url)
        except StoreUnavailable:
            del self.known[tenant]

    async def find_url(self, tenant: str) -> str:
        """Return the tenant's service URL without a final slash. The caller must check its host."""
        found, looked_at = self.known.get(tenant, ("", -_FRESH))
        if not found or self.clock() - looked_at > _FRESH:
            found = await self._look_up(tenant) or found or self.default.rstrip("/")
            self.known[tenant] = (found, self.clock())
        return found

    async def _look_up(self, tenant: str) -> str | None:
        try:
            return await self.load(f"service_url.{tenant}")
        except StoreUnavailable:
            return None

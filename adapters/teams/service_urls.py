"""Where Teams' connector of a tenant is: learned from what arrives, else the address that serves all of them.

https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.teams.allowed_hosts import Hosts
from bot.ports import StoreUnavailable

_FRESH = 300.0
"""Seconds for which an address is not looked up again: a worker learns of another process' news by looking."""


@dataclass(slots=True)
class ServiceUrls:
    """`load` and `keep` are a small memory that all processes share."""

    hosts: Hosts
    default: str
    load: Callable[[str], Awaitable[str | None]]
    keep: Callable[[str, str], Awaitable[None]]
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    known: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def learn(self, tenant: str, url: str) -> None:
        """Remember where an admitted activity of that tenant came from. A full store is no reason to refuse it."""
        url = url.rstrip("/")
        if not self.hosts.allow(url) or self.known.get(tenant, ("", 0.0))[0] == url:
            return
        self.known[tenant] = (url, self.clock())
        try:
            await self.keep(f"service_url.{tenant}", url)
        except StoreUnavailable:
            del self.known[tenant]

    async def url(self, tenant: str) -> str:
        """Without a slash at its end; on the list of hosts as far as the caller has yet to check."""
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

"""Tell in which joint channels somebody is: what decides about people who write elsewhere, and about guests."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from adapters.teams.identity import Json
from bot.model.alliance import Channel
from bot.ports import PlatformError

_FRESH = 60.0
"""Seconds for which the list of a channel's members is cached. Whoever is not on it is looked up at once."""

JointChannels = Callable[[str], Awaitable[Sequence[Channel]]]
"""Tenant → the channels of all alliances that name it."""


@dataclass(frozen=True, slots=True)
class Account:
    """How the members of a channel are compared with somebody who writes from another conversation.

    A person at home in their own tenant has another object id than their guest account in the channel's tenant. Only
    their e-mail address is the same. It shows that they are in the channel, and never who they are.
    """

    object_id: str
    email: str = ""


def read_account(entry: Json) -> Account:
    """Return ids and address of an entry in a roster, in lower case."""
    email = entry.get("email")
    return Account(read_object_id(entry), email.lower() if isinstance(email, str) else "")


def read_object_id(entry: Json) -> str:
    return str(entry.get("aadObjectId") or entry.get("objectId")).lower()


@dataclass(frozen=True, slots=True)
class ChannelListings:
    """Cache the members of joint channels, in memory alone.

    `list_entries` reads a channel's whole roster, `is_member` looks one person up; both raise PlatformError.
    """

    list_joint: JointChannels
    list_entries: Callable[[str, str], Awaitable[Sequence[Json]]]
    is_member: Callable[[str, str, str], Awaitable[bool]]
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    listed: dict[Channel, tuple[frozenset[str], float]] = field(default_factory=dict)
    """Object ids and addresses of the members, and when they were read."""

    async def find_rooms(self, tenant: str, who: Account, here: str = "") -> tuple[str, ...] | None:
        """Return the addresses of the joint channels that list this account of a tenant.

        None if there is no joint channel, or one that may list the account could not be read. `here`: the channel in
        which the person acts. Raises StoreUnavailable.
        """
        found, unread = [], False
        channels = await self.list_joint(tenant)
        for channel in channels:
            try:
                if channel.address == here or await self._is_listed(channel, tenant, who):
                    found.append(channel.address)
            except PlatformError:
                unread = True
        return None if not channels or (unread and not found) else tuple(found)

    async def _is_listed(self, channel: Channel, tenant: str, who: Account) -> bool:
        people = await self._list_people(channel)
        if who.object_id in people:
            return True
        if channel.workspace != tenant:
            return bool(who.email) and who.email in people
        return await self.is_member(channel.workspace, channel.address, who.object_id)

    async def _list_people(self, channel: Channel) -> frozenset[str]:
        people, read_at = self.listed.get(channel, (frozenset(), -_FRESH))
        if self.clock() - read_at < _FRESH:
            return people
        entries = [
            read_account(entry) for entry in await self.list_entries(channel.workspace, channel.address)
        ]
        people = frozenset(word for account in entries for word in (account.object_id, account.email) if word)
        self.listed[channel] = (people, self.clock())
        return people

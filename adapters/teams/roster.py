"""Look people up in the roster of a conversation, which alone decides a member's home company."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from adapters.shared.lru import remember_recent
from adapters.teams.activity import ReceivedActivity
from adapters.teams.connector import Connector
from adapters.teams.identity import NAME, Json, member_id, object_id, parse_member, without_thread
from adapters.teams.listings import Account, ChannelListings, JointChannels, read_account, read_object_id
from bot.model.alliance import Channel, Member
from bot.ports import PlatformError

_KEPT = 20_000
"""People in the cache; the least recently seen is dropped first."""
_PAGES = 200


async def list_no_channels(_tenant: str) -> Sequence[Channel]:
    """Return no joint channels: then nobody is told to be in one, or in none."""
    return ()


@dataclass(frozen=True, slots=True)
class TeamsRoster:
    """Cache members; the first unknown author in a conversation makes it read the whole roster once."""

    connector: Connector
    list_joint: JointChannels = list_no_channels
    known: "OrderedDict[tuple[str, str], tuple[Member, Account]]" = field(default_factory=OrderedDict)
    read: set[tuple[str, str]] = field(default_factory=set)
    listed: dict[Channel, tuple[frozenset[str], float]] = field(default_factory=dict)
    locks: defaultdict[tuple[str, str], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def find_author(self, activity: ReceivedActivity, everywhere: bool = False) -> Member:
        """Return the author with home company and joint channels; without a home if no roster lists them.

        `everywhere`: look for them in all joint channels, though they act in one. Raises PlatformError,
        StoreUnavailable.
        """
        key = (activity.tenant, activity.object_id)
        here = "" if activity.is_personal else without_thread(activity.conversation)
        if key not in self.known and not activity.is_personal:
            await self._read_once(activity.tenant, here)
        if key not in self.known:
            entry = await self._look_up(activity.tenant, activity.conversation, activity.author)
            member = parse_member(entry, activity.tenant)
            if member is None:  # not cached: the roster may list them later
                return Member(NAME, member_id(*key), workspace=activity.tenant)
            self._remember_member(key, member, entry)
        self.known.move_to_end(key)
        member, account = self.known[key]
        return replace(member, rooms=await self._find_rooms(activity.tenant, account, here, everywhere))

    async def find_member(self, who: Member, conversation: str) -> Member | None:
        """Return the member with home company; None if the roster does not list them. Raises PlatformError."""
        entry = await self._look_up(who.workspace, conversation, object_id(who))
        member = parse_member(entry, who.workspace)
        return member and replace(member, rooms=(without_thread(conversation),))

    async def list_members(self, tenant: str, conversation: str) -> tuple[Member, ...]:
        """Return all members of the conversation except bots. Raises PlatformError."""
        found = []
        async for entry in self._list_entries(tenant, conversation):
            member = parse_member(entry, tenant)
            if member:
                found.append(replace(member, rooms=(conversation,)))
                self._remember_member((tenant, read_object_id(entry)), member, entry)
        return tuple(found)

    async def _find_rooms(
        self, tenant: str, account: Account, here: str, everywhere: bool
    ) -> tuple[str, ...] | None:
        joint = [channel.address for channel in await self.list_joint(tenant)]
        if here in joint and not everywhere:
            return (here,)
        listings = ChannelListings(self.list_joint, self._list_all, self._is_member, listed=self.listed)
        return await listings.find_rooms(tenant, account, here)

    async def _read_once(self, tenant: str, conversation: str) -> None:
        place = (tenant, conversation)
        async with self.locks[place]:
            if place in self.read:
                return
            try:
                await self.list_members(*place)
            except PlatformError as error:
                if error.kind != "refused":
                    raise
                return  # the bot has left, or may not read the list; look up only this person
            self.read.add(place)

    async def _look_up(self, tenant: str, conversation: str, user_id: str) -> Json:
        """Return the roster's entry of that id, Teams' own or Entra's; empty if it does not list them."""
        where = quote(without_thread(conversation), safe="")
        path = f"/v3/conversations/{where}/members/{quote(user_id, safe='')}"
        return await self.connector.send_request(tenant, "GET", path, may_lack=True)

    async def _is_member(self, tenant: str, conversation: str, user_id: str) -> bool:
        return parse_member(await self._look_up(tenant, conversation, user_id), tenant) is not None

    async def _list_all(self, tenant: str, conversation: str) -> Sequence[Json]:
        return [entry async for entry in self._list_entries(tenant, conversation)]

    async def _list_entries(self, tenant: str, conversation: str) -> AsyncIterator[Json]:
        """Yield the roster's entries page by page. Raises PlatformError.

        https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/get-teams-context
        """
        token = ""
        for _ in range(_PAGES):
            query = {"pageSize": 500} | ({"continuationToken": token} if token else {})
            path = f"/v3/conversations/{quote(conversation, safe='')}/pagedmembers?{urlencode(query)}"
            page = await self.connector.send_request(tenant, "GET", path)
            if not isinstance(page.get("members"), list):
                raise PlatformError("later", "no_valid_answer")  # an empty list would mean an empty channel
            for account in page["members"]:
                if isinstance(account, dict):
                    yield account
            token = str(page.get("continuationToken") or "")
            if not token:
                return
        raise PlatformError("refused", "roster_too_long")

    def _remember_member(self, key: tuple[str, str], member: Member, entry: Json) -> None:
        remember_recent(self.known, key, (member, read_account(entry)), _KEPT)

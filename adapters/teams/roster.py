"""Look people up in the roster of a conversation, which alone decides a member's home company."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from adapters.shared.lru import remember_recent
from adapters.teams.activity import ReceivedActivity
from adapters.teams.connector import Connector
from adapters.teams.identity import NAME, Json, member_id, object_id, parse_member, without_thread
from bot.model.alliance import Member
from bot.ports import PlatformError

_KEPT = 20_000
"""People in the cache; the least recently seen is dropped first."""
_PAGES = 200


@dataclass(frozen=True, slots=True)
class TeamsRoster:
    """Cache members; the first unknown author in a conversation makes it read the whole roster once."""

    connector: Connector
    known: "OrderedDict[tuple[str, str], Member]" = field(default_factory=OrderedDict)
    read: set[tuple[str, str]] = field(default_factory=set)
    locks: defaultdict[tuple[str, str], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def find_author(self, activity: ReceivedActivity) -> Member:
        """Return the author with home company; without one if no roster lists them. Raises PlatformError."""
        key = (activity.tenant, activity.object_id)
        if key not in self.known and not activity.is_personal:
            await self._read_once(activity.tenant, without_thread(activity.conversation))
        if key not in self.known:
            found = await self._look_up_member(activity.tenant, activity.conversation, activity.author)
            if found is None:  # not cached: the roster may list them later
                return Member(NAME, member_id(*key), workspace=activity.tenant)
            self._remember_member(key, found)
        self.known.move_to_end(key)
        return self.known[key]

    async def find_member(self, who: Member, conversation: str) -> Member | None:
        """Return the member with home company; None if the roster does not list them. Raises PlatformError."""
        return await self._look_up_member(who.workspace, conversation, object_id(who))

    async def list_members(self, tenant: str, conversation: str) -> tuple[Member, ...]:
        """Return all members of the conversation except bots. Raises PlatformError."""
        found = []
        async for account in self._list_accounts(tenant, conversation):
            member = parse_member(account, tenant)
            if member:
                found.append(member)
                self._remember_member((tenant, _read_object_id(account)), member)
        return tuple(found)

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
                return  # the bot has left; look up only this person
            self.read.add(place)

    async def _look_up_member(self, tenant: str, conversation: str, user_id: str) -> Member | None:
        """Return the member with that id, Teams' own or Entra's; None if the roster does not list them."""
        where = quote(without_thread(conversation), safe="")
        path = f"/v3/conversations/{where}/members/{quote(user_id, safe='')}"
        try:
            return parse_member(await self.connector.send_request(tenant, "GET", path), tenant)
        except PlatformError as error:
            if error.kind != "refused":
                raise
            return None

    async def _list_accounts(self, tenant: str, conversation: str) -> AsyncIterator[Json]:
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

    def _remember_member(self, key: tuple[str, str], member: Member) -> None:
        remember_recent(self.known, key, member, _KEPT)


def _read_object_id(account: Json) -> str:
    return str(account.get("aadObjectId") or account.get("objectId")).lower()

"""Who somebody is, as the roster of a conversation has it: the last word on a member's home organisation."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from adapters.shared.lru import remember_recent
from adapters.teams.activity import Sent
from adapters.teams.connector import Connector
from adapters.teams.identity import NAME, Json, member_id, object_id, person, without_thread
from bot.model.alliance import Member
from bot.ports import PlatformError

_KEPT = 20_000
"""People remembered; the least recently seen is forgotten first."""
_PAGES = 200


@dataclass(frozen=True, slots=True)
class People:
    """A conversation's roster is read whole when the first stranger in it acts, so that a crowd costs one reading."""

    connector: Connector
    known: "OrderedDict[tuple[str, str], Member]" = field(default_factory=OrderedDict)
    read: set[tuple[str, str]] = field(default_factory=set)
    locks: defaultdict[tuple[str, str], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def author(self, sent: Sent) -> Member:
        """Who sent it, with home; somebody whom no roster knows has none. Raises PlatformError."""
        key = (sent.tenant, sent.object_id)
        if key not in self.known and not sent.is_personal:
            await self._read_once(sent.tenant, without_thread(sent.conversation))
        if key not in self.known:
            found = await self._looked_up(sent.tenant, sent.conversation, sent.author)
            if found is None:  # not kept: the roster may come to know them
                return Member(NAME, member_id(*key), workspace=sent.tenant)
            self._keep(key, found)
        self.known.move_to_end(key)
        return self.known[key]

    async def member(self, who: Member, conversation: str) -> Member | None:
        """Somebody of that conversation, with home; None where its roster does not know them. Raises PlatformError."""
        return await self._looked_up(who.workspace, conversation, object_id(who))

    async def of(self, tenant: str, conversation: str) -> tuple[Member, ...]:
        """Everybody there but bots. Raises PlatformError."""
        found = []
        async for account in self._accounts(tenant, conversation):
            member = person(account, tenant)
            if member:
                found.append(member)
                self._keep((tenant, _object_id(account)), member)
        return tuple(found)

    async def _read_once(self, tenant: str, conversation: str) -> None:
        place = (tenant, conversation)
        async with self.locks[place]:
            if place in self.read:
                return
            try:
                await self.of(*place)
            except PlatformError as error:
                if error.kind != "refused":
                    raise
                return  # the bot is not there any more; the person is looked up alone
            self.read.add(place)

    async def _looked_up(self, tenant: str, conversation: str, id: str) -> Member | None:
        """`id`: Teams' own, or Entra's object id."""
        where = quote(without_thread(conversation), safe="")
        path = f"/v3/conversations/{where}/members/{quote(id, safe='')}"
        try:
            return person(await self.connector.call(tenant, "GET", path), tenant)
        except PlatformError as error:
            if error.kind != "refused":
                raise
            return None

    async def _accounts(self, tenant: str, conversation: str) -> AsyncIterator[Json]:
        """https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/get-teams-context"""
        token = ""
        for _ in range(_PAGES):
            query = {"pageSize": 500} | ({"continuationToken": token} if token else {})
            path = f"/v3/conversations/{quote(conversation, safe='')}/pagedmembers?{urlencode(query)}"
            page = await self.connector.call(tenant, "GET", path)
            if not isinstance(page.get("members"), list):
                raise PlatformError("later", "no_valid_answer")  # not a channel in which nobody is
            for account in page["members"]:
                if isinstance(account, dict):
                    yield account
            token = str(page.get("continuationToken") or "")
            if not token:
                return
        raise PlatformError("refused", "roster_too_long")

    def _keep(self, key: tuple[str, str], member: Member) -> None:
        remember_recent(self.known, key, member, _KEPT)


def _object_id(account: Json) -> str:
    return str(account.get("aadObjectId") or account.get("objectId")).lower()

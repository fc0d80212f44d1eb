"""Look people up in Slack's directory, which decides on a member's home organisation."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from adapters.shared.lru import remember_recent
from adapters.slack.api import SlackApi
from adapters.slack.identity import NAME
from adapters.slack.organisations import SlackOrganisations
from bot.model.alliance import Member
from bot.model.events import Answered, Commanded, Commented, Edited, Event, Joined, Left, Said
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

_CACHE_SIZE = 20_000
"""People to remember; the least recently used is forgotten first."""
_CACHE_TIME = 86_400.0
"""Seconds for which an entry counts as current."""
_PATIENCE = 0.8
"""Seconds that an event may wait for the directory; Slack wants the acknowledgement within 3."""
_PER_MINUTE, _ROSTERS_PER_MINUTE = 95, 70
"""Look-ups per minute and workspace, and the share that listing a channel's members may use. users.info allows 100
(Tier 4); people who act must not wait behind a large channel. https://docs.slack.dev/apis/web-api/rate-limits"""


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """One entry of the directory."""

    home: tuple[str, ...]
    app: str = ""
    """The app's id, if this is the bot user of an app."""
    zone: str = ""
    """IANA name of the time zone that the person chose."""
    is_program: bool = False
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """Answers of users.info, requested once a day for each person."""

    api: SlackApi
    per_minute: int = _PER_MINUTE
    rosters_per_minute: int = _ROSTERS_PER_MINUTE
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    cache: "OrderedDict[tuple[str, str], tuple[SlackPerson, float]]" = field(default_factory=OrderedDict)
    lookups: dict[str, "deque[float]"] = field(default_factory=dict)
    """Times of recent requests, by workspace, in seconds of `clock`."""
    organisations: SlackOrganisations = field(default_factory=SlackOrganisations)

    async def find_person(self, workspace: str, user: str) -> SlackPerson:
        """Return a user's entry, as the installation in that workspace sees it. Raises PlatformError."""
        found = self._find_cached(workspace, user)
        if found is None:
            answer = await self.api.call(workspace, "users.info", {"user": user})
            found = parse_person(answer.get("user") or {})
            remember_recent(self.cache, (workspace, user), (found, self.clock() + _CACHE_TIME), _CACHE_SIZE)
            await self.organisations.learn_home(found.home)
        return found

    async def find_member(self, workspace: str, user: str) -> Member | None:
        """Return the person as a member; None for a bot or somebody who left. Raises PlatformError."""
        if self._find_cached(workspace, user) is None and not self._may_ask(
            workspace, self.rosters_per_minute
        ):
            raise PlatformError("not_yet", "paced", 60 / self.rosters_per_minute)
        person = await self.find_person(workspace, user)
        if person.is_program or person.has_left:
            return None
        return Member(NAME, user, home=person.home, workspace=workspace, zone=person.zone)

    async def resolve_actor(self, event: Event, app: str) -> Event | None:
        """Return the event with the actor's home from the directory; None if a program acted. `app`: our own app's id.

        If the directory does not answer in time, the payload's home stands, with the organisation that it belongs to
        as far as that is known, or stays unknown if it named none.
        """
        match event:
            case Joined(who=Member() as who) | Left(who=Member() as who):
                found = await self._find_in_time(who)
                return _resolve_membership(event, self._set_home(who, found), found, app)
            case Answered() | Commented() | Said() | Edited() | Commanded():
                found = await self._find_in_time(event.by)
                if found and found.is_program:
                    return None
                return replace(event, by=self._set_home(event.by, found))
        return event

    async def _find_in_time(self, by: Member) -> SlackPerson | None:
        found = self._find_cached(by.workspace, by.id)
        if found:
            return found
        try:
            async with asyncio.timeout(_PATIENCE):
                # One look-up tells the organisation of a whole workspace: others of it ask after that.
                await self.organisations.wait_for_first(by)
                if not self._may_ask(by.workspace, self.per_minute):
                    return None
                with self.organisations.ask_first(by):
                    return await self.find_person(by.workspace, by.id)
        except (PlatformError, TimeoutError):
            return None

    def _set_home(self, who: Member, found: SlackPerson | None) -> Member:
        if found and found.home:
            return replace(who, home=found.home, zone=found.zone)
        return self.organisations.complete_home(who)

    def _may_ask(self, workspace: str, limit: int) -> bool:
        now, asked = self.clock(), self.lookups.setdefault(workspace, deque())
        while asked and now - asked[0] >= 60:
            asked.popleft()
        if len(asked) >= limit:
            return False
        asked.append(now)
        return True

    def _find_cached(self, workspace: str, user: str) -> SlackPerson | None:
        found, until = self.cache.get((workspace, user), (None, 0.0))
        if found is None or until < self.clock():
            return None
        self.cache.move_to_end((workspace, user))
        return found


def _resolve_membership(
    event: Joined | Left, who: Member, found: SlackPerson | None, app: str
) -> Event | None:
    """Complete a member's join or leave. Another installation of our own app counts as the bot itself there."""
    if found and found.is_program:
        copy = replace(event.channel, workspace=found.home[0] if found.home else "")
        return replace(event, who=None, channel=copy) if found.app == app else None
    return replace(event, who=who)


def parse_person(user: Json) -> SlackPerson:
    """Read a user of users.info. In an Enterprise organisation, both its id and the workspace's are homes."""
    enterprise, profile = user.get("enterprise_user") or {}, user.get("profile") or {}
    home = (user.get("team_id"), enterprise.get("enterprise_id") or user.get("enterprise_id"))
    return SlackPerson(
        home=tuple(company for company in home if isinstance(company, str) and company),
        app=str(profile.get("api_app_id") or ""),
        zone=str(user.get("tz") or ""),
        is_program=bool(user.get("is_bot")) or user.get("id") == "USLACKBOT",
        has_left=bool(user.get("deleted")),
    )

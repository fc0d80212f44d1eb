"""Who somebody is, as Slack's directory has it: the last word on a member's home organisation."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from adapters.shared.lru import remember_recent
from adapters.slack.api import SlackApi
from adapters.slack.identity import NAME
from bot.model.alliance import Member
from bot.model.events import Answered, Commanded, Commented, Edited, Event, Joined, Left, Said
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

_KEPT = 20_000
"""People remembered; the one longest not seen is forgotten first."""
_FRESH = 86_400.0
"""Seconds for which an entry is believed."""
_PATIENCE = 0.8
"""Seconds that an act may wait for the directory; its acknowledgement has 3 in all."""
_A_MINUTE, _OF_ROSTERS = 95, 70
"""Look-ups a minute and workspace, and how many of them rosters may use: users.info is Tier 4, 100 a minute, and
whoever acts must not wait for a large channel. https://docs.slack.dev/apis/web-api/rate-limits"""


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """One entry of the directory."""

    home: tuple[str, ...]
    app: str = ""
    """Id of the app, of a program that is one."""
    is_program: bool = False
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """users.info, asked once a day for each person."""

    api: SlackApi
    per_minute: int = _A_MINUTE
    rosters_per_minute: int = _OF_ROSTERS
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    cache: "OrderedDict[tuple[str, str], tuple[SlackPerson, float]]" = field(default_factory=OrderedDict)
    lookups: dict[str, "deque[float]"] = field(default_factory=dict)
    """When, by workspace."""

    async def find_person(self, workspace: str, user: str) -> SlackPerson:
        """The directory's entry of a user, as the installation in that workspace sees it. Raises PlatformError."""
        found = self._find_cached(workspace, user)
        if found is None:
            answer = await self.api.call(workspace, "users.info", {"user": user})
            found = parse_person(answer.get("user") or {})
            remember_recent(self.cache, (workspace, user), (found, self.clock() + _FRESH), _KEPT)
        return found

    async def find_member(self, workspace: str, user: str) -> Member | None:
        """The person as a member; None for a bot or somebody who left. Raises PlatformError."""
        if self._find_cached(workspace, user) is None and not self._may_ask(
            workspace, self.rosters_per_minute
        ):
            raise PlatformError("not_yet", "paced", 60 / self.rosters_per_minute)
        one = await self.find_person(workspace, user)
        is_there = not one.is_program and not one.has_left
        return Member(NAME, user, home=one.home, workspace=workspace) if is_there else None

    async def resolve_actor(self, event: Event, app: str) -> Event | None:
        """The event with the directory's word on who acted; None if that is a program. `app`: our own app's id.

        Where the directory does not answer in time, what the payload said stands; where that was nothing, the
        home stays unknown.
        """
        match event:
            case Joined(who=Member() as who) | Left(who=Member() as who):
                return _resolve_membership(event, who, await self._find_in_time(who), app)
            case Answered() | Commented() | Said() | Edited() | Commanded():
                found = await self._find_in_time(event.by)
                if found and found.is_program:
                    return None
                return replace(event, by=_set_home(event.by, found))
        return event

    async def _find_in_time(self, by: Member) -> SlackPerson | None:
        found = self._find_cached(by.workspace, by.id)
        if found or not self._may_ask(by.workspace, self.per_minute):
            return found
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self.find_person(by.workspace, by.id)
        except (PlatformError, TimeoutError):
            return None

    def _may_ask(self, workspace: str, most: int) -> bool:
        now, asked = self.clock(), self.lookups.setdefault(workspace, deque())
        while asked and now - asked[0] >= 60:
            asked.popleft()
        if len(asked) >= most:
            return False
        asked.append(now)
        return True

    def _find_cached(self, workspace: str, user: str) -> SlackPerson | None:
        found, until = self.cache.get((workspace, user), (None, 0.0))
        if found is None or until < self.clock():
            return None
        self.cache.move_to_end((workspace, user))
        return found


def _set_home(who: Member, found: SlackPerson | None) -> Member:
    return replace(who, home=found.home) if found and found.home else who


def _resolve_membership(
    event: Joined | Left, who: Member, found: SlackPerson | None, app: str
) -> Event | None:
    """A copy of our own bot that another company installed is the bot itself, as that installation."""
    if found and found.is_program:
        copy = replace(event.channel, workspace=found.home[0] if found.home else "")
        return replace(event, who=None, channel=copy) if found.app == app else None
    return replace(event, who=_set_home(who, found))


def parse_person(user: Json) -> SlackPerson:
    """What users.info says. On Enterprise a sibling workspace is the same company, so both ids count."""
    enterprise, profile = user.get("enterprise_user") or {}, user.get("profile") or {}
    home = (user.get("team_id"), enterprise.get("enterprise_id") or user.get("enterprise_id"))
    return SlackPerson(
        home=tuple(id for id in home if isinstance(id, str) and id),
        app=str(profile.get("api_app_id") or ""),
        is_program=bool(user.get("is_bot")) or user.get("id") == "USLACKBOT",
        has_left=bool(user.get("deleted")),
    )

"""Who somebody is, as Slack's directory has it: the last word on a member's home organisation."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adapters.slack.actor import NAME
from adapters.slack.api import Api
from bot.model import Member

Json: TypeAlias = dict[str, Any]

_KEPT = 20_000
"""People remembered; the least recently seen is forgotten first."""


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of the directory."""

    home: tuple[str, ...]
    is_person: bool


@dataclass(frozen=True, slots=True)
class People:
    """users.info, asked once for each person."""

    api: Api
    known: "OrderedDict[tuple[str, str], Person]" = field(default_factory=OrderedDict)

    async def person(self, workspace: str, user: str) -> Person:
        """Raises PlatformError."""
        key = (workspace, user)
        if key not in self.known:
            answer = await self.api.call(workspace, "users.info", {"user": user})
            self.known[key] = entry(answer.get("user") or {})
            while len(self.known) > _KEPT:
                self.known.popitem(last=False)
        self.known.move_to_end(key)
        return self.known[key]

    async def member(self, workspace: str, user: str) -> Member | None:
        """The person as a member; None for a bot or somebody who left. Raises PlatformError."""
        one = await self.person(workspace, user)
        return Member(NAME, user, home=one.home, workspace=workspace) if one.is_person else None


def entry(user: Json) -> Person:
    """What users.info says. On Enterprise a sibling workspace is the same company, so both ids count."""
    enterprise = user.get("enterprise_user") or {}
    home = (user.get("team_id"), enterprise.get("enterprise_id") or user.get("enterprise_id"))
    is_program = user.get("is_bot") or user.get("id") == "USLACKBOT"
    return Person(
        home=tuple(id for id in home if isinstance(id, str) and id),
        is_person=not is_program and not user.get("deleted"),
    )

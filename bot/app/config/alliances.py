"""Alliances as an operator writes them in TOML, and as the core knows them."""

import re
from collections.abc import Mapping
from datetime import date, time
from functools import partial
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adapters.teams.identity import GUID, member_id
from bot.model.alliance import WEEKDAYS, Alliance, Channel, Member, Organisation, Pulse, Threads, Weekday
from bot.questions.bank import parse

Platform = Literal["slack", "teams", "sandbox"]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone; write for example Europe/Berlin")
    ZoneInfo(name)
    return name


_HOURS_AND_MINUTES = re.compile(r"\d\d:\d\d")


def _clock(value: object) -> object:
    """A number would be taken for seconds since midnight."""
    if isinstance(value, time) or (isinstance(value, str) and _HOURS_AND_MINUTES.fullmatch(value)):
        return value
    raise ValueError('write hours and minutes in quotation marks, for example "09:00"')


def _fit(id: str, shape: tuple[re.Pattern[str], str] | None) -> str:
    """`shape`: a pattern, and what fits it. Raises ValueError."""
    if shape and not shape[0].fullmatch(id):
        raise ValueError(f"{id!r} is not {shape[1]}")
    return id


def _shaped(pattern: re.Pattern[str], what: str) -> AfterValidator:
    return AfterValidator(partial(_fit, shape=(pattern, what)))


def _bank(text: str) -> str:
    if text:
        parse(text)
    return text


Key = Annotated[
    str,
    _shaped(re.compile(r"[a-z0-9][a-z0-9-]{0,62}"), "a key: small letters, digits and hyphens, 63 at most"),
]
SlackCompany = Annotated[
    str, _shaped(re.compile(r"[TE][A-Z0-9]+"), "the id of a Slack workspace (T…) or organisation (E…)")
]
Tenant = Annotated[
    str, AfterValidator(str.lower), _shaped(re.compile(rf"(guests-of-)?{GUID}"), "the id of an Entra tenant")
]
_USERS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "slack": (re.compile(r"[UW][A-Z0-9]+"), "a Slack member's id (U…): profile → ⋮ → Copy member ID"),
    "teams": (re.compile(GUID), "an object id in Entra"),
}
_ADDRESSES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "slack": (
        re.compile(r"[CG][A-Z0-9]+"),
        "a Slack channel's id (C…): it stands at the bottom of the channel's details",
    ),
    "teams": (
        re.compile(r"^19:[^\s@]+@\S+"),
        "a Teams channel's id (19:…@thread.tacv2): it is in the channel's link, decoded",
    ),
}
"""Platform → what an id looks like there, and where it is found."""
Name = Annotated[str, Field(min_length=1, max_length=80)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeadTable(_Table):
    platform: Platform
    workspace: Annotated[str, Field(min_length=1)]
    user: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _is_an_id(self) -> "LeadTable":
        _fit(self.user.lower() if self.platform == "teams" else self.user, _USERS.get(self.platform))
        return self


class OrganisationTable(_Table):
    name: Name
    slack: tuple[SlackCompany, ...] = ()
    entra: tuple[Tenant, ...] = ()
    sandbox: tuple[str, ...] = ()
    leads: tuple[LeadTable, ...] = ()

    def organisation(self) -> Organisation:
        named = {"slack": self.slack, "teams": self.entra, "sandbox": self.sandbox}
        homes = frozenset((platform, one) for platform, ids in named.items() for one in ids)
        return Organisation(self.name, homes, tuple(member(one, named[one.platform]) for one in self.leads))


def member(lead: LeadTable, homes: tuple[str, ...]) -> Member:
    """A person as an operator writes them, and as answers know them."""
    id = member_id(lead.workspace, lead.user) if lead.platform == "teams" else lead.user
    return Member(lead.platform, id, home=homes, workspace=_workspace(lead))


class ChannelTable(_Table):
    platform: Platform
    workspace: Annotated[str, Field(min_length=1)]
    address: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _is_an_id(self) -> "ChannelTable":
        _fit(self.address, _ADDRESSES.get(self.platform))
        return self

    def channel(self) -> Channel:
        return Channel(self.platform, _workspace(self), self.address)


def _workspace(of: LeadTable | ChannelTable) -> str:
    """Entra's ids are the same in capitals; Slack's are not."""
    return of.workspace.lower() if of.platform == "teams" else of.workspace


class PulseTable(_Table):
    key: Key
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    time: Annotated[time, BeforeValidator(_clock)]
    items: Annotated[int, Field(ge=1, le=3)] = 3
    open_hours: Annotated[int, Field(ge=1, le=336)] = 72
    remind_hours: Annotated[int, Field(ge=0, le=240)] = 24
    every_weeks: Annotated[int, Field(ge=1, le=8)] = 1
    paused: bool = False

    def pulse(self) -> Pulse:
        days = frozenset(WEEKDAYS.index(day) for day in self.days)
        return Pulse(
            self.key,
            days,
            self.time,
            self.items,
            self.open_hours,
            self.remind_hours,
            self.every_weeks,
            self.paused,
        )


class AllianceTable(_Table):
    key: Key
    name: Name
    timezone: Annotated[str, AfterValidator(_zone)]
    vision: Annotated[str, Field(max_length=500)] = ""
    threads: Threads = "all"
    minimum: Annotated[int, Field(ge=5, le=50)] = 5
    pooled: bool = False
    share_dimensions: bool = True
    call_day: Weekday = "tue"
    holidays: tuple[date, ...] = ()
    bank: Annotated[str, AfterValidator(_bank)] = ""
    """TOML text; in the file it is the path of a TOML file beside it."""
    sponsor: OrganisationTable
    cro: OrganisationTable
    channel: Annotated[tuple[ChannelTable, ...], Field(min_length=1)]
    pulse: Annotated[tuple[PulseTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _two_sides(self) -> "AllianceTable":
        for side, company in (("sponsor", self.sponsor), ("cro", self.cro)):
            if not company.organisation().homes:
                raise ValueError(
                    f"{side}: name an id of the company (slack, entra), or nobody is known to be theirs"
                )
        shared = self.sponsor.organisation().homes & self.cro.organisation().homes
        if shared:
            raise ValueError("an organisation id stands on both sides; a person's side could not be told")
        if len({one.key for one in self.pulse}) < len(self.pulse):
            raise ValueError("two pulses have the same key")
        return self

    def alliance(self) -> Alliance:
        return Alliance(
            key=self.key,
            name=self.name,
            timezone=self.timezone,
            sponsor=self.sponsor.organisation(),
            cro=self.cro.organisation(),
            channels=tuple(one.channel() for one in self.channel),
            pulses=tuple(one.pulse() for one in self.pulse),
            vision=self.vision,
            threads=self.threads,
            minimum=self.minimum,
            pooled=self.pooled,
            share_dimensions=self.share_dimensions,
            call_day=WEEKDAYS.index(self.call_day),
            holidays=frozenset(self.holidays),
            bank=self.bank,
        )

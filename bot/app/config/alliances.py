"""Alliances as an operator writes them in TOML, and as the core knows them."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache, partial
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator

from bot.app.config.section import Section
from bot.app.platforms.plugin import IdRules, PlatformPlugin, Shape
from bot.model.alliance import (
    WEEKDAYS,
    Alliance,
    Channel,
    FormalPath,
    Member,
    Organisation,
    Pulse,
    Threads,
    Weekday,
)
from bot.working_days import check_country


def check_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no IANA time zone; write for example Europe/Berlin")
    ZoneInfo(name)
    return name


_HOURS_AND_MINUTES = re.compile(r"\d\d:\d\d")


def check_time(value: object) -> object:
    """Accept `HH:MM` only: a number would mean seconds since midnight."""
    if isinstance(value, time) or (isinstance(value, str) and _HOURS_AND_MINUTES.fullmatch(value)):
        return value
    raise ValueError('write hours and minutes in quotation marks, for example "09:00"')


def check_shape(text: str, shape: Shape | None) -> str:
    """Return the text. Raises ValueError where it does not look like that."""
    if shape and not shape.pattern.fullmatch(text):
        raise ValueError(f"{text!r} is not {shape.words}")
    return text


def require_shape(shape: Shape | None) -> AfterValidator:
    return AfterValidator(partial(check_shape, shape=shape))


def check_words(text: str) -> str:
    """Return words that people will read. Raises ValueError where they identify a patient."""
    from bot.guard.identifiers import find_identifier  # its tables are for declarations alone

    if kind := find_identifier(" ".join(text.split())):
        raise ValueError(f"it holds what looks like the {kind} of a patient; nothing of it was saved")
    return text


def check_bank(text: str) -> str:
    if text:
        from bot.questions.bank import parse_bank

        for item in parse_bank(text).items:
            check_words(item.text)
    return text


Key = Annotated[
    str,
    require_shape(
        Shape(re.compile(r"[a-z0-9][a-z0-9-]{0,62}"), "a key: small letters, digits and hyphens, 63 at most")
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Id = Annotated[str, Field(min_length=1)]


class LeadTable(Section):
    platform: str
    workspace: Id
    user: Id


class ChannelTable(Section):
    platform: str
    workspace: Id
    address: Id

    def to_channel(self) -> Channel:
        return Channel(self.platform, self.workspace, self.address)


class OrganisationTable(Section):
    """A company. Each platform adds a key that lists its ids there (`alliance_model`)."""

    rules: ClassVar[Mapping[str, IdRules]] = {}
    """Platform → how things are named there."""
    name: Name
    leads: tuple[LeadTable, ...] = ()
    country: Annotated[tuple[Annotated[str, AfterValidator(check_country)], ...], Field(max_length=10)] = ()

    def list_ids(self, platform: str) -> tuple[str, ...]:
        """Return the company's ids on a platform."""
        found: tuple[str, ...] = getattr(self, self.rules[platform].company_key, ())
        return found

    def name_keys(self) -> str:
        return ", ".join(rules.company_key for rules in self.rules.values())

    def to_organisation(self) -> Organisation:
        homes = frozenset((platform, home) for platform in self.rules for home in self.list_ids(platform))
        leads = tuple(
            to_member(lead, self.rules[lead.platform], self.list_ids(lead.platform)) for lead in self.leads
        )
        return Organisation(self.name, homes, leads, self.country)


def to_member(lead: LeadTable, rules: IdRules, homes: tuple[str, ...]) -> Member:
    """Return a person as an operator writes them, and as answers know them."""
    member_id = rules.member_id(lead.workspace, lead.user)
    return Member(lead.platform, member_id, home=homes, workspace=rules.normalise(lead.workspace))


class PulseTable(Section):
    key: Key
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    time: Annotated[time, BeforeValidator(check_time)]
    items: Annotated[int, Field(ge=1, le=3)] = 3
    open_hours: Annotated[int, Field(ge=1, le=336)] = 72
    remind_hours: Annotated[int, Field(ge=0, le=240)] = 24
    every_weeks: Annotated[int, Field(ge=1, le=8)] = 1
    paused: bool = False

    def to_pulse(self) -> Pulse:
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


Words = Annotated[str, Field(max_length=200), AfterValidator(check_words)]


class FormalPathTable(Section):
    safety: Words = ""
    phone: Annotated[str, Field(max_length=200)] = ""
    unblinding: Words = ""

    def to_formal_path(self) -> FormalPath:
        return FormalPath(self.safety, self.phone, self.unblinding)


class AllianceTable(Section):
    key: Key
    name: Name
    timezone: Annotated[str, AfterValidator(check_zone)]
    vision: Annotated[str, Field(max_length=500), AfterValidator(check_words)] = ""
    formal: FormalPathTable = FormalPathTable()
    threads: Threads = "all"
    minimum: Annotated[int, Field(ge=5, le=50)] = 5
    pooled: bool = False
    share_dimensions: bool = True
    call_day: Weekday = "tue"
    holidays: tuple[date, ...] = ()
    bank: Annotated[str, AfterValidator(check_bank)] = ""
    """TOML text; in the file it is the path of a TOML file beside it."""
    sponsor: OrganisationTable
    cro: OrganisationTable
    channel: Annotated[tuple[ChannelTable, ...], Field(min_length=1)]
    pulse: Annotated[tuple[PulseTable, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _two_sides(self) -> "AllianceTable":
        for side, company in (("sponsor", self.sponsor), ("cro", self.cro)):
            if not company.to_organisation().homes:
                raise ValueError(
                    f"{side}: name an id of the company ({company.name_keys()}), or nobody is known to be theirs"
                )
        shared = self.sponsor.to_organisation().homes & self.cro.to_organisation().homes
        if shared:
            raise ValueError("an organisation id stands on both sides; a person's side could not be told")
        if len({pulse.key for pulse in self.pulse}) < len(self.pulse):
            raise ValueError("two pulses have the same key")
        return self

    @model_validator(mode="after")
    def _hosted_by_companies(self) -> "AllianceTable":
        for platform, rules in self.sponsor.rules.items():
            companies = {*self.sponsor.list_ids(platform), *self.cro.list_ids(platform)}
            rules.check_hosts(companies, {c.workspace for c in self.channel if c.platform == platform})
        return self

    def to_alliance(self) -> Alliance:
        return Alliance(
            key=self.key,
            name=self.name,
            timezone=self.timezone,
            sponsor=self.sponsor.to_organisation(),
            cro=self.cro.to_organisation(),
            channels=tuple(channel.to_channel() for channel in self.channel),
            pulses=tuple(pulse.to_pulse() for pulse in self.pulse),
            vision=self.vision,
            formal=self.formal.to_formal_path(),
            threads=self.threads,
            minimum=self.minimum,
            pooled=self.pooled,
            share_dimensions=self.share_dimensions,
            call_day=WEEKDAYS.index(self.call_day),
            holidays=frozenset(self.holidays),
            bank=self.bank,
        )


def check_lead(lead: LeadTable, rules: Mapping[str, IdRules]) -> LeadTable:
    check_shape(rules[lead.platform].normalise(lead.user), rules[lead.platform].user)
    return lead


def check_channel(channel: ChannelTable, rules: Mapping[str, IdRules]) -> ChannelTable:
    """Return the channel with its workspace as the platform's ids are compared."""
    own = rules[channel.platform]
    check_shape(channel.address, own.address)
    return channel.model_copy(update={"workspace": own.normalise(channel.workspace)})


def company_field(rules: IdRules) -> Any:
    """Return the field of a company that lists its ids on one platform."""
    home = Annotated[str, AfterValidator(rules.normalise), require_shape(rules.company)]
    return tuple[home, ...], ()


def list_of(table: Any, check: Callable[..., Any], rules: Mapping[str, IdRules]) -> Any:
    """Return the type of a list of such tables, each checked by the rules of its platform."""
    checked = Annotated[table, AfterValidator(partial(check, rules=rules))]
    return tuple[checked, ...]


@lru_cache(maxsize=8)
def alliance_model(plugins: tuple[PlatformPlugin, ...]) -> type[AllianceTable]:
    """Build the table of an alliance that may use these platforms."""
    rules = {plugin.name: plugin.ids for plugin in plugins}
    platform: Any = (Literal[tuple(rules)], ...)
    lead: Any = create_model("LeadTable", __base__=LeadTable, platform=platform)
    channel: Any = create_model("ChannelTable", __base__=ChannelTable, platform=platform)
    companies: dict[str, Any] = {plugin.ids.company_key: company_field(plugin.ids) for plugin in plugins}
    leads: Any = (list_of(lead, check_lead, rules), ())
    company = create_model("OrganisationTable", __base__=OrganisationTable, leads=leads, **companies)
    company.rules = rules
    channels: Any = (Annotated[list_of(channel, check_channel, rules), Field(min_length=1)], ...)
    sides: dict[str, Any] = {"sponsor": (company, ...), "cro": (company, ...)}
    return create_model("AllianceTable", __base__=AllianceTable, channel=channels, **sides)

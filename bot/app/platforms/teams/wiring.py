"""Microsoft Teams put together from the settings. What is empty, mistyped or open to the world stops the start."""

import asyncio
import os
import re
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

from adapters.shared.loopback import is_loopback
from adapters.teams import parse
from adapters.teams.activity import Sent
from adapters.teams.allowed_hosts import Hosts
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.credentials import MANAGED, Credentials, Identity
from adapters.teams.identity import GUID, NAME
from adapters.teams.membership import Lifecycle
from adapters.teams.platform import TeamsPlatform
from adapters.teams.private_reply import Shower
from adapters.teams.roster import People
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.signing_keys import Keys
from adapters.teams.team_channels import Rooms
from adapters.teams.verify import Gate
from adapters.teams.webhook import Door, routes
from bot.app.config.schema import Settings
from bot.app.config.section import BadSettings
from bot.app.platforms.company_ids import list_named_ids
from bot.app.platforms.http_session import DRAIN_SECONDS, open_session
from bot.app.platforms.teams.plugin import TeamsBotSection, partner_section, teams_section
from bot.app.platforms.time_source import make_time_source
from bot.app.runtime.bot import Bot, Parts
from bot.model.events import Changed
from bot.ports import Inbox, Store, StoreUnavailable

_GUID: Final = re.compile(GUID, re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
REFUSED: Final = "teams.refused_tenant"
_FRESH: Final = 5.0
"""Seconds for which the list of tenants is not read anew."""


async def connect(bot: Bot, stack: AsyncExitStack) -> Parts:
    """Outbound and inbound, with settings that passed `check`."""
    settings = bot.settings
    known, hosts = identities(settings), allowed_hosts(settings)
    session = await open_session(bot, stack, NAME)
    memory = Memory(bot.store)
    services = ServiceUrls(hosts, _default(settings), memory.load, memory.keep)
    connector = Connector(session, tuple(Credentials(session, one) for one in known), services)
    people = People(connector)
    rooms = Rooms(memory.load, memory.keep)
    grants = Grants(connector, rooms, teams_section(settings).graph_url.rstrip("/"))
    platform = TeamsPlatform(connector, people, grants)
    tenants, strangers = Tenants(bot.store), Strangers(bot.store, bot.inbox)
    gate = Gate(
        frozenset(one.app_id for one in known),
        Keys(session, teams_section(settings).openid_metadata_url),
        hosts,
        tenants.listed,
        bot.clock.now,
        is_open=not teams_section(settings).app_type,
        report=strangers.refused,
    )
    lifecycle = Lifecycle(platform, rooms)
    door = Door(bot.inbox, gate, people, services, Shower(platform), lifecycle, bot.clock.now)
    stack.push_async_callback(door.drain, DRAIN_SECONDS)
    time = make_time_source(session, teams_section(settings).openid_metadata_url)
    return Parts(platform, routes(door), time_source=time)


def check(settings: Settings) -> None:
    """Is all there that Teams needs? Raises BadSettings."""
    identities(settings)
    allowed_hosts(settings)


def identities(settings: Settings) -> list[Identity]:
    """The bot's registrations, the first company's first. Raises BadSettings.

    Without `app_type` the bot asks for no token and has none: that is for Microsoft's playground, where
    PULSE_ENV=test, on loopback.
    """
    own, other = teams_section(settings), partner_section(settings)
    token_url = _address("teams.token_url", own.token_url, MANAGED)
    _address("teams.openid_metadata_url", own.openid_metadata_url)
    _address("teams.graph_url", own.graph_url)
    if _is_test() and is_loopback(settings.web.host) and own.app_id and not own.app_type:
        return [Identity(own.app_id, "", own.tenant_id.lower())]
    found = [_identity("teams", own, token_url)]
    if other.app_id or other.app_type or other.tenant_id:
        found.append(_identity("teams_partner", other, token_url))
        if found[0].tenant == found[1].tenant:
            raise BadSettings("teams_partner.tenant_id: the same as teams.tenant_id; leave the section out")
    return found


def allowed_hosts(settings: Settings) -> Hosts:
    """Raises BadSettings for a host that is none, or a pattern."""
    named = teams_section(settings).service_hosts
    for host in named:
        local = _is_test() and is_loopback(host.partition(":")[0])
        if not local and not _HOST.fullmatch(host):
            raise BadSettings("teams.service_hosts: write exact host names, such as smba.trafficmanager.net")
    if not named:
        raise BadSettings("teams.service_hosts: must name at least one host")
    return Hosts(frozenset(named), on_loopback=_is_test())


def _identity(section: str, own: TeamsBotSection, token_url: str) -> Identity:
    password = own.app_password.get_secret_value()
    if not own.app_type:
        raise BadSettings(f"{section}.app_type: write SingleTenant or UserAssignedMSI")
    for key, value in (("app_id", own.app_id), ("tenant_id", own.tenant_id)):
        if not _GUID.fullmatch(value):
            raise BadSettings(f"{section}.{key}: must be an id like 00000000-0000-0000-0000-000000000000")
    if own.app_type == "SingleTenant" and not password:
        name = f"PULSE_{section}__APP_PASSWORD".upper()
        raise BadSettings(f"{section}.app_password: not set; set {name} or {name}_FILE")
    return Identity(own.app_id, own.app_type, own.tenant_id.lower(), password, token_url)


def _address(key: str, url: str, *also: str) -> str:
    local = _is_test() and url.startswith("http://127.0.0.1:")
    if url and not url.startswith("https://") and url not in also and not local:
        raise BadSettings(f"{key}: must begin with https://")
    return url


def _default(settings: Settings) -> str:
    host = teams_section(settings).service_hosts[0]
    scheme = "http" if _is_test() and is_loopback(host.partition(":")[0]) else "https"
    return f"{scheme}://{host}/teams"


def _is_test() -> bool:
    return os.environ.get("PULSE_ENV") == "test"


@dataclass(slots=True)
class Tenants:
    """The Entra tenants that any alliance names."""

    store: Store
    known: frozenset[str] = frozenset()
    read_at: float | None = None

    async def listed(self) -> frozenset[str]:
        """Raises StoreUnavailable."""
        now = asyncio.get_running_loop().time()
        if self.read_at is None or now - self.read_at > _FRESH:
            alliances = await self.store.alliances.list_all()
            self.known = list_named_ids(alliances, NAME)
            self.read_at = now
        return self.known


@dataclass(slots=True)
class Strangers:
    """Who hears of a tenant that is refused because no alliance names it."""

    store: Store
    inbox: Inbox
    last: str = ""

    async def refused(self, sent: Sent) -> None:
        """From a channel of an alliance: its leads, who can say whose tenant it is. The latest: `pulse doctor`."""
        if not _GUID.fullmatch(sent.tenant):
            return
        with suppress(StoreUnavailable):
            if sent.tenant != self.last:
                await self.store.values.save_value(REFUSED, sent.tenant)
                self.last = sent.tenant
            if not sent.is_personal:
                where = parse.where(sent)
                await self.inbox.take(
                    Changed(at=sent.at, channel=where, change="refused", company=sent.tenant)
                )


@dataclass(frozen=True, slots=True)
class Memory:
    """What was learned of tenants and channels, for all processes."""

    store: Store

    async def load(self, name: str) -> str | None:
        """Raises StoreUnavailable."""
        return await self.store.values.find_value(f"teams.{name}")

    async def keep(self, name: str, value: str) -> None:
        """Raises StoreUnavailable."""
        await self.store.values.save_value(f"teams.{name}", value)

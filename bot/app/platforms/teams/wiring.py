"""Build Microsoft Teams from the settings; empty, mistyped or insecure settings stop the start."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from adapters.shared.loopback import is_loopback
from adapters.teams import parse
from adapters.teams.activity import ReceivedActivity
from adapters.teams.allowed_hosts import AllowedHosts
from adapters.teams.connector import Connector
from adapters.teams.consent import Grants
from adapters.teams.credentials import (
    MANAGED,
    BotRegistration,
    ClientCertificate,
    Credentials,
    parse_certificate,
)
from adapters.teams.identity import GUID, NAME
from adapters.teams.membership import EventReader
from adapters.teams.platform import TeamsPlatform
from adapters.teams.private_reply import ReplySender
from adapters.teams.roster import TeamsRoster
from adapters.teams.service_urls import ServiceUrls
from adapters.teams.signing_keys import SigningKeys
from adapters.teams.team_channels import TeamChannels
from adapters.teams.verify import RequestVerifier
from adapters.teams.webhook import TeamsWebhook, routes
from bot.app.config.schema import Settings
from bot.app.config.secret_shape import check_secret
from bot.app.config.section import BadSettings
from bot.app.platforms.company_ids import list_joint_channels, list_named_ids
from bot.app.platforms.http_session import DRAIN_SECONDS, open_session
from bot.app.platforms.teams.plugin import TeamsBotSection, partner_section, teams_section
from bot.app.platforms.time_source import make_time_source
from bot.app.runtime.bot import Bot, Parts
from bot.model.alliance import Channel
from bot.model.events import Changed
from bot.ports import Inbox, Now, Store, StoreUnavailable

_GUID: Final = re.compile(GUID, re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
REFUSED: Final = "teams.refused_tenant"
_FRESH: Final = 5.0
"""Seconds for which the list of tenants is cached."""


async def wire_teams(bot: Bot, stack: AsyncExitStack) -> Parts:
    """Build the platform and its route from settings that passed `check_teams_settings`."""
    settings = bot.settings
    registrations, hosts = read_registrations(settings, bot.clock.now), read_allowed_hosts(settings)
    session = await open_session(bot, stack, NAME)
    memory = SharedMemory(bot.store)
    services = ServiceUrls(hosts, _build_default_url(settings), memory.load_value, memory.save_value)
    connector = Connector(session, tuple(Credentials(session, own) for own in registrations), services)
    tenants, strangers = Tenants(bot.store), Strangers(bot.store, bot.inbox)
    people = TeamsRoster(connector, tenants.list_joint_channels)
    rooms = TeamChannels(memory.load_value, memory.save_value)
    grants = Grants(connector, rooms, teams_section(settings).graph_url.rstrip("/"))
    platform = TeamsPlatform(connector, people, grants)
    gate = RequestVerifier(
        frozenset(own.app_id for own in registrations),
        SigningKeys(session, teams_section(settings).openid_metadata_url),
        hosts,
        tenants.list_tenants,
        bot.clock.now,
        is_open=not teams_section(settings).app_type,
        report=strangers.report_stranger,
    )
    lifecycle = EventReader(platform, rooms)
    webhook = TeamsWebhook(bot.inbox, gate, people, services, ReplySender(platform), lifecycle, bot.clock.now)
    stack.push_async_callback(webhook.replies.drain, DRAIN_SECONDS)
    source = make_time_source(session, teams_section(settings).openid_metadata_url)
    return Parts(platform, routes(webhook), time_source=source)


def check_teams_settings(settings: Settings) -> None:
    """Raise BadSettings if a setting that Teams needs is missing or wrong."""
    read_registrations(settings, lambda: datetime.now(UTC))
    read_allowed_hosts(settings)


def read_registrations(settings: Settings, now: Now) -> list[BotRegistration]:
    """Return the bot's registrations, `teams` before `teams_partner`. Raises BadSettings.

    Without `app_type` the bot uses no token. That is allowed for Microsoft's playground only: with PULSE_ENV=test, on
    loopback.
    """
    own, other = teams_section(settings), partner_section(settings)
    token_url = _check_address("teams.token_url", own.token_url, MANAGED)
    _check_address("teams.openid_metadata_url", own.openid_metadata_url)
    _check_address("teams.graph_url", own.graph_url)
    if _is_test() and is_loopback(settings.web.host) and own.app_id and not own.app_type:
        return [BotRegistration(own.app_id, "", own.tenant_id.lower())]
    found = [_read_registration("teams", own, token_url, now)]
    if other.is_begun:
        found.append(_read_registration("teams_partner", other, token_url, now))
        if found[0].tenant == found[1].tenant:
            raise BadSettings("teams_partner.tenant_id: the same as teams.tenant_id; leave the section out")
    return found


def read_allowed_hosts(settings: Settings) -> AllowedHosts:
    """Return the hosts that may receive the token. Raises BadSettings for anything but exact host names."""
    named = teams_section(settings).service_hosts
    for host in named:
        local = _is_test() and is_loopback(host.partition(":")[0])
        if not local and not _HOST.fullmatch(host):
            raise BadSettings("teams.service_hosts: write exact host names, such as smba.trafficmanager.net")
    if not named:
        raise BadSettings("teams.service_hosts: must name at least one host")
    return AllowedHosts(frozenset(named), on_loopback=_is_test())


def _read_registration(section: str, own: TeamsBotSection, token_url: str, now: Now) -> BotRegistration:
    if not own.app_type:
        raise BadSettings(f"{section}.app_type: write SingleTenant or UserAssignedMSI")
    for key, value in (("app_id", own.app_id), ("tenant_id", own.tenant_id)):
        if not _GUID.fullmatch(value):
            raise BadSettings(f"{section}.{key}: must be an id like 00000000-0000-0000-0000-000000000000")
    check_secret(f"{section}.app_password", own.app_password)
    password, pem = own.app_password.get_secret_value(), own.app_certificate.get_secret_value()
    if _GUID.fullmatch(password):
        raise BadSettings(f"{section}.app_password: this is the secret's id in Entra; copy its value instead")
    if own.app_type == "SingleTenant" and bool(password) == bool(pem):
        name, state = f"PULSE_{section}__APP_".upper(), "both are" if password else "neither is"
        raise BadSettings(
            f"{section}.app_password, app_certificate: {state} set; set {name}PASSWORD or {name}CERTIFICATE "
            "(or one of them with _FILE)"
        )
    certificate = _read_certificate(section, pem, now) if pem else None
    return BotRegistration(own.app_id, own.app_type, own.tenant_id.lower(), password, token_url, certificate)


def _read_certificate(section: str, pem: str, now: Now) -> ClientCertificate:
    try:
        return parse_certificate(pem, now)
    except ValueError as error:
        raise BadSettings(f"{section}.app_certificate: {error}") from None


def _check_address(key: str, url: str, *also: str) -> str:
    local = _is_test() and url.startswith("http://127.0.0.1:")
    if url and not url.startswith("https://") and url not in also and not local:
        raise BadSettings(f"{key}: must begin with https://")
    return url


def _build_default_url(settings: Settings) -> str:
    host = teams_section(settings).service_hosts[0]
    scheme = "http" if _is_test() and is_loopback(host.partition(":")[0]) else "https"
    return f"{scheme}://{host}/teams"


def _is_test() -> bool:
    return os.environ.get("PULSE_ENV") == "test"


@dataclass(slots=True)
class Tenants:
    """Cache the Entra tenants that any alliance names, and the channels of those alliances."""

    store: Store
    known: frozenset[str] = frozenset()
    joint: Mapping[str, Sequence[Channel]] = field(default_factory=dict)
    read_at: float | None = None

    async def list_tenants(self) -> frozenset[str]:
        """Return the tenants, at most `_FRESH` seconds old. Raises StoreUnavailable."""
        await self._read_again()
        return self.known

    async def list_joint_channels(self, tenant: str) -> Sequence[Channel]:
        """Return the channels of the alliances that name this tenant, as fresh. Raises StoreUnavailable."""
        await self._read_again()
        return self.joint.get(tenant, ())

    async def _read_again(self) -> None:
        now = asyncio.get_running_loop().time()
        if self.read_at is None or now - self.read_at > _FRESH:
            alliances = await self.store.alliances.list_all()
            self.known = list_named_ids(alliances, NAME)
            self.joint = list_joint_channels(alliances, NAME)
            self.read_at = now


@dataclass(slots=True)
class Strangers:
    """Report tenants that are refused because no alliance names them."""

    store: Store
    inbox: Inbox
    last: str = ""

    async def report_stranger(self, activity: ReceivedActivity) -> None:
        """Store the tenant for `pulse doctor`, and tell the leads if it wrote in an alliance's channel."""
        if not _GUID.fullmatch(activity.tenant):
            return
        with suppress(StoreUnavailable):
            if activity.tenant != self.last:
                await self.store.values.save_value(REFUSED, activity.tenant)
                self.last = activity.tenant
            if not activity.is_personal:
                channel = parse.locate_channel(activity)
                await self.inbox.take(
                    Changed(at=activity.at, channel=channel, change="refused", company=activity.tenant)
                )


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """Store what was learned about tenants and channels, for all processes."""

    store: Store

    async def load_value(self, name: str) -> str | None:
        """Return the stored value; None if there is none. Raises StoreUnavailable."""
        return await self.store.values.find_value(f"teams.{name}")

    async def save_value(self, name: str, value: str) -> None:
        """Store a value. Raises StoreUnavailable."""
        await self.store.values.save_value(f"teams.{name}", value)

"""Check Microsoft Teams for `pulse doctor`: tokens, signing keys, permissions and refused tenants."""

from contextlib import suppress
from datetime import timedelta
from typing import Literal, Protocol, runtime_checkable

from adapters.teams.credentials import ClientCertificate, Credentials
from adapters.teams.signing_keys import KeysUnreachable, SigningKeys
from bot.app.doctor.finding import Finding
from bot.app.platforms.http_session import make_session
from bot.app.platforms.teams import wiring as teams
from bot.app.platforms.teams.entra_advice import explain_refusal
from bot.app.platforms.teams.plugin import teams_section
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Channel
from bot.ports import ChatPlatform, PlatformError

SOON = timedelta(days=30)
"""Time before the end of a certificate from which on the doctor warns."""


@runtime_checkable
class ReadsPermissions(Protocol):
    """A platform that knows which messages of a channel it passes on."""

    async def find_message_scope(self, channel: Channel) -> Literal["all", "mentions"] | None: ...


async def diagnose_platform(bot: Bot) -> list[Finding]:
    """Return the findings; none if Teams is not set up."""
    if not teams_section(bot.settings).is_wanted:
        return []
    async with make_session(bot.settings, 10) as session:
        keys = SigningKeys(session, teams_section(bot.settings).openid_metadata_url)
        with suppress(KeysUnreachable):
            await keys.find_key("")
        registrations = teams.read_registrations(bot.settings, bot.clock.now)
        found = [await _check_token(Credentials(session, own)) for own in registrations]
    found += [_check_certificate(own.tenant, own.certificate) for own in registrations if own.certificate]
    advice = "check the network, the proxy and teams.openid_metadata_url; until then Teams' messages are answered 503"
    found.append(Finding("Microsoft's signing keys can be read", bool(keys.known), advice))
    return [*found, *await _check_permissions(bot), *await _check_rosters(bot), *await _check_strangers(bot)]


async def _check_token(own: Credentials) -> Finding:
    check = f"Entra tenant {own.identity.tenant} gives the bot its token"
    try:
        await own.build_headers()
    except PlatformError as error:
        return Finding(check, False, explain_refusal(error.reason))
    return Finding(check, True)


def _check_certificate(tenant: str, certificate: ClientCertificate) -> Finding:
    check = f"the certificate for tenant {tenant} is valid until {certificate.expires:%Y-%m-%d}"
    advice = "make a new one in time: upload its public part under Certificates & secrets, then set app_certificate"
    return Finding(check, certificate.expires - certificate.now() > SOON, advice)


async def _check_permissions(bot: Bot) -> list[Finding]:
    platform = bot.platforms.get("teams")
    if not isinstance(platform, ReadsPermissions):
        return []
    return [
        _describe_scope(alliance, await platform.find_message_scope(channel))
        for alliance in await bot.store.alliances.list_all()
        for channel in alliance.channels
        if channel.platform == "teams"
    ]


def _describe_scope(alliance: Alliance, scope: Literal["all", "mentions"] | None) -> Finding:
    match scope:
        case "all":
            return Finding(f"{alliance.key}: Teams passes on every message of its channel", True)
        case "mentions":
            check = f"{alliance.key}: Teams only passes on messages that mention the bot, so no mood is read"
            advice = "upload a package made without --mentions-only and ask the team's owner to add it again"
            return Finding(check, alliance.threads == "off", advice)
    return Finding(
        f"{alliance.key}: it is known which messages of its channel Teams passes on",
        False,
        "nothing has arrived from the channel yet; add the app to its team, or mention the bot there once",
    )


async def _check_rosters(bot: Bot) -> list[Finding]:
    """Check the channels whose members Microsoft refuses to list: only there is something to consent to."""
    found = []
    for alliance in await bot.store.alliances.list_all():
        for channel in alliance.channels:
            platform = bot.platforms.get("teams") if channel.platform == "teams" else None
            if platform and (reason := await _find_refusal(platform, channel)):
                check = f"{alliance.key}: Microsoft lets the bot read who is in the channel"
                found.append(Finding(check, False, f"{reason}: {_CONSENT}"))
    return found


async def _find_refusal(platform: ChatPlatform, channel: Channel) -> str:
    try:
        await platform.members(channel)
    except PlatformError as error:
        return error.reason if error.kind == "refused" else ""
    return ""


_CONSENT = (
    "answers wait, and no company is known. In a shared channel upload the newest package, which asks for "
    "ChannelMember.Read.Group, and let an owner add the app to the channel itself. If owners' consent is switched off "
    "in the tenant, its administrator grants it"
)


async def _check_strangers(bot: Bot) -> list[Finding]:
    tenant = await bot.store.values.find_value(teams.REFUSED)
    if not tenant or tenant in await teams.Tenants(bot.store).list_tenants():
        return []
    check = f"no tenant of an unknown company was refused (last: {tenant})"
    advice = (
        "if it belongs to one of the two companies, add it to that company's `entra` and run `pulse apply`"
    )
    return [Finding(check, False, advice)]

"""Microsoft Teams, as an operator wants to know it: who the bot is, whom it believes, and what it gets to read."""

from typing import Literal, Protocol, runtime_checkable

import aiohttp

from adapters.teams.credentials import Credentials
from adapters.teams.signing_keys import Keys
from bot.app.doctor.finding import Finding
from bot.app.platforms.teams import wiring as teams
from bot.app.platforms.teams.plugin import teams_section
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Channel
from bot.ports import PlatformError


@runtime_checkable
class Hearing(Protocol):
    """A platform that can say which messages of a channel it passes on."""

    async def hears(self, channel: Channel) -> Literal["all", "mentions"] | None: ...


async def diagnose(bot: Bot) -> list[Finding]:
    """None where Teams is not set up."""
    if not teams_section(bot.settings).is_wanted:
        return []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        keys = Keys(session, teams_section(bot.settings).openid_metadata_url)
        await keys.find("")
        found = [await _token(Credentials(session, one)) for one in teams.identities(bot.settings)]
    advice = "check the network and teams.openid_metadata_url; until then every message from Teams is refused"
    found.append(Finding("Microsoft's signing keys can be read", bool(keys.known), advice))
    return [*found, *await _heard(bot), *await _refused(bot)]


async def _token(own: Credentials) -> Finding:
    check = f"Entra tenant {own.identity.tenant} gives the bot its token"
    try:
        await own.headers()
    except PlatformError as error:
        advice = f"{error.reason}: check app id, tenant, password and its end; see docs/teams.md"
        return Finding(check, False, advice)
    return Finding(check, True)


async def _heard(bot: Bot) -> list[Finding]:
    platform = bot.platforms.get("teams")
    if not isinstance(platform, Hearing):
        return []
    return [
        _reading(alliance, await platform.hears(channel))
        for alliance in await bot.store.alliances.list_all()
        for channel in alliance.channels
        if channel.platform == "teams"
    ]


def _reading(alliance: Alliance, hears: Literal["all", "mentions"] | None) -> Finding:
    match hears:
        case "all":
            return Finding(f"{alliance.key}: Teams passes on every message of its channel", True)
        case "mentions":
            check = f"{alliance.key}: Teams only passes on what mentions the bot, so no mood is read"
            advice = "upload a package made without --mentions-only and let the team's owner add it again"
            return Finding(check, alliance.threads == "off", advice)
    return Finding(
        f"{alliance.key}: it is known which messages of its channel Teams passes on",
        False,
        "nothing has come from the channel yet; add the app to its team, or mention the bot there once",
    )


async def _refused(bot: Bot) -> list[Finding]:
    tenant = await bot.store.values.find_value(teams.REFUSED)
    if not tenant or tenant in await teams.Tenants(bot.store).listed():
        return []
    check = f"no tenant of an unknown company was refused, the last one {tenant}"
    advice = "if it is one of the two companies', add it to `entra` of its side and run `pulse apply`"
    return [Finding(check, False, advice)]

"""Check an installation: is everything there, and if not, what must the operator do?"""

from collections.abc import Sequence

from bot.app.clock.clock import Clock
from bot.app.config.schema import Settings, is_public
from bot.app.config.section import BadSettings
from bot.app.doctor.database import check_data
from bot.app.doctor.finding import Finding, skip_check
from bot.app.doctor.leads import check_chats
from bot.app.platforms import PLUGINS
from bot.app.platforms.plugin import PlatformPlugin
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import find_missing_leads, find_too_few
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Member
from bot.mood import read
from bot.ports import PlatformError

_INVITE = "invite the bot to the channel, and check token and scopes"


async def examine_bot(settings: Settings, only: str | None = None) -> list[Finding]:
    """Return every check in order; one that an earlier one makes meaningless is named as not looked at.

    `only`: of what is kept nothing, and of platforms that one.
    """
    try:
        async with assemble_bot(settings, Clock()) as bot:
            found = [_check_address(settings), _check_metrics(settings), _check_mood()]
            database = await _check_database(bot)
            secrets = (
                await _check_secrets(bot)
                if database.ok
                else skip_check(_SECRETS, "the database is not usable")
            )
            found += [database, secrets]
            if not secrets.ok:
                return [*found, *_skip_rest(settings, only, "first mend what failed above")]
            if not only:
                found += [*await check_data(bot), *await _check_alliances(bot)]
            for plugin in _list_asked(only):
                found += await _check_platform(bot, plugin, only)
            return found
    except BadSettings as error:
        reason = "first mend the settings"
        rest = _skip_rest(settings, only, reason)
        return [
            Finding("secrets", False, str(error)),
            skip_check("address, metrics and database", reason),
            *rest,
        ]


_SECRETS = "secret and keys are those that the database was filled with"


def _list_asked(only: str | None) -> list[PlatformPlugin]:
    return [plugin for plugin in PLUGINS if only in (None, plugin.name)]


async def _check_platform(bot: Bot, plugin: PlatformPlugin, only: str | None) -> list[Finding]:
    if plugin.is_wanted(bot.settings):
        return await plugin.diagnose(bot)
    if only:
        return [skip_check(plugin.title, f"it is not set up; see docs/{plugin.name}.md")]
    if plugin.manifest is None:  # the sandbox: for trials
        return []
    return [Finding(f"{plugin.title} is not set up, so there is nothing to look at", True)]


def _skip_rest(settings: Settings, only: str | None, reason: str) -> list[Finding]:
    """Name what is looked at only with a database that is in order."""
    kept = (
        []
        if only
        else ["what is kept: clock, keys, audit log, deliveries", "alliances: leads, channels, people"]
    )
    asked = [plugin for plugin in _list_asked(only) if plugin.manifest]
    titles = [plugin.title for plugin in asked if only or plugin.is_wanted(settings)]
    return [skip_check(check, reason) for check in (*kept, *titles)]


def _check_address(settings: Settings) -> Finding:
    listens = f"the web server listens on {settings.web.host}:{settings.web.port}"
    is_needed = any(plugin.needs_public_url(settings) for plugin in PLUGINS)
    if is_needed and not settings.web.public_url.startswith("https://"):
        return Finding(
            listens, False, "set web.public_url to the https address at which the platform reaches this bot"
        )
    return Finding(listens, True)


def _check_metrics(settings: Settings) -> Finding:
    """Check who may read the metrics. Closed is fine: not everybody measures."""
    if settings.web.metrics_token.get_secret_value():
        return Finding("/metrics answers whoever shows web.metrics_token", True)
    if is_public(settings):
        return Finding("/metrics is closed; to read it set PULSE_WEB__METRICS_TOKEN", True)
    return Finding("/metrics answers this machine", True)


def _check_mood() -> Finding:
    read("We were told in time, thank you.")
    return Finding("messages can be read for mood, without any download", True)


async def _check_database(bot: Bot) -> Finding:
    check = "the database can be written, has this version's schema, and is of these encryption keys"
    advice = "run `pulse migrate`; if it is done, check database.url and privacy.encryption_keys"
    return Finding(check, await bot.store.ready(), advice)


async def _check_secrets(bot: Bot) -> Finding:
    misfit = await bot.store.diagnostics.find_misfit()
    return Finding(_SECRETS, misfit is None, misfit or "")


async def _check_alliances(bot: Bot) -> list[Finding]:
    alliances = await bot.store.alliances.list_all()
    if not alliances:
        return [
            Finding("an alliance is declared", False, "write one in TOML and run `pulse apply FILE.toml`")
        ]
    found = []
    for alliance in alliances:
        missing = find_missing_leads(alliance)
        found.append(Finding(f"{alliance.key}: each side has a lead", not missing, missing))
        found += await check_chats(bot, alliance)
        seen = [await _check_channel(bot, alliance.key, channel) for channel in alliance.channels]
        found += [finding for _, finding in seen]
        found.append(_check_sizes(alliance, seen))
    return found


def _check_sizes(alliance: Alliance, seen: Sequence[tuple[tuple[Member, ...], Finding]]) -> Finding:
    check = f"{alliance.key}: no side is known to be too small for a number"
    if not all(finding.ok for _, finding in seen):
        return skip_check(check, "the bot cannot see who is in all of its channels")
    people = {(member.platform, member.id): member for members, _ in seen for member in members}
    warning = find_too_few(alliance, tuple(people.values()))
    return Finding(check, not warning, warning)


async def _check_channel(bot: Bot, key: str, channel: Channel) -> tuple[tuple[Member, ...], Finding]:
    """Return who is in the channel, and whether that can be seen."""
    check = f"{key}: the bot can see who is in its {channel.platform} channel"
    platform = bot.platforms.get(channel.platform)
    if platform is None:
        return (), Finding(check, False, f"{channel.platform} is not configured; see config.example.toml")
    try:
        members = await platform.members(channel)
    except PlatformError as error:
        return (), _explain_unseen(check, channel, error)
    return members, Finding(check, bool(members), "the channel is empty")


def _explain_unseen(check: str, channel: Channel, error: PlatformError) -> Finding:
    match error.kind:
        case "not_yet":
            return skip_check(
                check, f"{channel.platform} limits how often it may be asked; try again in a minute"
            )
        case "later" | "unknown":
            advice = f"{channel.platform} does not answer; check the network, and look again"
        case _:
            advice = _INVITE
    return Finding(check, False, f"{error.reason}: {advice}")

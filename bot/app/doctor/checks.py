"""Check an installation: is everything there, and if not, what must the operator do?"""

from bot.app.clock.clock import Clock
from bot.app.config.schema import Settings, is_public
from bot.app.config.section import BadSettings
from bot.app.doctor.database import check_data
from bot.app.doctor.finding import Finding
from bot.app.platforms import PLUGINS
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import warn_of_small_sides
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Side
from bot.mood import read
from bot.ports import PlatformError

_INVITE = "invite the bot to the channel, and check token and scopes"


async def examine_bot(settings: Settings, only: str | None = None) -> list[Finding]:
    """Every check in order; later ones are left out where an earlier one makes them meaningless.

    `only`: of what is kept nothing, and of platforms that one.
    """
    try:
        async with assemble_bot(settings, Clock()) as bot:
            found = [
                _check_address(settings),
                _check_metrics(settings),
                _check_mood(),
                await _check_database(bot),
            ]
            found += [await _check_secrets(bot)] if found[-1].ok else []
            if all(finding.ok for finding in found):
                found += [*await check_data(bot), *await _check_alliances(bot)] if not only else []
                for plugin in PLUGINS:
                    found += await plugin.diagnose(bot) if only in (None, plugin.name) else []
            return found
    except BadSettings as error:
        return [Finding("secrets", False, str(error))]


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
    return Finding(
        "secret and keys are those that the database was filled with", misfit is None, misfit or ""
    )


async def _check_alliances(bot: Bot) -> list[Finding]:
    alliances = await bot.store.alliances.list_all()
    if not alliances:
        return [
            Finding("an alliance is declared", False, "write one in TOML and run `pulse apply FILE.toml`")
        ]
    found = []
    for alliance in alliances:
        found.append(_check_leads(alliance))
        for channel in alliance.channels:
            found.append(await _check_channel(bot, alliance.key, channel))
        found.append(await _check_sizes(bot, alliance))
    return found


async def _check_sizes(bot: Bot, alliance: Alliance) -> Finding:
    warnings = await warn_of_small_sides(bot, [alliance])
    check = f"{alliance.key}: no side is known to be too small for a number"
    return Finding(check, not warnings, "; ".join(warning.partition(": ")[2] for warning in warnings))


def _check_leads(alliance: Alliance) -> Finding:
    without = [alliance.organisation(side).name for side in Side if not alliance.organisation(side).leads]
    advice = f"name one of {' and of '.join(without)} in `leads`: alerts and digests go to leads alone"
    return Finding(f"{alliance.key}: each side has a lead", not without, advice)


async def _check_channel(bot: Bot, key: str, channel: Channel) -> Finding:
    check = f"{key}: the bot can see who is in its {channel.platform} channel"
    platform = bot.platforms.get(channel.platform)
    if platform is None:
        return Finding(check, False, f"{channel.platform} is not configured; see config.example.toml")
    try:
        members = await platform.members(channel)
    except PlatformError as error:
        if error.kind == "not_yet":
            return Finding(check, True)
        away = error.kind in ("later", "unknown")
        advice = f"{channel.platform} does not answer; check the network, and look again" if away else _INVITE
        return Finding(check, False, f"{error.reason}: {advice}")
    return Finding(check, bool(members), "the channel is empty")

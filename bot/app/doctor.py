"""What an operator wants to know first: is everything there, and if not, what to do about it."""

from datetime import UTC
from email.utils import parsedate_to_datetime

import aiohttp

from bot.app import teams
from bot.app.bot import Bot
from bot.app.clock import Clock, machine_now
from bot.app.finding import Finding
from bot.app.settings import BadSettings, Settings
from bot.app.teams_doctor import teams_findings
from bot.app.wiring import assembled
from bot.model import Channel
from bot.mood import read
from bot.ports import PlatformError

SKEW = 60.0
"""Seconds that this machine's clock may be off; Slack refuses at 300."""


async def examine(settings: Settings, only_teams: bool = False) -> list[Finding]:
    """Every check in order; later ones are left out where an earlier one makes them meaningless."""
    try:
        async with assembled(settings, Clock()) as bot:
            found = [_reachable(settings), _mood(), await _database(bot)]
            if all(one.ok for one in found):
                found += await _alliances(bot) + await _slack(settings) if not only_teams else []
                found += await teams_findings(bot)
            return found
    except BadSettings as error:
        return [Finding("secrets", False, str(error))]


def _reachable(settings: Settings) -> Finding:
    listens = f"the web server listens on {settings.web.host}:{settings.web.port}"
    wanted = bool(settings.slack.signing_secret.get_secret_value()) or teams.is_wanted(settings)
    if wanted and not settings.web.public_url.startswith("https://"):
        return Finding(
            listens, False, "set web.public_url to the https address at which the platform reaches this bot"
        )
    return Finding(listens, True)


def _mood() -> Finding:
    read("We were told in time, thank you.")
    return Finding("messages can be read for mood, without any download", True)


async def _database(bot: Bot) -> Finding:
    ready = await bot.store.ready()
    return Finding("the database can be written and has this version's schema", ready, "run `pulse migrate`")


async def _alliances(bot: Bot) -> list[Finding]:
    alliances = await bot.store.alliances()
    if not alliances:
        return [
            Finding("an alliance is declared", False, "write one in TOML and run `pulse apply FILE.toml`")
        ]
    found = []
    for alliance in alliances:
        for channel in alliance.channels:
            found.append(await _channel(bot, alliance.key, channel))
    return found


async def _channel(bot: Bot, key: str, channel: Channel) -> Finding:
    check = f"{key}: the bot can see who is in its {channel.platform} channel"
    platform = bot.platforms.get(channel.platform)
    if platform is None:
        return Finding(check, False, f"{channel.platform} is not configured; see config.example.toml")
    try:
        members = await platform.members(channel)
    except PlatformError as error:
        return Finding(
            check, False, f"{error.reason}: invite the bot to the channel, and check token and scopes"
        )
    return Finding(check, bool(members), "the channel is empty")


async def _slack(settings: Settings) -> list[Finding]:
    if not settings.slack.signing_secret.get_secret_value():
        return []
    check = "this machine's clock agrees with Slack's"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.post(settings.slack.api_url.rstrip("/") + "/api.test") as answer,
        ):
            told = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return [Finding(check, False, "Slack cannot be reached; check slack.api_url and the network")]
    skew = abs((machine_now() - told.astimezone(UTC)).total_seconds())
    return [
        Finding(
            check,
            skew < SKEW,
            f"it is {skew:.0f} s off; synchronise it (NTP), or Slack's requests are refused",
        )
    ]

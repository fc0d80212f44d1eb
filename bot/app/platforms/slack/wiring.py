"""Assemble Slack from the settings: one workspace with a fixed token, companies that install the bot, or both."""

from contextlib import AsyncExitStack
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from adapters.slack import oauth_pages
from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import NAME
from adapters.slack.installations import SlackInstallations
from adapters.slack.oauth import SlackOAuth
from adapters.slack.oauth_pages import InstallFlow
from adapters.slack.organisations import SlackOrganisations
from adapters.slack.platform import SlackPlatform
from adapters.slack.private_reply import SlackReplies
from adapters.slack.rate_limit import AskSharedTurn, SlackRateLimiter
from adapters.slack.socket import SocketMode
from adapters.slack.tokens import SlackTokens
from adapters.slack.webhook import SlackReceiver, routes
from bot.app.config.schema import Settings
from bot.app.config.secret_shape import check_secret
from bot.app.config.section import BadSettings
from bot.app.platforms.egress_proxy import read_proxy
from bot.app.platforms.http_session import DRAIN_SECONDS, open_session
from bot.app.platforms.received_events import ReceivedEvents
from bot.app.platforms.slack.copies import BotCopies, DeclaredCompanies, Uninstallation
from bot.app.platforms.slack.plugin import slack_section
from bot.app.platforms.time_source import make_time_source
from bot.app.runtime.bot import Bot, Parts
from bot.ports import PlatformError, StoreUnavailable
from bot.rate_limit import Rate, Turn

REDIRECT: Final = "/slack/oauth_redirect"
NEEDED: Final = frozenset(
    {"app_mention", "block_actions", "message.channels", "message.groups", "message.im"}
)
"""Events that must arrive, of message.channels and message.groups at least one. Others may never occur."""


async def assemble_slack(bot: Bot, stack: AsyncExitStack) -> Parts:
    """Build the outbound and inbound side from settings that passed `check_slack_settings`."""
    section = slack_section(bot.settings)
    session = await open_session(bot, stack, NAME)
    tokens = make_tokens(bot, session)
    limiter = SlackRateLimiter(shared=_make_shared_turns(bot)) if bot.store.is_shared else SlackRateLimiter()
    api = SlackApi(session, tokens, section.api_url, limiter)
    directory = SlackDirectory(api, organisations=_make_organisations(bot))
    installations = SlackInstallations(bot.store.installations)
    companies = DeclaredCompanies(bot.store)
    receiver = _make_receiver(bot, stack, SlackReplies(api), directory, installations)
    # Without a signing secret anybody could forge requests, so payloads come by Socket Mode alone.
    doors = list(routes(receiver)) if section.signing_secret.get_secret_value() else []
    if tokens.oauth:
        states, is_declared = bot.store.installations, companies.is_declared
        flow = InstallFlow(tokens.oauth, installations, states, bot.secret, bot.clock.now, is_declared)
        doors += oauth_pages.routes(flow)
    app_token = section.app_token.get_secret_value()
    socket = SocketMode(receiver, app_token, section.api_url, proxy=find_proxy(bot.settings))
    sockets = (socket.keep_connected,) if app_token else ()
    time = make_time_source(session, section.api_url)
    platform = SlackPlatform(api, directory, companies.list_workspaces)
    return Parts(platform, doors, sockets, (tokens.renew_due,), time)


def _make_receiver(
    bot: Bot,
    stack: AsyncExitStack,
    replies: SlackReplies,
    directory: SlackDirectory,
    installations: SlackInstallations,
) -> SlackReceiver:
    secret = slack_section(bot.settings).signing_secret.get_secret_value()
    copies = BotCopies(bot.store, replies.api)
    uninstallation = Uninstallation(bot.store, bot.inbox, installations, copies)
    events = make_received_events(bot)
    receiver = SlackReceiver(
        bot.inbox,
        replies,
        directory,
        secret,
        bot.clock.now,
        uninstallation.end_installation,
        copies.judge_leaving,
        events,
    )
    stack.push_async_callback(events.drain)
    stack.push_async_callback(receiver.replies.drain, DRAIN_SECONDS)
    return receiver


def _make_organisations(bot: Bot) -> SlackOrganisations:
    """Make the record of workspaces' organisations, which counts what waited for it."""

    async def merge(workspace: str, organisation: str) -> int:
        return await bot.store.companies.merge(NAME, workspace, organisation)

    return SlackOrganisations(merge)


def _make_shared_turns(bot: Bot) -> AskSharedTurn:
    """Make a function that counts Slack calls across all processes on a database, by the database's clock."""

    async def ask_turn(name: str, rate: Rate, patience: float) -> Turn | None:
        try:
            return await bot.store.rate_limits.ask(f"{NAME} {name}", rate, patience)
        except StoreUnavailable:
            raise PlatformError("not_yet", "turns_not_readable", patience) from None

    return ask_turn


def make_received_events(bot: Bot) -> ReceivedEvents:
    """Make the record of the events that the bot needs from Slack."""
    return ReceivedEvents(bot.store, NAME, NEEDED, bot.clock.now)


def find_proxy(settings: Settings) -> str:
    """Return the address of the proxy for connections that slack_sdk opens by itself; "" for none."""
    api = urlsplit(slack_section(settings).api_url)
    return read_proxy(settings).find_proxy(api.hostname or "", api.port)


def make_tokens(bot: Bot, session: aiohttp.ClientSession) -> SlackTokens:
    """Make the source of every workspace's token, from the settings and the store."""
    own = slack_section(bot.settings)
    secret = own.client_secret.get_secret_value()
    url = bot.settings.web.public_url.rstrip("/") + REDIRECT
    oauth = SlackOAuth(session, own.client_id, secret, url, own.api_url) if own.client_id else None
    token = own.bot_token.get_secret_value()
    # Without a workspace in the settings there is only one, so the token is for any.
    fixed = ((own.workspace, token),) if token else ()
    return SlackTokens(bot.store.installations, bot.store.leases, bot.clock.now, oauth, fixed)


def check_slack_settings(settings: Settings) -> None:
    """Raise BadSettings if a setting that Slack needs is missing, or a secret cannot be what it is set as."""
    own = slack_section(settings)
    check_secret("slack.signing_secret", own.signing_secret)
    check_secret("slack.client_secret", own.client_secret)
    check_secret("slack.bot_token", own.bot_token, begins=("xoxb-", "xoxe.xoxb-"), least=6)
    check_secret("slack.app_token", own.app_token, begins=("xapp-",), least=6)
    signed, socket = own.signing_secret.get_secret_value(), own.app_token.get_secret_value()
    if not signed and not socket:
        raise BadSettings(
            "slack.signing_secret: not set; set PULSE_SLACK__SIGNING_SECRET (or PULSE_SLACK__APP_TOKEN for Socket Mode)"
        )
    if bool(own.client_id) != bool(own.client_secret.get_secret_value()):
        raise BadSettings("slack.client_id, PULSE_SLACK__CLIENT_SECRET: set both or neither")
    if own.client_id and not settings.web.public_url:
        raise BadSettings(
            "web.public_url: not set; after an installation, Slack sends the browser back to it"
        )
    if own.client_id and own.bot_token.get_secret_value() and not own.workspace:
        raise BadSettings(
            "slack.workspace: not set; with OAuth, the bot must know the workspace of slack.bot_token"
        )
    if not own.client_id and not own.bot_token.get_secret_value():
        raise BadSettings("slack.bot_token, slack.client_id: neither is set; see docs/slack.md")

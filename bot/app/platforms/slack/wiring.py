"""Assemble Slack from the settings: one workspace with a fixed token, companies that install the bot, or both."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
from bot.app.config.section import BadSettings
from bot.app.platforms.company_ids import list_company_ids, list_named_ids
from bot.app.platforms.http_session import DRAIN_SECONDS, open_session
from bot.app.platforms.received_events import ReceivedEvents
from bot.app.platforms.slack.plugin import slack_section
from bot.app.platforms.time_source import make_time_source
from bot.app.runtime.bot import Bot, Parts
from bot.model.alliance import Member
from bot.model.events import Left
from bot.ports import Inbox, PlatformError, Store, StoreUnavailable
from bot.rate_limit import Rate, Turn
from storage import DatabaseStore

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
    sockets = (SocketMode(receiver, app_token, section.api_url).keep_connected,) if app_token else ()
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
    end_installation = Uninstallation(bot.store, bot.inbox, installations).end_installation
    events = make_received_events(bot)
    receiver = SlackReceiver(bot.inbox, replies, directory, secret, bot.clock.now, end_installation, events)
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
    """Raise BadSettings if a setting that Slack needs is missing."""
    own = slack_section(settings)
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


@dataclass(frozen=True, slots=True)
class Uninstallation:
    """Handles workspaces that remove the bot."""

    store: DatabaseStore
    inbox: Inbox
    installations: SlackInstallations

    async def end_installation(self, workspace: str, at: datetime) -> None:
        """Delete the token at once, note the departure for later erasure, and tell the inbox. Raises StoreUnavailable.

        If no channel uses the workspace, only the token is deleted: a company may remove an installation that it does
        not need. The departure is noted before the token is deleted, because Slack repeats the event until it is
        acknowledged.
        """
        served = [
            channel
            for alliance in await self.store.alliances.list_all()
            for channel in alliance.channels
            if (channel.platform, channel.workspace) == (NAME, workspace)
        ]
        if served and await self.store.installations.find(workspace):
            await self.store.departures.record_departure(NAME, workspace, at)
        if not await self.installations.end_installation(workspace, at):
            await self.store.departures.cancel_departure(NAME, workspace)
            return
        for channel in served:
            await self.inbox.take(Left(at=at, channel=channel, who=None))


@dataclass(frozen=True, slots=True)
class DeclaredCompanies:
    """The companies and workspaces that alliances name."""

    store: Store

    async def is_declared(self, company_ids: tuple[str, ...]) -> bool:
        """Return True if an alliance names one of the ids, or if there are no alliances yet."""
        alliances = await self.store.alliances.list_all()
        return not alliances or not list_named_ids(alliances, NAME).isdisjoint(company_ids)

    async def list_workspaces(self, member: Member) -> tuple[str, ...]:
        """List workspaces that may reach a person: of their company, the one they were seen in, of their alliance.

        For somebody in several alliances, partners' workspaces are left out: a partner's administrators could read
        what concerns another partner.
        """
        alliances = await self.store.alliances.list_by_homes([(NAME, home) for home in member.home])
        only = alliances if len(alliances) == 1 else ()
        joint = [
            channel.workspace
            for alliance in only
            for channel in alliance.channels
            if channel.platform == NAME
        ]
        return (*member.home, member.workspace, *joint, *sorted(list_company_ids(only, NAME)))

"""Slack put together from the settings: one workspace with its token, or whoever installs the bot, or both."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import aiohttp

from adapters.slack import oauth_pages as install
from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import NAME
from adapters.slack.installations import SlackInstallations
from adapters.slack.oauth import SlackOAuth
from adapters.slack.oauth_pages import InstallFlow
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
"""Of one of message.channels and message.groups; a workspace may never send what else is subscribed to."""


async def assemble_slack(bot: Bot, stack: AsyncExitStack) -> Parts:
    """Outbound and inbound, with settings that passed `check`."""
    section = slack_section(bot.settings)
    session = await open_session(bot, stack, NAME)
    tokens = make_tokens(bot, session)
    pace = SlackRateLimiter(shared=_make_shared_turns(bot)) if bot.store.is_shared else SlackRateLimiter()
    api = SlackApi(session, tokens, section.api_url, pace)
    people = SlackDirectory(api)
    installations = SlackInstallations(bot.store.installations)
    secret = section.signing_secret.get_secret_value()
    leaving = Uninstallation(bot.store, bot.inbox, installations)
    noting = make_received_events(bot)
    door = SlackReceiver(
        bot.inbox, SlackReplies(api), people, secret, bot.clock.now, leaving.end_installation, noting
    )
    stack.push_async_callback(noting.drain)
    stack.push_async_callback(door.drain, DRAIN_SECONDS)
    companies = DeclaredCompanies(bot.store)
    # Without a secret anybody could sign: then everything comes by Socket Mode.
    doors = list(routes(door)) if secret else []
    if tokens.oauth:
        store = bot.store.installations
        desk = InstallFlow(
            tokens.oauth, installations, store, bot.secret, bot.clock.now, companies.is_declared
        )
        doors += install.routes(desk)
    app_token = section.app_token.get_secret_value()
    sockets = (SocketMode(door, app_token, section.api_url).keep_connected,) if app_token else ()
    time = make_time_source(session, section.api_url)
    return Parts(
        SlackPlatform(api, people, list_workspaces=companies.list_workspaces),
        doors,
        sockets,
        (tokens.renew_due,),
        time,
    )


def _make_shared_turns(bot: Bot) -> AskSharedTurn:
    """What all processes on one database together ask of Slack, by the database's clock."""

    async def ask(name: str, rate: Rate, patience: float) -> Turn | None:
        try:
            return await bot.store.turns.ask(f"{NAME} {name}", rate, patience)
        except StoreUnavailable:
            raise PlatformError("not_yet", "turns_not_readable", patience) from None

    return ask


def make_received_events(bot: Bot) -> ReceivedEvents:
    """What Slack ever sent of all that the bot cannot do without."""
    return ReceivedEvents(bot.store, NAME, NEEDED, bot.clock.now)


def make_tokens(bot: Bot, session: aiohttp.ClientSession) -> SlackTokens:
    """The tokens of every workspace, from the settings and from the store."""
    own = slack_section(bot.settings)
    secret = own.client_secret.get_secret_value()
    url = bot.settings.web.public_url.rstrip("/") + REDIRECT
    oauth = SlackOAuth(session, own.client_id, secret, url, own.api_url) if own.client_id else None
    token = own.bot_token.get_secret_value()
    # Without a name the token is every workspace's: there is but one.
    fixed = ((own.workspace, token),) if token else ()
    return SlackTokens(bot.store.installations, bot.store.leases, bot.clock.now, oauth, fixed)


def check_slack_settings(settings: Settings) -> None:
    """Is all there that Slack needs? Raises BadSettings."""
    own = slack_section(settings)
    signed, socket = own.signing_secret.get_secret_value(), own.app_token.get_secret_value()
    if not signed and not socket:
        raise BadSettings(
            "slack.signing_secret: not set; set PULSE_SLACK__SIGNING_SECRET (or PULSE_SLACK__APP_TOKEN for Socket Mode)"
        )
    if bool(own.client_id) != bool(own.client_secret.get_secret_value()):
        raise BadSettings("slack.client_id, PULSE_SLACK__CLIENT_SECRET: one is of no use without the other")
    if own.client_id and not settings.web.public_url:
        raise BadSettings("web.public_url: not set; Slack sends the browser back to it after an installation")
    if own.client_id and own.bot_token.get_secret_value() and not own.workspace:
        raise BadSettings("slack.workspace: not set; with OAuth the bot must know whose token bot_token is")
    if not own.client_id and not own.bot_token.get_secret_value():
        raise BadSettings("slack.bot_token, slack.client_id: neither is set; see docs/slack.md")


@dataclass(frozen=True, slots=True)
class Uninstallation:
    """A workspace removes the bot."""

    store: DatabaseStore
    inbox: Inbox
    installations: SlackInstallations

    async def end_installation(self, workspace: str, at: datetime) -> None:
        """Its token is deleted at once, its data once the retention period is over; leads hear what that means.

        Where no channel is served by it, only the token goes: a company may remove a copy that it does not need.
        Slack tells again what was not acknowledged: first it is noted, then the token goes.
        """
        served = [
            channel
            for alliance in await self.store.alliances.list_all()
            for channel in alliance.channels
            if (channel.platform, channel.workspace) == (NAME, workspace)
        ]
        if served and await self.store.installations.find(workspace):
            await self.store.departures.left(NAME, workspace, at)
        if not await self.installations.end_installation(workspace, at):
            await self.store.departures.returned(NAME, workspace)
            return
        for channel in served:
            await self.inbox.take(Left(at=at, channel=channel, who=None))


@dataclass(frozen=True, slots=True)
class DeclaredCompanies:
    """What the declared alliances say about workspaces."""

    store: Store

    async def is_declared(self, ids: tuple[str, ...]) -> bool:
        """Does any alliance name one of these? As long as none is declared, every workspace is welcome."""
        alliances = await self.store.alliances.list_all()
        return not alliances or not list_named_ids(alliances, NAME).isdisjoint(ids)

    async def list_workspaces(self, member: Member) -> tuple[str, ...]:
        """Workspaces that may reach this person: the own company's, the given one, those of their alliance.

        Somebody in several alliances is not written to through whichever partner's workspace comes first: its
        administrators could read what concerns another partner.
        """
        alliances = await self.store.alliances.list_by_homes([(NAME, home) for home in member.home])
        only = alliances if len(alliances) == 1 else ()
        joint = [place.workspace for one in only for place in one.channels if place.platform == NAME]
        return (*member.home, member.workspace, *joint, *sorted(list_company_ids(only, NAME)))

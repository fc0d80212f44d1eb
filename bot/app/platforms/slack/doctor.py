"""Check Slack for the operator: installations, scopes, channels, leads and received events."""

from contextlib import AsyncExitStack

import aiohttp

from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import NAME
from adapters.slack.manifest import SCOPES
from adapters.slack.socket import check_app_token
from bot.app.clock.clock import SKEW, machine_now
from bot.app.clock.clock_watch import read_date_header
from bot.app.doctor.finding import Finding, skip_check
from bot.app.platforms.company_ids import list_company_ids, list_ids, list_workspace_ids
from bot.app.platforms.http_session import make_session
from bot.app.platforms.slack import wiring
from bot.app.platforms.slack.card_check import check_cards
from bot.app.platforms.slack.copies import DeclaredCompanies
from bot.app.platforms.slack.plugin import slack_section
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Channel, Member, Side
from bot.ports import PlatformError

DEAD_TOKEN = {"invalid_auth", "token_revoked", "account_inactive", "token_expired", "invalid_refresh_token"}


async def inspect_slack(bot: Bot) -> list[Finding]:
    """Return the findings on Slack; none if it is not set up. Raises StoreUnavailable."""
    if not slack_section(bot.settings).is_wanted:
        return []
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(make_session(bot.settings, 10))
        clock = await _check_clock(session, slack_section(bot.settings).api_url)
        if not clock.ok:
            return [
                clock,
                skip_check("Slack: installations, channels, leads and events", "first mend the clock"),
            ]
        api = SlackApi(session, wiring.make_tokens(bot, session), slack_section(bot.settings).api_url)
        alliances = await bot.store.alliances.list_all()
        found = [clock, *await _check_installations(bot, api, alliances), *await _check_socket_mode(bot)]
        for alliance in alliances:
            found += [
                await _check_channel(api, alliance, channel)
                for channel in alliance.channels
                if channel.platform == NAME
            ]
            found += await _check_leads(bot, api, alliance)
        return [*found, await _check_received_events(bot)]


async def _check_clock(session: aiohttp.ClientSession, api_url: str) -> Finding:
    check = "this machine's clock agrees with Slack's"
    try:
        async with session.post(api_url.rstrip("/") + "/api.test") as answer:
            told = read_date_header(answer.headers)
    except (aiohttp.ClientError, TimeoutError):
        told = None
    if told is None:
        return Finding(check, False, "Slack can't be reached; check slack.api_url, the network and the proxy")
    skew = (machine_now() - told).total_seconds()
    advice = f"it is {abs(skew):.0f} s off; synchronise it by NTP, or the bot rejects Slack's requests"
    return Finding(check, abs(skew) < SKEW, advice)


async def _check_installations(bot: Bot, api: SlackApi, alliances: tuple[Alliance, ...]) -> list[Finding]:
    own, kept = slack_section(bot.settings), await bot.store.installations.all()
    fixed = {own.workspace} if own.bot_token.get_secret_value() else set()
    channels = list_workspace_ids(alliances, NAME)
    if not fixed and not kept:
        page = f"{bot.settings.web.public_url.rstrip('/')}/slack/install"
        return [Finding("Slack: the bot is installed", False, f"nobody has installed it yet; open {page}")]
    # Without a workspace in the settings, the token is for every channel's workspace.
    there = (fixed - {""}) | kept.keys() | (channels if "" in fixed else set())
    missing = [
        Finding(f"Slack {workspace}: the bot is installed", False, _NOT_INSTALLED)
        for workspace in channels - there
    ]
    tokens = [await _check_token(api, workspace) for workspace in sorted(there)]
    is_usable = bool(tokens) and tokens[0].ok
    cards = [await check_cards(api, min(there))] if is_usable else []
    return [*missing, *tokens, *cards]


_NOT_INSTALLED = (
    "a channel names this workspace, but the bot is not installed there; install it there, or name another workspace "
    "that installed it in the channel's `workspace`"
)


async def _check_token(api: SlackApi, workspace: str) -> Finding:
    check = f"Slack {workspace}: the bot's token is valid and has all scopes"
    try:
        team, scopes = await api.fetch_grant(workspace)
    except PlatformError as error:
        if error.reason in DEAD_TOKEN:
            return Finding(
                check, False, f"the token is no longer valid ({error.reason}); install the bot there again"
            )
        return Finding(check, False, f"Slack answered {error.reason}; try again, and check the network")
    if workspace.startswith("T") and team != workspace:
        return Finding(check, False, f"the token belongs to workspace {team}; set slack.workspace to {team}")
    missing = ", ".join(sorted(set(SCOPES) - scopes))
    advice = (
        f"missing scopes: {missing}; add them (`pulse manifest slack` lists all) and install the app again"
    )
    return Finding(check, not missing, advice)


async def _check_socket_mode(bot: Bot) -> list[Finding]:
    token = slack_section(bot.settings).app_token.get_secret_value()
    if not token:
        return []
    check = "Slack: the bot can connect by Socket Mode"
    try:
        await check_app_token(token, slack_section(bot.settings).api_url, wiring.find_proxy(bot.settings))
    except PlatformError as error:
        advice = (
            f"Slack answered {error.reason}; give the app-level token the scope connections:write, and switch on "
            "Socket Mode in the app's settings"
        )
        return [Finding(check, False, advice)]
    return [Finding(check, True)]


async def _check_channel(api: SlackApi, alliance: Alliance, channel: Channel) -> Finding:
    check = f"{alliance.key}: the bot is in Slack channel {channel.address}, with both companies"
    try:
        answer = await api.call(channel.workspace, "conversations.info", {"channel": channel.address})
    except PlatformError as error:
        return Finding(
            check,
            False,
            _UNSEEN.get(error.reason, f"Slack answered {error.reason}; try again, and check the network"),
        )
    told = answer.get("channel") or {}
    if told.get("is_archived"):
        return Finding(check, False, "the channel is archived; unarchive it, or name another channel")
    if not told.get("is_member"):
        return Finding(check, False, "the bot is not in the channel; write /invite @Alliance Pulse there")
    return _check_companies(check, alliance, told)


_UNSEEN = {
    "channel_not_found": "the channel is private and the bot is not in it (write /invite @Alliance Pulse there), or "
    "the address is wrong: copy it from the channel's details",
    "not_installed": "the bot is not installed in the channel's workspace",
    "missing_scope": "the scopes channels:read and groups:read are missing; add them and install the app again",
}


def _check_companies(check: str, alliance: Alliance, told: dict[str, object]) -> Finding:
    lists = [told.get(name) for name in ("shared_team_ids", "connected_team_ids")]
    there = {str(company) for listed in lists if isinstance(listed, list) for company in listed} | {
        str(told.get("context_team_id"))
    }
    sides = [alliance.organisation(side) for side in Side]
    absent = [
        company.name
        for company in sides
        if list_ids(company, NAME) and there.isdisjoint(list_ids(company, NAME))
    ]
    if absent:
        advice = (
            f"{' and '.join(absent)} can't see it; share it by Slack Connect, or add the right id to `slack`"
        )
        return Finding(check, False, f"{advice} (companies there: {', '.join(sorted(there))})")
    inside = told.get("internal_team_ids")
    internal = {str(company) for company in inside} if isinstance(inside, list) else set()
    others = there - internal - list_company_ids([alliance], NAME)
    is_third = bool(others) and all(list_ids(company, NAME) for company in sides)
    advice = (
        f"another company is in it too ({', '.join(sorted(others))}); answers of its people are not counted"
    )
    return Finding(check, not is_third, advice)


async def _check_leads(bot: Bot, api: SlackApi, alliance: Alliance) -> list[Finding]:
    """Open the direct messages with each lead: a company may forbid those from outside."""
    found = []
    for company in (alliance.organisation(side) for side in Side):
        leads = [lead for lead in company.leads if lead.platform == NAME]
        faults = [await _find_lead_fault(bot, api, lead) for lead in leads]
        fault = next(filter(None, faults), "")
        if leads:
            check = f"{alliance.key}: every Slack lead of {company.name} can be written to"
            found.append(Finding(check, not fault, fault))
    return found


async def _find_lead_fault(bot: Bot, api: SlackApi, lead: Member) -> str:
    """Return what to do if no workspace's copy reaches the lead; empty if one does."""
    directory, fault = SlackDirectory(api), _UNKNOWN_LEAD
    for workspace in dict.fromkeys(filter(None, await DeclaredCompanies(bot.store).list_workspaces(lead))):
        try:
            person = await directory.find_person(workspace, lead.id)
            if person.has_left or person.is_program:
                return _UNKNOWN_LEAD
            fault = _CLOSED_LEAD
            await api.call(workspace, "conversations.open", {"users": lead.id})
        except PlatformError:
            continue
        return ""
    return fault


_UNKNOWN_LEAD = "the bot's workspaces don't know one of them; check `user` and `workspace`"
_CLOSED_LEAD = (
    "Slack lets the bot open no direct messages with one of them; their company may forbid those from outside: allow "
    "them, or install the bot there too"
)


async def _check_received_events(bot: Bot) -> Finding:
    never = await wiring.make_received_events(bot).list_missing()
    advice = (
        f"never received: {', '.join(never)}. Write in the joint channel, mention the bot, write to it directly and "
        "press one of its buttons, then run the doctor again. Subscribe to the events that are still named here in the "
        "app's settings (message.channels is for public channels, message.groups for private ones, one of them is "
        "enough; block_actions: switch on Interactivity; message.im: in App Home, tick that people may write). If "
        "only one company's buttons do nothing, its people may have the permission to post only, which excludes apps."
    )
    messages = {"message.channels", "message.groups"}
    lacking = set(never) - messages or messages <= set(never)
    return Finding("Slack: every event that the bot needs has arrived at least once", not lacking, advice)

"""Slack, as an operator wants to know it: who installed the bot, what it may do, where it is, and what it hears."""

from contextlib import AsyncExitStack

import aiohttp

from adapters.slack.api import SlackApi
from adapters.slack.directory import SlackDirectory
from adapters.slack.identity import NAME
from adapters.slack.manifest import SCOPES
from adapters.slack.socket import check_app_token
from bot.app.clock.clock import SKEW, machine_now
from bot.app.clock.clock_watch import told_by
from bot.app.doctor.finding import Finding
from bot.app.platforms.company_ids import list_company_ids, list_ids, list_workspace_ids
from bot.app.platforms.slack import wiring as slack
from bot.app.platforms.slack.plugin import slack_section
from bot.app.platforms.slack.wiring import DeclaredCompanies
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Channel, Member, Side
from bot.ports import PlatformError

DEAD = {"invalid_auth", "token_revoked", "account_inactive", "token_expired", "invalid_refresh_token"}


async def inspect_slack(bot: Bot) -> list[Finding]:
    """None where Slack is not set up."""
    if not slack_section(bot.settings).is_wanted:
        return []
    async with AsyncExitStack() as stack:
        timeout = aiohttp.ClientTimeout(total=10)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        clock = await _check_clock(session, slack_section(bot.settings).api_url)
        if not clock.ok:
            return [clock]
        api = SlackApi(session, slack.make_tokens(bot, session), slack_section(bot.settings).api_url)
        alliances = await bot.store.alliances.list_all()
        found = [clock, *await _check_installations(bot, api, alliances), *await _check_socket_mode(bot)]
        for alliance in alliances:
            found += [
                await _check_channel(api, alliance, one) for one in alliance.channels if one.platform == NAME
            ]
            found += await _check_leads(bot, api, alliance)
        return [*found, await _check_received_events(bot)]


async def _check_clock(session: aiohttp.ClientSession, api_url: str) -> Finding:
    check = "this machine's clock agrees with Slack's"
    try:
        async with session.post(api_url.rstrip("/") + "/api.test") as answer:
            told = told_by(answer.headers)
    except (aiohttp.ClientError, TimeoutError):
        told = None
    if told is None:
        return Finding(check, False, "Slack cannot be reached; check slack.api_url and the network")
    skew = (machine_now() - told).total_seconds()
    advice = f"it is {abs(skew):.0f} s off; synchronise it (NTP), or Slack's requests are refused"
    return Finding(check, abs(skew) < SKEW, advice)


async def _check_installations(bot: Bot, api: SlackApi, alliances: tuple[Alliance, ...]) -> list[Finding]:
    own, kept = slack_section(bot.settings), await bot.store.installations.all()
    fixed = {own.workspace} if own.bot_token.get_secret_value() else set()
    channels = list_workspace_ids(alliances, NAME)
    if not fixed and not kept:
        page = f"{bot.settings.web.public_url.rstrip('/')}/slack/install"
        return [Finding("Slack: somebody installed the bot", False, f"nobody did yet; open {page}")]
    # Without a name, the one token is that of every channel's workspace.
    there = (fixed - {""}) | kept.keys() | (channels if "" in fixed else set())
    missing = [
        Finding(f"Slack {one}: the bot is installed", False, _NOT_INSTALLED) for one in channels - there
    ]
    return [*missing, *[await _check_token(api, one) for one in sorted(there)]]


_NOT_INSTALLED = (
    "a channel is declared with this workspace, but the bot is not installed there; install it, or name the company "
    "that did in the channel's `workspace`"
)


async def _check_token(api: SlackApi, workspace: str) -> Finding:
    check = f"Slack {workspace}: the bot's token is alive and may do what it needs"
    try:
        team, scopes = await api.fetch_grant(workspace)
    except PlatformError as error:
        if error.reason in DEAD:
            return Finding(check, False, f"the token is dead ({error.reason}); install the bot again there")
        return Finding(check, False, f"Slack says {error.reason}; try again, and check the network")
    if workspace.startswith("T") and team != workspace:
        return Finding(check, False, f"the token is of workspace {team}; set slack.workspace to that")
    lacking = ", ".join(sorted(set(SCOPES) - scopes))
    advice = f"missing scopes: {lacking}; add them (`pulse manifest slack` has all) and install the app again"
    return Finding(check, not lacking, advice)


async def _check_socket_mode(bot: Bot) -> list[Finding]:
    token = slack_section(bot.settings).app_token.get_secret_value()
    if not token:
        return []
    check = "Slack: Socket Mode lets the bot in"
    try:
        await check_app_token(token, slack_section(bot.settings).api_url)
    except PlatformError as error:
        advice = (
            f"Slack says {error.reason}; the app-level token needs the scope connections:write, and the app Socket "
            "Mode switched on"
        )
        return [Finding(check, False, advice)]
    return [Finding(check, True)]


async def _check_channel(api: SlackApi, alliance: Alliance, channel: Channel) -> Finding:
    check = f"{alliance.key}: the bot is in Slack channel {channel.address}, with both companies"
    try:
        answer = await api.call(channel.workspace, "conversations.info", {"channel": channel.address})
    except PlatformError as error:
        return Finding(check, False, _UNSEEN.get(error.reason, f"Slack says {error.reason}"))
    told = answer.get("channel") or {}
    if told.get("is_archived"):
        return Finding(check, False, "it is archived; open it again, or declare another channel")
    if not told.get("is_member"):
        return Finding(check, False, "the bot is not in it: /invite @Alliance Pulse there")
    return _check_companies(check, alliance, told)


_UNSEEN = {
    "channel_not_found": "it is private and the bot is not in it (/invite @Alliance Pulse there), or the address is "
    "another: copy it from the channel's details",
    "not_installed": "the bot is not installed in the channel's workspace",
    "missing_scope": "the scopes channels:read and groups:read are missing",
}


def _check_companies(check: str, alliance: Alliance, told: dict[str, object]) -> Finding:
    lists = [told.get(name) for name in ("shared_team_ids", "connected_team_ids")]
    there = {str(id) for listed in lists if isinstance(listed, list) for id in listed} | {
        str(told.get("context_team_id"))
    }
    sides = [alliance.organisation(side) for side in Side]
    absent = [one.name for one in sides if list_ids(one, NAME) and there.isdisjoint(list_ids(one, NAME))]
    if absent:
        advice = (
            f"{' and '.join(absent)} cannot see it: share it by Slack Connect, or add the right id to `slack`"
        )
        return Finding(check, False, f"{advice} (companies there: {', '.join(sorted(there))})")
    inside = told.get("internal_team_ids")
    own = {str(id) for id in inside} if isinstance(inside, list) else set()
    others = there - own - list_company_ids([alliance], NAME)
    is_third = bool(others) and all(list_ids(one, NAME) for one in sides)
    advice = (
        f"another company is in it, too ({', '.join(sorted(others))}); what its people answer is not counted"
    )
    return Finding(check, not is_third, advice)


async def _check_leads(bot: Bot, api: SlackApi, alliance: Alliance) -> list[Finding]:
    people, companies = SlackDirectory(api), DeclaredCompanies(bot.store)
    return [
        Finding(
            f"{alliance.key}: every Slack lead of {company.name} can be written to",
            all([await _is_reachable(people, companies, lead) for lead in leads]),
            "one of them is not a user of a workspace that the bot reaches; check `user` and `workspace`",
        )
        for company in (alliance.organisation(side) for side in Side)
        if (leads := [one for one in company.leads if one.platform == NAME])
    ]


async def _is_reachable(people: SlackDirectory, companies: DeclaredCompanies, lead: Member) -> bool:
    for workspace in dict.fromkeys(await companies.list_workspaces(lead)):
        try:
            one = await people.find_person(workspace, lead.id)
        except PlatformError:
            continue
        return not one.has_left and not one.is_program
    return False


async def _check_received_events(bot: Bot) -> Finding:
    never = await slack.make_received_events(bot).list_missing()
    advice = (
        f"never received: {', '.join(never)}. Write in the joint channel, mention the bot, write to it directly and "
        "press one of its buttons, then look again; what is still named here is to be subscribed to in the app's "
        "settings (message.channels is for public channels, message.groups for private ones, one of them is enough; "
        "block_actions: Interactivity)"
    )
    messages = {"message.channels", "message.groups"}
    lacking = set(never) - messages or messages <= set(never)
    return Finding("Slack: what the bot needs to hear has arrived at least once", not lacking, advice)

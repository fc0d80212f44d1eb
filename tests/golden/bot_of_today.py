"""The bot of today on a golden database, with the strict Slack and Teams as the old bot left them.

`async with running(url, clock_file) as today:` serves it; press the old buttons with `today.press_on_slack()` and the
others, turn the clock with `today.tick(at)`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.config.schema import Settings
from bot.app.platforms.sandbox.plugin import SANDBOX
from bot.app.runtime.bot import Bot
from bot.app.runtime.worker import tick_once
from bot.app.wiring import assemble_bot
from bot.model.alliance import Member
from bot.model.cards import Card
from bot.model.events import Commanded
from tests.contract.serve_routes import serve_routes
from tests.far import adaptive, slack, teams
from tests.far.blockkit import elements
from tests.far.slack_hand import Hand as SlackHand
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET, with_oauth
from tests.far.slack_state import Posted as SlackPosted
from tests.far.slack_state import State as SlackState
from tests.far.slack_state import User, Workspace, install, two_companies
from tests.far.teams_hand import Hand as TeamsHand
from tests.far.teams_state import APP, JOINT, NORTHWIND, PASSWORD, two_tenants
from tests.far.teams_state import Posted as TeamsPosted
from tests.far.teams_state import State as TeamsState
from tests.golden.data import environment, expected, read

PEOPLE = 13
PUBLIC = "https://pulse.example.com"
CHANNEL = "C0SHARED"
"""Where the Slack channel moved to."""
GUESTS = {"U0TIM": "T0ASTER", "U0SAM": "T0FJORD"}
"""People of an adopted company and of one that is not known yet, by user."""


@dataclass(frozen=True, slots=True)
class BotOfToday:
    bot: Bot
    clock_file: Path
    address: str
    session: aiohttp.ClientSession
    slack_hand: SlackHand
    teams_hand: TeamsHand
    slack_question: SlackPosted
    teams_question: TeamsPosted

    async def tick(self, at: datetime) -> None:
        """Tick once at that time, and deliver what can go out."""
        self.clock_file.write_text(at.isoformat())
        await tick_once(self.bot, at)

    async def press_on_slack(self) -> None:
        """Press the old button by a signed request."""
        press = expected()["presses"]["slack"]
        for block in self.slack_question.blocks:
            for button in elements(block):
                if button.get("value") == press["value"]:
                    pressed = {**button, "block_id": block["block_id"]}
                    answer = await self.slack_hand.press(press["user"], self.slack_question, pressed)
                    assert answer.status == 200, answer
                    return
        raise AssertionError("the old question has no such button")

    async def press_on_teams(self) -> None:
        """Press the old button by a request with a signed token."""
        press = expected()["presses"]["teams"]
        card = self.teams_question.card or {}
        pressed = next(
            button for button in adaptive.buttons(card) if button["data"]["pulse"] == press["value"]
        )
        answer = await self.teams_hand.press(press["user"], self.teams_question, pressed)
        assert answer.status == 200, answer

    async def press_in_sandbox(self, url: str) -> None:
        """Press the old button as the page's own form does."""
        press, delivery = expected()["presses"]["sandbox"], expected()["rounds"]["lab"]
        key = "delivery:" + expected()["deliveries"][f"question:{delivery}:0"]
        ((line,),) = read(url, "SELECT id FROM chat_line WHERE key = :key", key=key)
        form = {"as": press["user"], "in": "channel:joint", "line": str(line), "value": press["value"]}
        to = f"{self.address}/sandbox/press"
        async with self.session.post(to, data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()

    async def command(self, words: str, by: str) -> Card:
        """Return the card that answers a command; `by` is a key of the expected `members`."""
        who = Member(**{**expected()["members"][by], "home": tuple(expected()["members"][by]["home"])})
        given = Commanded(by=who, at=self.bot.clock.now(), channel=None, text=words)
        card = await self.bot.inbox.take(given)
        assert card
        return card


@asynccontextmanager
async def running(url: str, clock_file: Path) -> AsyncIterator[BotOfToday]:
    """Serve the bot on all three platforms at the time of the first press. The clock is `PULSE_CLOCK_FILE`."""
    clock_file.write_text(expected()["press_at"])

    def now() -> float:
        return datetime.fromisoformat(clock_file.read_text()).astimezone(UTC).timestamp()

    slack_question = SlackPosted(**expected()["slack"]["question"])
    teams_question = TeamsPosted(**expected()["teams"]["question"])
    async with AsyncExitStack() as stack:
        far_slack = await stack.enter_async_context(slack.serving(_slack(now, slack_question)))
        far_teams = await stack.enter_async_context(teams.serving(_teams(now, teams_question)))
        with_oauth(far_slack, f"{PUBLIC}/slack/oauth_redirect")
        bot = await stack.enter_async_context(assemble_bot(_settings(far_slack, far_teams, url), Clock()))
        bot = bot.plug_in(await SANDBOX.connect(bot, stack))
        address = await stack.enter_async_context(serve_routes(bot))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        secret = expected()["secrets"]["signing_secret"]
        yield BotOfToday(
            bot,
            clock_file,
            address,
            session,
            SlackHand(far_slack, session, f"{address}/slack/events", secret),
            TeamsHand(far_teams, session, f"{address}/api/messages"),
            slack_question,
            teams_question,
        )


def _slack(now: Callable[[], float], question: SlackPosted) -> SlackState:
    state = two_companies(now, PEOPLE, installed=())
    room = state.rooms.pop("C0JOINT")
    room.id = CHANNEL
    room.members = [id for id in room.members if state.users[id].team == "T0MERIDIAN"]
    for user, team in GUESTS.items():
        state.workspaces[team] = Workspace(team, team)
        state.users[user] = User(user, team)
        room.members.append(user)
    room.messages.append(question)
    state.rooms[CHANNEL] = room
    for team, known in expected()["slack"]["workspaces"].items():
        ours = install(state, team)
        ours.token, ours.refresh, ours.ends_at = known["token"], known["refresh"], known["ends_at"]
    room.members.append(state.workspaces["T0MERIDIAN"].bot_user)
    return state


def _teams(now: Callable[[], float], question: TeamsPosted) -> TeamsState:
    state = two_tenants(now, PEOPLE)
    chat = state.chats[JOINT]
    chat.members[:] = [id for id in chat.members if not state.people[id].is_guest]
    chat.messages.append(question)
    return state


def _settings(far_slack: slack.FarSlack, far_teams: teams.FarTeams, url: str) -> Settings:
    return load_settings(
        None,
        environment(url)
        | {
            "PULSE_WEB__PUBLIC_URL": PUBLIC,
            "PULSE_SLACK__SIGNING_SECRET": expected()["secrets"]["signing_secret"],
            "PULSE_SLACK__CLIENT_ID": CLIENT_ID,
            "PULSE_SLACK__CLIENT_SECRET": CLIENT_SECRET,
            "PULSE_SLACK__API_URL": far_slack.api_url,
            "PULSE_TEAMS__APP_ID": APP,
            "PULSE_TEAMS__APP_TYPE": "SingleTenant",
            "PULSE_TEAMS__APP_PASSWORD": PASSWORD,
            "PULSE_TEAMS__TENANT_ID": NORTHWIND,
            "PULSE_TEAMS__OPENID_METADATA_URL": far_teams.openid_url,
            "PULSE_TEAMS__TOKEN_URL": far_teams.token_url,
            "PULSE_TEAMS__GRAPH_URL": far_teams.base_url,
            "PULSE_TEAMS__SERVICE_HOSTS": far_teams.host,
            "PULSE_SCHEDULE__SETTLE_SECONDS": "30",
            "PULSE_SCHEDULE__SEND_TIMEOUT": "5",
        },
    )

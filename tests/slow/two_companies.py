"""Two companies on Slack and the bot in a process of its own: who installed it, and how, is a `Case`.

async with set_up(CASES[name], folder, url) as story:
    await story.bot.start()
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

import storage
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET, OAuthServer, with_oauth
from tests.far.slack_socket import APP_TOKEN, with_sockets
from tests.far.slack_state import Posted, Room, User, Workspace, two_companies
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import PSEUDONYM_SECRET, SIGNING_SECRET, Clock

NORTHWIND, MERIDIAN, OTHER = "T0NORTHWIND", "T0MERIDIAN", "T0OTHER"
PUBLIC = "https://pulse.example.com"
SECOND = "T0MERITWO"
"""The other workspace of Meridian, where that is an Enterprise organisation."""
PEOPLE = 6
SILENT = ("U0NORT005", "U0MERI005")
"""They do not answer, and are reminded."""
SAM = "U0SAM"
"""Of a third company."""


@dataclass(frozen=True, slots=True)
class Case:
    posting: str
    """The workspace that the channel is declared with."""
    installed: tuple[str, ...]
    enterprise: tuple[str, ...] = ()
    by_oauth: bool = False
    by_socket: bool = False
    by_workspace: bool = False
    """An Enterprise organisation is declared by its own id alone, and clicks and views name its workspaces instead."""

    def writes_to(self, user: User) -> str:
        """The installation through which that person is written to."""
        return next(
            (workspace for workspace in self.installed if workspace in (user.team, user.enterprise)),
            self.posting,
        )


CASES = {
    "installed by the sponsor": Case(NORTHWIND, (NORTHWIND,)),
    "installed by both, the CRO an Enterprise": Case(
        NORTHWIND, (NORTHWIND, MERIDIAN), enterprise=(MERIDIAN,), by_oauth=True
    ),
    "installed by the CRO by Socket Mode, the sponsor an Enterprise": Case(
        MERIDIAN, (MERIDIAN,), enterprise=(NORTHWIND,), by_socket=True
    ),
    "installed by the CRO as a whole, for its two workspaces": Case(
        "E0MERIDIAN", ("E0MERIDIAN",), enterprise=(MERIDIAN,), by_oauth=True
    ),
    "both Enterprises declared as a whole, one installed as a whole, known by their workspaces": Case(
        "E0MERIDIAN", ("E0MERIDIAN",), enterprise=(NORTHWIND, MERIDIAN), by_oauth=True, by_workspace=True
    ),
}


@dataclass(slots=True)
class Story:
    case: Case
    far: FarSlack
    hand: Hand
    bot: BotProcess
    clock: Clock
    database: Path
    server: OAuthServer | None = None
    pressed: dict[str, int] = field(default_factory=dict)

    @property
    def joint(self) -> Room:
        return next(room for room in self.far.state.rooms.values() if room.name.startswith("joint"))

    def workspace(self, team: str) -> Workspace:
        return self.far.state.workspaces[team]

    def questions(self) -> list[Posted]:
        return [message for message in self.joint.messages if message.bot_id and ": pulse of" in message.text]

    def told(self, user: str, team: str) -> list[Posted]:
        """Direct messages of that company's copy of the bot to that person."""
        room = self.far.state.im(self.workspace(team), user)
        return [message for message in room.messages if message.bot_id]

    def told_to(self, user: str) -> list[Posted]:
        """Through the right installation; and nothing came through another one."""
        right = self.case.writes_to(self.far.state.users[user])
        for team in self.case.installed:
            assert team == right or self.told(user, team) == [], f"{user} was written to through {team}"
        return self.told(user, right)

    def rows(self, query: str) -> dict[str | None, int]:
        connection = sqlite3.connect(self.database)
        try:
            return dict(connection.execute(query).fetchall())
        finally:
            connection.close()

    async def until(self, so: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not so():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{what}: did not happen; {self.bot.log[-3000:]}") from None


@asynccontextmanager
async def set_up(case: Case, folder: Path, url: str) -> AsyncIterator[Story]:
    clock = Clock(folder / "clock")
    state = two_companies(
        clock.seconds, PEOPLE, installed=() if case.by_oauth else case.installed, enterprise=case.enterprise
    )
    state.views_name_workspaces = state.clicks_name_workspaces = case.by_workspace
    if MERIDIAN in case.enterprise:
        state.workspaces[SECOND] = Workspace(SECOND, "Meridian Two", "E0MERIDIAN")
        for user in ("U0MERI002", "U0MERI003"):
            state.users[user].team = SECOND
    state.workspaces[OTHER] = Workspace(OTHER, "Other")
    state.users[SAM] = User(SAM, OTHER)
    (folder / "alliance.toml").write_text(_declared(case))
    async with serving(state) as far, aiohttp.ClientSession() as session:
        bot = BotProcess(folder, _settings(case, far, clock, url))
        hand = Hand(far, session, f"{bot.url}/slack/events", SIGNING_SECRET)
        story = Story(case, far, hand, bot, clock, Path(url.removeprefix("sqlite:///")))
        if case.by_oauth:
            story.server = with_oauth(far, f"{PUBLIC}/slack/oauth_redirect")
        if case.by_socket:
            hand.socket = with_sockets(far)
        try:
            yield story
        finally:
            if bot.process:
                await bot.kill()


def _declared(case: Case) -> str:
    northwind = ["E0NORTHWIND"] if case.by_workspace else [NORTHWIND]
    meridian = [] if case.by_workspace else [MERIDIAN]
    meridian += ["E0MERIDIAN"] if MERIDIAN in case.enterprise else []
    return f"""
[[alliance]]
key = "nm"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "Northwind Pharma"
slack = {json.dumps(northwind)}
leads = [{{ platform = "slack", workspace = "{NORTHWIND}", user = "U0ANNA" }}]
[alliance.cro]
name = "Meridian CRO"
slack = {json.dumps(meridian)}
leads = [{{ platform = "slack", workspace = "{MERIDIAN}", user = "U0BEN" }}]
[[alliance.channel]]
platform = "slack"
workspace = "{case.posting}"
address = "C0JOINT"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
"""


def _settings(case: Case, far: FarSlack, clock: Clock, url: str) -> dict[str, str]:
    given = {
        "PULSE_ENV": "test",
        "PULSE_CLOCK_FILE": str(clock.file),
        "PULSE_DATABASE__URL": url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.make_key(),
        "PULSE_WEB__PUBLIC_URL": PUBLIC,
        "PULSE_SLACK__API_URL": far.api_url,
        "PULSE_SCHEDULE__TICK_SECONDS": "0.1",
    }
    if case.by_socket:
        given["PULSE_SLACK__APP_TOKEN"] = APP_TOKEN
    else:
        given["PULSE_SLACK__SIGNING_SECRET"] = SIGNING_SECRET
    if case.by_oauth:
        given |= {"PULSE_SLACK__CLIENT_ID": CLIENT_ID, "PULSE_SLACK__CLIENT_SECRET": CLIENT_SECRET}
    else:
        given["PULSE_SLACK__BOT_TOKEN"] = far.state.workspaces[case.posting].token
        given["PULSE_SLACK__WORKSPACE"] = case.posting
    return given

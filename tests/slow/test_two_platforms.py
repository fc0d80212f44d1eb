"""One alliance, its sponsor on Teams and its CRO on Slack: one round, one clock, one result, each told at home."""

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp

import storage
from tests.databases import fresh
from tests.far import adaptive, slack, teams
from tests.far.slack_hand import Hand as SlackHand
from tests.far.slack_state import two_companies
from tests.far.teams_hand import Hand as TeamsHand
from tests.far.teams_state import APP, JOINT, NORTHWIND, PASSWORD, Posted, two_tenants
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    OPEN,
    PSEUDONYM_SECRET,
    SIGNING_SECRET,
    UNTIL_DIGEST,
    WEEK,
    Clock,
    list_buttons,
)

PEOPLE = 10
STEADY, LOW = 9, 4
"""Rounds as usual, then rounds in which everybody is unhappy."""
ROUNDS = STEADY + LOW
SPONSOR_LEAD, CRO_LEAD = "29:1-1-0", "U0BEN"
ALLIANCE = f"""
[[alliance]]
key = "northwind-meridian"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "Northwind Pharma"
entra = ["{NORTHWIND}"]
leads = [{{ platform = "teams", workspace = "{NORTHWIND}", user = "00000001-0000-4000-8000-000000000000" }}]
[alliance.cro]
name = "Meridian CRO"
slack = ["T0MERIDIAN"]
leads = [{{ platform = "slack", workspace = "T0MERIDIAN", user = "{CRO_LEAD}" }}]
[[alliance.channel]]
platform = "teams"
workspace = "{NORTHWIND}"
address = "{JOINT}"
[[alliance.channel]]
platform = "slack"
workspace = "T0MERIDIAN"
address = "C0JOINT"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
remind_hours = 0
"""


@dataclass(slots=True)
class TwoPlatforms:
    slack: slack.FarSlack
    slack_hand: SlackHand
    teams: teams.FarTeams
    teams_hand: TeamsHand
    bot: BotProcess
    clock: Clock

    def on_teams(self) -> list[Posted]:
        """What the bot posted in the Teams channel."""
        return [message for message in self.teams.state.chats[JOINT].messages if message.card]

    def on_slack(self) -> list[object]:
        return [message for message in self.slack.state.rooms["C0JOINT"].messages if message.bot_id]

    def told_on_teams(self, who: str) -> list[str]:
        chat = self.teams.state.personal(self.teams.state.people[who])
        return [adaptive.words(message.card) for message in chat.messages if message.card]

    def told_on_slack(self, who: str) -> list[str]:
        room = self.slack.state.im(self.slack.state.workspaces["T0MERIDIAN"], who)
        return [message.text for message in room.messages if message.bot_id]

    async def until(self, so: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not so():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what}: did not happen; {self.bot.log[-3000:]}") from None

    async def round(self, number: int) -> None:
        """Asked in both places, answered by everybody, closed in both."""
        self.clock.move_to(FIRST_SLOT + number * WEEK)
        await self.until(lambda: len(self.on_teams()) > number and len(self.on_slack()) > number, "asked")
        await self._answer_on_teams(number)
        await self._answer_on_slack(number)
        self.clock.move_to(FIRST_SLOT + number * WEEK + OPEN)
        posted, other = self.on_teams()[number], self.on_slack()[number]
        await self.until(lambda: not _answers(posted) and not list_buttons(other), "closed")  # type: ignore[arg-type]

    async def _answer_on_teams(self, number: int) -> None:
        posted = self.on_teams()[number]
        offered = _answers(posted)
        for who in self.teams.state.chats[JOINT].members:
            for offer, pressed in offered.items():
                answer = await self.teams_hand.press(who, posted, pressed[_mood(who, offer, number)])
                assert answer.status == 200 and answer.seconds < 3, answer
                assert "You answered" in adaptive.words(self.teams_hand.shown[who][-1])

    async def _answer_on_slack(self, number: int) -> None:
        posted = self.on_slack()[number]
        offered = {(button.item, button.value): button.payload for button in list_buttons(posted)}  # type: ignore[arg-type]
        items = sorted({option for option, _ in offered})
        for who in [
            id for id in self.slack.state.rooms["C0JOINT"].members if id.startswith(("U0MERI", "U0BEN"))
        ]:
            for question in items:
                pressed = offered[question, _mood(who, question, number)]
                answer = await self.slack_hand.press(who, posted, pressed)  # type: ignore[arg-type]
                assert answer.status == 200, answer


def _answers(posted: Posted) -> dict[str, dict[int, dict[str, object]]]:
    """The buttons of each question, by value."""
    found: dict[str, dict[int, dict[str, object]]] = {}
    for button in adaptive.buttons(posted.card or {}):
        match button["data"]["pulse"].split("|"):
            case ["a", _, item, "1" | "2" | "3" | "4" | "5" as value]:
                found.setdefault(item, {})[int(value)] = button
    return found


def _mood(who: str, item: str, number: int) -> int:
    chance = random.Random(f"{who}|{item}|{number}")
    usual = 4 + chance.choice((-1, 0, 0, 0, 1))
    return max(1, usual - 2) if number >= STEADY else usual


@asynccontextmanager
async def set_up(folder: Path, database_url: str) -> AsyncIterator[TwoPlatforms]:
    clock = Clock(folder / "clock")
    (folder / "alliance.toml").write_text(ALLIANCE)
    far_slack = two_companies(clock.seconds, PEOPLE, installed=("T0MERIDIAN",))
    joint = far_slack.rooms["C0JOINT"]
    joint.members = [id for id in joint.members if far_slack.users[id].team == "T0MERIDIAN"]
    far_teams = two_tenants(clock.seconds, PEOPLE)
    chat = far_teams.chats[JOINT]
    chat.members[:] = [id for id in chat.members if not far_teams.people[id].is_guest]
    async with (
        slack.serving(far_slack) as one,
        teams.serving(far_teams) as other,
        aiohttp.ClientSession() as session,
    ):
        bot = BotProcess(folder, _settings(one, other, clock, database_url))
        slack_hand = SlackHand(one, session, f"{bot.url}/slack/events", SIGNING_SECRET)
        teams_hand = TeamsHand(other, session, f"{bot.url}/api/messages")
        try:
            yield TwoPlatforms(one, slack_hand, other, teams_hand, bot, clock)
        finally:
            if bot.process:
                await bot.kill()


def _settings(one: slack.FarSlack, other: teams.FarTeams, clock: Clock, database_url: str) -> dict[str, str]:
    return {
        "PULSE_ENV": "test",
        "PULSE_CLOCK_FILE": str(clock.file),
        "PULSE_DATABASE__URL": database_url,
        "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.make_key(),
        "PULSE_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "PULSE_SLACK__BOT_TOKEN": one.state.workspaces["T0MERIDIAN"].token,
        "PULSE_SLACK__WORKSPACE": "T0MERIDIAN",
        "PULSE_SLACK__API_URL": one.api_url,
        "PULSE_TEAMS__APP_ID": APP,
        "PULSE_TEAMS__APP_TYPE": "SingleTenant",
        "PULSE_TEAMS__APP_PASSWORD": PASSWORD,
        "PULSE_TEAMS__TENANT_ID": NORTHWIND,
        "PULSE_TEAMS__OPENID_METADATA_URL": other.openid_url,
        "PULSE_TEAMS__TOKEN_URL": other.token_url,
        "PULSE_TEAMS__GRAPH_URL": other.base_url,
        "PULSE_TEAMS__SERVICE_HOSTS": other.host,
        "PULSE_SCHEDULE__TICK_SECONDS": "0.1",
    }


async def test_one_round_one_release_one_alert_one_digest_each_on_their_own_platform(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database_url:
        async with set_up(tmp_path, database_url) as two:
            await two.bot.start()
            await two.bot.command("apply", "alliance.toml")
            await _ask_though_teams_says_later(two)
            for number in range(ROUNDS):
                await two.round(number)
            assert (len(two.on_teams()), len(two.on_slack())) == (ROUNDS, ROUNDS)
            rounds, sides = _counted(database_url)
            assert (rounds, sides) == (ROUNDS, {("sponsor", PEOPLE), ("cro", PEOPLE)})
            alerts = _with(two.told_on_teams(SPONSOR_LEAD), "alignment has dropped")
            others = _with(two.told_on_slack(CRO_LEAD), "alignment has dropped")
            assert len(alerts) == 1 and [_head(other) for other in others] == [_head(alerts[0])]
            assert await _new_digests(two) == (1, 1)
            assert _digests_of_the_other_side(two) == []
            on_teams, on_slack = await _scores(two)
            assert "alignment" in on_teams and on_slack == on_teams
            rows = json.loads(await two.bot.command("export", "northwind-meridian", "--json"))
            known = [(row["date"], row["side"], row["dimension"]) for row in rows]
            assert len(known) == len(set(known)), "something came out twice"
            dates = {side: {date for date, of, _ in known if of == side} for side in ("sponsor", "cro")}
            assert dates["sponsor"] == dates["cro"] and len(dates["cro"]) == ROUNDS


async def _ask_though_teams_says_later(two: TwoPlatforms) -> None:
    two.teams.fail("create", "429", 30)
    two.clock.move_to(FIRST_SLOT)
    await two.until(lambda: not two.teams.faults and bool(two.on_slack()), "refused for now")
    await asyncio.sleep(0.5)
    assert two.on_teams() == []
    two.clock.move_to(FIRST_SLOT + timedelta(seconds=31))
    await two.until(lambda: bool(two.on_teams()), "asked after all")


def _counted(database_url: str) -> tuple[int, set[tuple[str, int]]]:
    """How many rounds have answers, and of which side how many people, in each of them."""
    query = "SELECT round, side, count(DISTINCT person) FROM answer GROUP BY round, side"
    with sqlite3.connect(database_url.partition("///")[2], timeout=10) as database:
        counted = database.execute(query).fetchall()
    return len({round for round, _, _ in counted}), {(side, people) for _, side, people in counted}


async def _new_digests(two: TwoPlatforms) -> tuple[int, int]:
    """How many the sponsor's lead gets on Teams, and the CRO's on Slack, when they are due."""

    def digests() -> tuple[int, int]:
        told = two.told_on_teams(SPONSOR_LEAD), two.told_on_slack(CRO_LEAD)
        return len(_with(told[0], "the week for Northwind")), len(_with(told[1], "the week for Meridian"))

    before = digests()
    two.clock.move_to(FIRST_SLOT + (ROUNDS - 1) * WEEK + UNTIL_DIGEST)
    await two.until(lambda: all(now > then for now, then in zip(digests(), before, strict=True)), "a digest")
    await asyncio.sleep(1)  # ten ticks
    on_teams, on_slack = digests()
    return on_teams - before[0], on_slack - before[1]


def _digests_of_the_other_side(two: TwoPlatforms) -> list[str]:
    own = _with(two.told_on_teams(SPONSOR_LEAD), "the week for Meridian")
    return own + _with(two.told_on_slack(CRO_LEAD), "the week for Northwind")


async def _scores(two: TwoPlatforms) -> tuple[str, str]:
    """What a member is told on Teams, and one on Slack: the first line."""
    await two.teams_hand.write("29:1-1-3", "score")
    await two.until(lambda: bool(two.told_on_teams("29:1-1-3")), "a score on Teams")
    await two.slack_hand.dm("U0MERI003", "score")
    await two.until(lambda: bool(two.told_on_slack("U0MERI003")), "a score on Slack")
    told, other = two.told_on_teams("29:1-1-3")[-1], two.told_on_slack("U0MERI003")[-1]
    return _head(told), _head(other)


def _with(told: list[str], words: str) -> list[str]:
    return [message for message in told if words in _head(message)]


def _head(told: str) -> str:
    return told.split("\n")[0]

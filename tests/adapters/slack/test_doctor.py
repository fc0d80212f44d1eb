"""Test that the doctor names what is missing in Slack, as an operator would run it against the strict Slack."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
import pytest

import storage
from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.doctor.checks import examine_bot
from bot.app.platforms.slack import wiring as slack
from bot.app.wiring import assemble_bot
from bot.model.alliance import Alliance, Channel, Member, Organisation
from bot.model.events import Moved
from tests.contract.serve_routes import serve_routes
from tests.databases import fresh
from tests.far.slack import FarSlack, serving
from tests.far.slack_hand import Hand
from tests.far.slack_socket import APP_TOKEN, with_sockets
from tests.far.slack_state import State, Workspace, two_companies
from tests.use_cases.sandbox_bot import WEEKLY

NORTHWIND, MERIDIAN = "T0NORTHWIND", "T0MERIDIAN"
SECRET = "a secret of at least thirty-two characters"
CHANNEL = Channel("slack", NORTHWIND, "C0JOINT")


def company(name: str, team: str, lead: str) -> Organisation:
    return Organisation(name, frozenset({("slack", team)}), (Member("slack", lead, (team,), team),))


ALLIANCE = Alliance(
    "nm",
    "Northwind × Meridian",
    "UTC",
    company("Northwind Pharma", NORTHWIND, "U0ANNA"),
    company("Meridian CRO", MERIDIAN, "U0BEN"),
    channels=(CHANNEL,),
    pulses=(WEEKLY,),
)


@dataclass(slots=True)
class Clinic:
    far: FarSlack
    environment: dict[str, str]
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.far.state

    @property
    def ours(self) -> Workspace:
        return self.state.workspaces[NORTHWIND]

    async def says(self) -> str:
        """What is wrong, in the doctor's words; empty if nothing is."""
        found = await examine_bot(load_settings(None, self.environment | self.extra), "slack")
        told = json.dumps(
            [finding.advice for finding in found] + [finding.check for finding in found], ensure_ascii=False
        )
        assert "xoxb" not in told and "U0ANNA" not in told and "canary" not in told
        return "\n".join(f"{finding.check}: {finding.advice}" for finding in found if not finding.ok)

    async def declare(self, alliance: Alliance) -> None:
        async with assemble_bot(load_settings(None, self.environment), Clock()) as bot:
            await bot.store.alliances.declare([alliance])

    async def hear(self, *kinds: str) -> None:
        async with assemble_bot(load_settings(None, self.environment), Clock()) as bot:
            noting = slack.make_received_events(bot)
            for kind in kinds:
                noting(kind)
            await noting.drain()


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    with fresh("sqlite", tmp_path) as url:
        async with serving(two_companies(time.time, people=2)) as far:
            environment = {
                "PULSE_DATABASE__URL": url,
                "PULSE_PRIVACY__SECRET": SECRET,
                "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.make_key(),
                "PULSE_WEB__PUBLIC_URL": "https://pulse.example.com",
                "PULSE_SLACK__SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
                "PULSE_SLACK__BOT_TOKEN": far.state.workspaces[NORTHWIND].token,
                "PULSE_SLACK__WORKSPACE": NORTHWIND,
                "PULSE_SLACK__API_URL": far.api_url,
            }
            made = Clinic(far, environment)
            await made.declare(ALLIANCE)
            await made.hear("app_mention", "block_actions", "message.channels", "message.im")
            yield made


async def test_where_all_is_well_it_finds_nothing(clinic: Clinic) -> None:
    assert await clinic.says() == ""


async def test_a_missing_scope_is_named(clinic: Clinic) -> None:
    clinic.ours.scopes -= {"groups:history"}
    assert "missing scopes: groups:history" in await clinic.says()


async def test_a_dead_token_is_told_from_one_of_another_workspace(clinic: Clinic) -> None:
    clinic.extra["PULSE_SLACK__WORKSPACE"] = MERIDIAN
    assert f"the token belongs to workspace {NORTHWIND}" in await clinic.says()
    clinic.extra = {"PULSE_SLACK__BOT_TOKEN": "xoxb-revoked"}
    assert "the token is no longer valid (invalid_auth)" in await clinic.says()


async def test_the_bot_is_not_in_the_channel_or_the_channel_is_not_usable(clinic: Clinic) -> None:
    room = clinic.state.rooms["C0JOINT"]
    room.members.remove(clinic.ours.bot_user)
    assert "/invite @Alliance Pulse" in await clinic.says()
    room.is_private = True
    assert "the channel is private and the bot is not in it" in await clinic.says()
    room.members.append(clinic.ours.bot_user)
    room.is_archived = True
    assert "the channel is archived" in await clinic.says()


async def test_the_other_company_cannot_see_the_channel(clinic: Clinic) -> None:
    room = clinic.state.rooms["C0JOINT"]
    room.members = [id for id in room.members if clinic.state.users[id].team == NORTHWIND]
    said = await clinic.says()
    assert "Meridian CRO can't see it" in said and "every Slack lead of Meridian CRO" in said


async def test_a_third_company_is_in_the_channel(clinic: Clinic) -> None:
    clinic.state.workspaces["T0OTHER"] = Workspace("T0OTHER", "Other")
    clinic.state.users["U0SAM"] = type(clinic.state.users["U0ANNA"])("U0SAM", "T0OTHER")
    clinic.state.rooms["C0JOINT"].members.append("U0SAM")
    assert "another company is in it too (T0OTHER)" in await clinic.says()


async def test_a_lead_who_cannot_be_written_to(clinic: Clinic) -> None:
    clinic.state.users["U0BEN"].deleted = True
    assert "every Slack lead of Meridian CRO can be written to" in await clinic.says()


async def test_a_lead_whose_company_forbids_direct_messages_from_outside(clinic: Clinic) -> None:
    clinic.state.forbids_outsiders.add(MERIDIAN)
    assert "their company may forbid those from outside" in await clinic.says()


async def test_nobody_installed_the_bot(clinic: Clinic) -> None:
    del clinic.environment["PULSE_SLACK__BOT_TOKEN"]
    clinic.extra = {"PULSE_SLACK__CLIENT_ID": "1.2", "PULSE_SLACK__CLIENT_SECRET": "canary-client-secret"}
    assert "nobody has installed it yet; open https://pulse.example.com/slack/install" in await clinic.says()


async def test_the_channels_company_did_not_install_it(clinic: Clinic) -> None:
    await clinic.declare(replace(ALLIANCE, channels=(Channel("slack", MERIDIAN, "C0JOINT"),)))
    assert "but the bot is not installed there" in await clinic.says()


async def test_what_was_never_heard_is_named(clinic: Clinic, tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as url:
        clinic.environment["PULSE_DATABASE__URL"] = url
        await clinic.declare(ALLIANCE)
        await clinic.hear("app_mention", "message.groups", "message.im", "hello")
        assert "never received: block_actions, message.channels" in await clinic.says()
        await clinic.hear("block_actions")
        assert await clinic.says() == ""


async def test_a_subscription_that_is_missing_is_named_until_its_first_event_comes_through_the_door(
    clinic: Clinic, tmp_path: Path
) -> None:
    """Slack tells nobody what an app subscribed to: that nothing of a kind ever came is all that there is to see."""
    with fresh("sqlite", tmp_path) as url:
        clinic.environment["PULSE_DATABASE__URL"] = url
        await clinic.declare(ALLIANCE)
        assert "never received: app_mention, block_actions, message.channels" in await clinic.says()
        async with (
            assemble_bot(load_settings(None, clinic.environment), Clock()) as bot,
            serve_routes(bot) as address,
            aiohttp.ClientSession() as session,
        ):
            hand = Hand(
                clinic.far,
                session,
                f"{address}/slack/events",
                clinic.environment["PULSE_SLACK__SIGNING_SECRET"],
            )
            await hand.say("U0ANNA", "help", mention=clinic.ours.bot_user)
            await hand.dm("U0ANNA", "help")
            told = clinic.state.im(clinic.ours, "U0ANNA").messages
            async with asyncio.timeout(5):
                while not told[-1].bot_id:
                    await asyncio.sleep(0.01)
            assert "never received: block_actions, message.groups" in await clinic.says()
            await hand.click("U0ANNA", told[-1], "Score")
        assert await clinic.says() == ""


async def test_a_channel_that_moved_is_looked_for_where_it_is(clinic: Clinic) -> None:
    async with assemble_bot(load_settings(None, clinic.environment), Clock()) as bot:
        await bot.inbox.take(Moved(at=bot.clock.now(), channel=CHANNEL, to="C0NEW"))
    room = clinic.state.rooms.pop("C0JOINT")
    room.id = "C0NEW"
    clinic.state.rooms["C0NEW"] = room
    assert await clinic.says() == ""


async def test_socket_mode_is_asked_for_and_needs_no_public_address(clinic: Clinic) -> None:
    with_sockets(clinic.far)
    clinic.extra = {"PULSE_SLACK__APP_TOKEN": APP_TOKEN, "PULSE_WEB__PUBLIC_URL": ""}
    del clinic.environment["PULSE_SLACK__SIGNING_SECRET"]
    assert await clinic.says() == ""
    clinic.extra["PULSE_SLACK__APP_TOKEN"] = "xapp-wrong"
    assert "connections:write" in await clinic.says()


async def test_a_clock_that_is_off_is_told_in_seconds(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "clock").write_text("2020-01-01T00:00:00+00:00")
    monkeypatch.setenv("PULSE_ENV", "test")
    monkeypatch.setenv("PULSE_CLOCK_FILE", str(tmp_path / "clock"))
    said = await clinic.says()
    assert "s off; synchronise it by NTP" in said and "not looked at: first mend the clock" in said


async def test_settings_that_cannot_work_are_named(clinic: Clinic) -> None:
    for missing, words in (
        ("PULSE_SLACK__SIGNING_SECRET", "slack.signing_secret"),
        ("PULSE_SLACK__BOT_TOKEN", "slack.bot_token, slack.client_id"),
    ):
        kept = clinic.environment.pop(missing)
        assert words in await clinic.says()
        clinic.environment[missing] = kept
    clinic.extra = {"PULSE_SLACK__CLIENT_ID": "1.2"}
    assert "set both or neither" in await clinic.says()


async def test_where_nothing_is_configured_it_says_so(clinic: Clinic) -> None:
    for name in [name for name in clinic.environment if name.startswith("PULSE_SLACK__")]:
        del clinic.environment[name]
    assert "Slack: not looked at: it is not set up; see docs/slack.md" in await clinic.says()


async def test_no_check_is_left_out_without_a_word(clinic: Clinic) -> None:
    clinic.extra["PULSE_PRIVACY__SECRET"] = "another secret of at least thirty-two characters"
    assert "Slack: not looked at: first mend what failed above" in await clinic.says()


async def test_slack_checks_each_kind_of_card_where_it_offers_that(clinic: Clinic) -> None:
    assert await clinic.says() == ""
    assert len(clinic.far.called("blocks.validate")) == 3
    clinic.far.fail("blocks.validate", "refuse:invalid_blocks")
    assert "it refuses a message (invalid_blocks)" in await clinic.says()
    clinic.far.fail("blocks.validate", "refuse:unknown_method")
    assert await clinic.says() == ""
    clinic.far.fail("blocks.validate", "503")
    assert "not looked at: Slack answered" in await clinic.says()

"""Test that expiring tokens are renewed in time and once, and that tokens of ended installations stay deleted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.installations import SlackInstallations, parse_bot, serialise_bot
from adapters.slack.tokens import SlackTokens
from bot.app.platforms.slack.wiring import Uninstallation
from bot.model.alliance import Channel
from storage.data_rights.retention import Terms
from tests.adapters.slack.installing import HOUR, MERIDIAN, NORTHWIND, START, Office, installing
from tests.contract.world import RecordingInbox
from tests.far.slack_state import uninstall
from tests.storage.made import alliance


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with installing(tmp_path) as made:
        yield made


async def test_a_token_is_renewed_before_it_ends_by_whoever_needs_it(office: Office) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 9 * HOUR
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 0
    office.clock.at += HOUR + timedelta(minutes=1)
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 1
    office.clock.at += 11 * HOUR
    assert await office.posts(NORTHWIND, office.other) == "" and office.server.renewals == 2


async def test_the_worker_renews_what_nobody_uses_and_what_ended_while_all_was_off(office: Office) -> None:
    await office.install(NORTHWIND)
    await office.install(MERIDIAN)
    assert await office.tokens.renew_due() == 0
    office.clock.at += 11 * HOUR
    assert await office.tokens.renew_due() == 2
    office.clock.at += timedelta(days=3)
    assert await office.other.renew_due() == 2
    assert await office.posts(NORTHWIND) == "" and await office.posts(MERIDIAN) == ""


async def test_two_processes_never_renew_at_once(office: Office) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 13 * HOUR
    told = await asyncio.gather(
        *(tokens(NORTHWIND) for _ in range(10) for tokens in (office.tokens, office.other)),
        office.tokens.renew_due(),
        office.other.renew_due(),
    )
    current = office.far.state.workspaces[NORTHWIND].token
    assert set(told[:20]) == {current} and office.server.renewals == 1


async def test_a_renewal_that_fails_leaves_the_present_token_in_use(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.install(NORTHWIND)
    office.clock.at += 11 * HOUR
    office.server.refuses = "internal_error"
    assert await office.posts(NORTHWIND) == ""
    office.server.refuses, before = "", [record.levelname for record in caplog.records].count("WARNING")
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 0  # tried again in a minute
    office.clock.at += timedelta(minutes=2)
    assert await office.posts(NORTHWIND) == "" and office.server.renewals == 1
    assert before == 1 and "could not be renewed" in caplog.text


async def test_a_token_that_was_fixed_in_the_settings_needs_no_oauth(office: Office) -> None:
    kept, leases = office.store.installations, office.store.leases
    for name, other in (("", "xoxb-own"), (NORTHWIND, "")):
        tokens = SlackTokens(kept, leases, office.clock.now, fixed=((name, "xoxb-own"),))
        assert (await tokens(NORTHWIND), await tokens(MERIDIAN)) == ("xoxb-own", other)


async def test_an_uninstalled_workspace_has_no_token_and_a_late_notice_ends_no_newer_one(
    office: Office,
) -> None:
    own = SlackInstallations(office.store.installations)
    await office.install(NORTHWIND)
    office.clock.at += HOUR
    uninstall(office.far.state, NORTHWIND)
    for _ in range(2):
        await own.end_installation(NORTHWIND, office.clock.at)
        assert await office.tokens(NORTHWIND) == ""
    removed_at, office.clock.at = office.clock.at, office.clock.at + HOUR
    await office.install(NORTHWIND)
    await own.end_installation(NORTHWIND, removed_at)
    assert await office.posts(NORTHWIND) == ""


async def test_a_workspace_that_removed_the_bot_is_forgotten_later_unless_it_comes_back(
    office: Office,
) -> None:
    """Its token goes at once, its data when the retention period is over."""
    own = SlackInstallations(office.store.installations)
    told = Uninstallation(office.store, RecordingInbox(), own).end_installation
    terms = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))
    await office.install(NORTHWIND)
    await office.store.alliances.declare([alliance(channels=(Channel("slack", NORTHWIND, "C0JOINT"),))])
    removed_at, office.clock.at = office.clock.at + HOUR, office.clock.at + 2 * HOUR
    for _ in range(2):
        await told(NORTHWIND, removed_at)
        assert await office.tokens(NORTHWIND) == ""
    late = removed_at + timedelta(days=31)
    await office.install(NORTHWIND)
    await told(NORTHWIND, removed_at)
    assert await office.store.retention.delete_expired(terms, late) == {}
    uninstall(office.far.state, NORTHWIND)
    office.clock.at += HOUR
    await told(NORTHWIND, office.clock.at)
    assert await office.store.retention.delete_expired(terms, office.clock.at + timedelta(days=31)) == {
        "departed": 1
    }


async def test_where_it_serves_no_channel_only_the_token_goes(office: Office) -> None:
    """The alliance goes on in a channel of the other company's installation."""
    terms = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))
    await office.install(NORTHWIND)
    await office.store.alliances.declare([alliance(channels=(Channel("slack", "T0OTHER", "C0JOINT"),))])
    uninstall(office.far.state, NORTHWIND)
    office.clock.at += HOUR
    await Uninstallation(
        office.store, RecordingInbox(), SlackInstallations(office.store.installations)
    ).end_installation(NORTHWIND, office.clock.at)
    assert await office.tokens(NORTHWIND) == ""
    assert await office.store.retention.delete_expired(terms, office.clock.at + timedelta(days=60)) == {}


async def test_a_token_that_is_renewed_while_the_app_is_removed_does_not_come_back(office: Office) -> None:
    await office.install(NORTHWIND)
    kept = office.store.installations
    bot = parse_bot((await kept.all())[NORTHWIND])
    await kept.drop(NORTHWIND)
    ended = START + timedelta(hours=12)
    assert not await kept.renew(NORTHWIND, ended, serialise_bot(bot), ended + HOUR)
    assert await kept.all() == {}

"""Test that expiring tokens are renewed in time and once, and that tokens of ended installations stay deleted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.api import SlackApi
from adapters.slack.installations import SlackInstallations, parse_bot, serialise_bot
from adapters.slack.tokens import SlackTokens
from bot.app.platforms.slack.copies import BotCopies, Uninstallation
from bot.model.alliance import Channel
from storage.data_rights.retention import Terms
from tests.adapters.slack.install_testbed import (
    HOUR,
    MERIDIAN,
    NORTHWIND,
    START,
    InstallTestbed,
    open_install_testbed,
)
from tests.contract.world import RecordingInbox
from tests.far.slack_state import uninstall
from tests.storage.factories import make_alliance


@pytest.fixture
async def testbed(tmp_path: Path) -> AsyncIterator[InstallTestbed]:
    async with open_install_testbed(tmp_path) as made:
        yield made


async def test_a_token_is_renewed_before_it_ends_by_whoever_needs_it(testbed: InstallTestbed) -> None:
    await testbed.install(NORTHWIND)
    testbed.clock.at += 9 * HOUR
    assert await testbed.posts(NORTHWIND) == "" and testbed.server.renewals == 0
    testbed.clock.at += HOUR + timedelta(minutes=1)
    assert await testbed.posts(NORTHWIND) == "" and testbed.server.renewals == 1
    testbed.clock.at += 11 * HOUR
    assert await testbed.posts(NORTHWIND, testbed.other) == "" and testbed.server.renewals == 2


async def test_the_worker_renews_what_nobody_uses_and_what_ended_while_all_was_off(
    testbed: InstallTestbed,
) -> None:
    await testbed.install(NORTHWIND)
    await testbed.install(MERIDIAN)
    assert await testbed.tokens.renew_due() == 0
    testbed.clock.at += 11 * HOUR
    assert await testbed.tokens.renew_due() == 2
    testbed.clock.at += timedelta(days=3)
    assert await testbed.other.renew_due() == 2
    assert await testbed.posts(NORTHWIND) == "" and await testbed.posts(MERIDIAN) == ""


async def test_two_processes_never_renew_at_once(testbed: InstallTestbed) -> None:
    await testbed.install(NORTHWIND)
    testbed.clock.at += 13 * HOUR
    told = await asyncio.gather(
        *(tokens(NORTHWIND) for _ in range(10) for tokens in (testbed.tokens, testbed.other)),
        testbed.tokens.renew_due(),
        testbed.other.renew_due(),
    )
    current = testbed.far.state.workspaces[NORTHWIND].token
    assert set(told[:20]) == {current} and testbed.server.renewals == 1


async def test_a_renewal_that_fails_leaves_the_present_token_in_use(
    testbed: InstallTestbed, caplog: pytest.LogCaptureFixture
) -> None:
    await testbed.install(NORTHWIND)
    testbed.clock.at += 11 * HOUR
    testbed.server.refuses = "internal_error"
    assert await testbed.posts(NORTHWIND) == ""
    testbed.server.refuses, before = "", [record.levelname for record in caplog.records].count("WARNING")
    assert await testbed.posts(NORTHWIND) == "" and testbed.server.renewals == 0  # tried again in a minute
    testbed.clock.at += timedelta(minutes=2)
    assert await testbed.posts(NORTHWIND) == "" and testbed.server.renewals == 1
    assert before == 1 and "could not be renewed" in caplog.text


async def test_a_token_that_was_fixed_in_the_settings_needs_no_oauth(testbed: InstallTestbed) -> None:
    kept, leases = testbed.store.installations, testbed.store.leases
    for name, other in (("", "xoxb-own"), (NORTHWIND, "")):
        tokens = SlackTokens(kept, leases, testbed.clock.now, fixed=((name, "xoxb-own"),))
        assert (await tokens(NORTHWIND), await tokens(MERIDIAN)) == ("xoxb-own", other)


async def test_an_uninstalled_workspace_has_no_token_and_a_late_notice_ends_no_newer_one(
    testbed: InstallTestbed,
) -> None:
    own = SlackInstallations(testbed.store.installations)
    await testbed.install(NORTHWIND)
    testbed.clock.at += HOUR
    uninstall(testbed.far.state, NORTHWIND)
    for _ in range(2):
        await own.end_installation(NORTHWIND, testbed.clock.at)
        assert await testbed.tokens(NORTHWIND) == ""
    removed_at, testbed.clock.at = testbed.clock.at, testbed.clock.at + HOUR
    await testbed.install(NORTHWIND)
    await own.end_installation(NORTHWIND, removed_at)
    assert await testbed.posts(NORTHWIND) == ""


def list_copies(testbed: InstallTestbed) -> BotCopies:
    return BotCopies(testbed.store, SlackApi(testbed.session, testbed.tokens, testbed.far.api_url))


async def test_a_workspace_that_removed_the_bot_is_forgotten_later_unless_it_comes_back(
    testbed: InstallTestbed,
) -> None:
    """Its token goes at once, its data when the retention period is over."""
    own = SlackInstallations(testbed.store.installations)
    told = Uninstallation(testbed.store, RecordingInbox(), own, list_copies(testbed)).end_installation
    terms = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))
    await testbed.install(NORTHWIND)
    await testbed.store.alliances.declare([make_alliance(channels=(Channel("slack", NORTHWIND, "C0JOINT"),))])
    removed_at, testbed.clock.at = testbed.clock.at + HOUR, testbed.clock.at + 2 * HOUR
    for _ in range(2):
        await told(NORTHWIND, removed_at)
        assert await testbed.tokens(NORTHWIND) == ""
    late = removed_at + timedelta(days=31)
    await testbed.install(NORTHWIND)
    await told(NORTHWIND, removed_at)
    assert await testbed.store.retention.delete_expired(terms, late) == {}
    uninstall(testbed.far.state, NORTHWIND)
    testbed.clock.at += HOUR
    await told(NORTHWIND, testbed.clock.at)
    assert await testbed.store.retention.delete_expired(terms, testbed.clock.at + timedelta(days=31)) == {
        "departed": 1
    }


async def test_where_it_serves_no_channel_only_the_token_goes(testbed: InstallTestbed) -> None:
    """The alliance goes on in a channel of the other company's installation."""
    terms = Terms(*(timedelta(days=days) for days in (400, 180, 220, 90, 1095, 30)))
    await testbed.install(NORTHWIND)
    await testbed.store.alliances.declare([make_alliance(channels=(Channel("slack", "T0OTHER", "C0JOINT"),))])
    uninstall(testbed.far.state, NORTHWIND)
    testbed.clock.at += HOUR
    await Uninstallation(
        testbed.store,
        RecordingInbox(),
        SlackInstallations(testbed.store.installations),
        list_copies(testbed),
    ).end_installation(NORTHWIND, testbed.clock.at)
    assert await testbed.tokens(NORTHWIND) == ""
    assert await testbed.store.retention.delete_expired(terms, testbed.clock.at + timedelta(days=60)) == {}


async def test_a_token_that_is_renewed_while_the_app_is_removed_does_not_come_back(
    testbed: InstallTestbed,
) -> None:
    await testbed.install(NORTHWIND)
    kept = testbed.store.installations
    bot = parse_bot((await kept.all())[NORTHWIND])
    await kept.drop(NORTHWIND)
    ended = START + timedelta(hours=12)
    assert not await kept.renew(NORTHWIND, ended, serialise_bot(bot), ended + HOUR)
    assert await kept.all() == {}

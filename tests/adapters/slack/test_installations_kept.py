"""Test that installations are stored encrypted and found by workspace through slack_sdk's interface."""

import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installations import SlackInstallations, serialise_bot
from tests.adapters.slack.install_testbed import (
    HOUR,
    MERIDIAN,
    NORTHWIND,
    InstallTestbed,
    open_install_testbed,
)
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET


@pytest.fixture
async def testbed(tmp_path: Path) -> AsyncIterator[InstallTestbed]:
    async with open_install_testbed(tmp_path) as made:
        yield made


async def test_no_token_is_readable_in_the_database_or_in_the_logs(
    testbed: InstallTestbed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await testbed.install(NORTHWIND)
    testbed.clock.at += 13 * HOUR
    assert await testbed.posts(NORTHWIND) == ""
    testbed.server.refuses = "invalid_refresh_token"
    testbed.clock.at += 13 * HOUR
    assert await testbed.posts(NORTHWIND) == "invalid_refresh_token"
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert NORTHWIND.encode() in raw
    assert b"canary" not in raw and b"xox" not in raw
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.access")
    )
    assert "xox" not in ours and "canary" not in ours


async def test_the_store_is_slack_sdks_and_finds_by_workspace_whatever_the_enterprise(
    testbed: InstallTestbed,
) -> None:
    """The form of somebody of the other company's Enterprise: https://github.com/slackapi/bolt-python/pull/734"""
    store = SlackInstallations(testbed.store.installations)
    await testbed.install(NORTHWIND)
    for enterprise in (None, "E0MERIDIAN"):
        found = await store.async_find_bot(enterprise_id=enterprise, team_id=NORTHWIND)
        assert found and found.team_id == NORTHWIND
        whole = await store.async_find_installation(enterprise_id=enterprise, team_id=NORTHWIND, user_id="U1")
        assert whole and whole.bot_token == found.bot_token and whole.user_token is None
        assert await store.async_find_bot(enterprise_id=enterprise, team_id=MERIDIAN) is None
    await store.async_delete_all(enterprise_id="E0MERIDIAN", team_id=NORTHWIND)
    assert await store.async_find_bot(enterprise_id=None, team_id=NORTHWIND) is None


async def test_bolts_own_look_up_finds_the_installation_for_such_a_form(testbed: InstallTestbed) -> None:
    testbed.server.rotates = False
    await testbed.install(NORTHWIND)
    logger = logging.getLogger("silent")
    authorize = AsyncInstallationStoreAuthorize(
        logger=logger,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        installation_store=SlackInstallations(testbed.store.installations),
    )
    context = AsyncBoltContext()
    context["client"] = AsyncWebClient(base_url=testbed.far.api_url, session=testbed.session)
    found = await authorize(context=context, enterprise_id="E0MERIDIAN", team_id=NORTHWIND, user_id="U0BEN")
    assert found and found.team_id == NORTHWIND


async def test_an_organisation_that_installed_as_a_whole_is_found_where_the_payload_says_so(
    testbed: InstallTestbed,
) -> None:
    store = SlackInstallations(testbed.store.installations)
    bot = Bot(
        enterprise_id="E0MERIDIAN", bot_token="xoxb-1", bot_id="", bot_user_id="U1",
        is_enterprise_install=True, installed_at=time.time(),
    )  # fmt: skip
    await store.async_save_bot(bot)
    asked = {"enterprise_id": "E0MERIDIAN", "team_id": MERIDIAN}
    assert await store.async_find_bot(**asked, is_enterprise_install=False) is None
    assert await store.async_find_bot(**asked, is_enterprise_install=True)
    assert await testbed.tokens("E0MERIDIAN") == "xoxb-1"
    assert json.loads(serialise_bot(bot))["team_id"] is None

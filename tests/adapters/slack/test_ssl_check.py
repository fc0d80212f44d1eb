"""Test Slack's check of a command's address, which comes without a signature."""

import time

import pytest

from tests.contract.slack_world import wired
from tests.far.slack_state import two_companies


@pytest.mark.parametrize("form", [b"ssl_check=1&token=abc", b"token=abc&ssl_check=1"])
async def test_slack_may_check_the_address_without_a_signature(form: bytes) -> None:
    """https://docs.slack.dev/interactivity/implementing-slash-commands; nothing else passes with it."""
    state = two_companies(time.time)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with wired(state) as world:
        async with world.hand.session.post(world.hand.bot_url, data=form, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        more = form + b"&command=/pulse&text=score&user_id=U0ANNA&team_id=T0NORTHWIND&channel_id=C0JOINT"
        async with world.hand.session.post(world.hand.bot_url, data=more, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        long = form + b"&text=" + b"x" * 500
        async with world.hand.session.post(world.hand.bot_url, data=long, headers=headers) as answer:
            assert answer.status == 401
        assert world.inbox.taken == []

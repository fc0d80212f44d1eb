"""Twenty thousand requests that Slack would never send: no 5xx, no traceback, no body in the logs, no growth."""

import gc
import json
import logging
import random
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.contract.slack_world import SlackWorld, wired
from tests.far.slack_state import two_companies

PAYLOADS = [
    json.loads(path.read_text())["payload"]
    for path in sorted(Path("tests/adapters/slack/payloads").glob("*.json"))
]
CANARY = "canary-9d1e"
JUNK: list[Any] = [None, "", CANARY, 0, -1.5, True, [], {}, [{}], {"id": None}, "9" * 30, "1.1.1", [[]] * 3]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def spoiled(dice: random.Random) -> tuple[bytes, str]:
    """A payload with rubbish in some places, now and then as bytes that are no JSON any more."""
    payload = json.loads(json.dumps(dice.choice(PAYLOADS)))
    for _ in range(dice.randint(0, 4)):
        part: Any = payload
        while isinstance(part, dict | list) and part:
            key = dice.choice(list(part) if isinstance(part, dict) else range(len(part)))
            if dice.random() < 0.4 or not isinstance(part[key], dict | list):
                part[key] = json.loads(json.dumps(dice.choice(JUNK)))
                break
            part = part[key]
    is_event = payload.get("type") == "event_callback"
    raw, kind = json.dumps(payload).encode(), JSON
    if not is_event and dice.random() < 0.9:
        raw, kind = urlencode(payload if "command" in payload else {"payload": raw}).encode(), FORM
    if dice.random() < 0.2:
        place = dice.randrange(max(1, len(raw)))
        raw = raw[:place] + dice.randbytes(3) + raw[place + dice.randint(0, 5) :]
    return raw, kind


async def _send(world: SlackWorld, raw: bytes, kind: str, is_signed: bool) -> int:
    headers = (world.hand.signed(raw) if is_signed else {}) | {"Content-Type": kind}
    async with world.hand.session.post(world.hand.bot_url, data=raw, headers=headers) as answer:
        await answer.read()
        return answer.status


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_twenty_thousand_requests(caplog: pytest.LogCaptureFixture) -> None:
    dice, statuses = random.Random(20261124), dict[int, int]()
    caplog.set_level(logging.INFO)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    async with wired(two_companies(time.time, people=3)) as world:
        before = 0
        for number in range(21_000):
            if number == 1_000:
                gc.collect()
                before = _resident()
            status = await _send(world, *spoiled(dice), is_signed=dice.random() < 0.8)
            statuses[status] = statuses.get(status, 0) + 1
            world.inbox.taken.clear()
            if number % 500 == 0:
                assert CANARY not in caplog.text and "Traceback" not in caplog.text
                caplog.clear()
        gc.collect()
        assert _resident() - before < 20 * 2**20
        assert await world.hand.say("U0ANNA", "still there?") and len(world.inbox.taken) == 1
    assert set(statuses) <= {200, 400, 401}, statuses
    assert min(statuses.values()) > 500, statuses

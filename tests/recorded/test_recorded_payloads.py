"""Payloads that Slack and Microsoft recorded for their own libraries: each is answered, and means what it should.

`expected.json` says for each of them which status it is answered with, and which events come of it. `README.md` says
where they are from.
"""

import json
import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.contract import slack_world, teams_world
from tests.contract.world import RecordingInbox
from tests.far.slack_state import two_companies
from tests.far.teams_state import APP, JOINT, TEAM, two_tenants

Json = dict[str, Any]
HERE = Path(__file__).parent
EXPECTED: dict[str, str] = json.loads((HERE / "expected.json").read_text())
FORM = "application/x-www-form-urlencoded"


def read_payloads(vendor: str) -> list[tuple[str, Json]]:
    """Return name and body of each payload. The name is its place and its number there."""
    counted: Counter[str] = Counter()
    found = []
    for entry in json.loads((HERE / f"{vendor}.json").read_text()):
        counted[entry["from"]] += 1
        found.append((f"{vendor} {entry['from']} {counted[entry['from']]}", entry["body"]))
    return found


def encode_for_slack(body: Json) -> tuple[bytes, str]:
    """Return the request as Slack sends it: a slash command or a payload as a form, events as JSON."""
    if "command" in body:
        return urlencode(body).encode(), FORM
    if body.get("type") in ("event_callback", "url_verification"):
        return json.dumps(body).encode(), "application/json"
    return urlencode({"payload": json.dumps(body)}).encode(), FORM


def describe(status: int, inbox: RecordingInbox) -> str:
    events = " ".join(type(event).__name__ for event in inbox.taken)
    inbox.taken.clear()
    return f"{status} {events}".strip()


async def test_what_slack_recorded_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    told = {}
    async with slack_world.wired(two_companies(time.time)) as world:
        for name, body in read_payloads("slack"):
            answer = await world.hand.send(*encode_for_slack(body))
            await world.door.replies.drain(2)
            told[name] = describe(answer.status, world.inbox)
        assert "E111" in world.gone, (
            "an organisation that removed the bot, in the form that names no workspace"
        )
    check(told, "slack", caplog)


async def test_what_microsoft_recorded_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    told = {}
    async with teams_world.wired(two_tenants(time.time)) as world:
        anna = next(iter(world.far.state.people.values()))
        ours = {"APP": APP, "TEAM": TEAM, "CHANNEL": JOINT, "MRI": anna.mri, "PERSON": anna.object_id}
        for source, body in read_payloads("teams"):
            text = json.dumps({**body, "serviceUrl": world.far.service_url})
            for name, value in ours.items():
                text = text.replace(f"@{name}@", value)
            answer = await world.hand.send(text.encode(), f"Bearer {world.far.token()}")
            await world.door.replies.drain(2)
            told[source] = describe(answer.status, world.inbox)
    check(told, "teams", caplog)


def check(told: dict[str, str], vendor: str, caplog: pytest.LogCaptureFixture) -> None:
    """Compare with what is expected. No payload may make the bot fail."""
    wanted = {name: text for name, text in EXPECTED.items() if name.startswith(vendor)}
    assert told == wanted
    assert not [name for name, text in told.items() if text.startswith("5")]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]

"""Canaries: what people say, who they are and what the bot signs with, planted everywhere and looked for everywhere."""

import json
from pathlib import Path

import aiohttp
import pytest

from tests.databases import KINDS, Kind, fresh, postgres_server
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    METRICS_TOKEN,
    OPEN,
    PSEUDONYM_SECRET,
    SIGNING_SECRET,
    SlackTestbed,
    list_buttons,
    start_slack_testbed,
)

WORDS = "kanarienvogel-4c7e"
"""In every text that anybody writes."""
LOUD = {"PULSE_LOGS__FORMAT": "json", "PULSE_LOGS__LEVEL": "debug"}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_people_say_and_who_they_are_is_nowhere_to_be_read(kind: Kind, tmp_path: Path) -> None:
    with fresh(kind, tmp_path) as url:
        async with start_slack_testbed(tmp_path, url, people=6, settings=LOUD) as testbed:
            await testbed.bot.start()
            await testbed.bot.command("apply", "alliance.toml")
            await lived(testbed)
            pages = await asked_wrongly(testbed)
            shown = "".join([await testbed.bot.command(*words) for words in SHOWN])
            await testbed.bot.command("backup", "backup.sqlite3")
            await testbed.bot.stop()
            written = {
                "log": testbed.bot.log.encode(),
                "error pages and metrics": "\n".join(pages).encode(),
                "what operators are shown": shown.encode(),
                "backup": (tmp_path / "backup.sqlite3").read_bytes(),
                "database": on_disk(kind, tmp_path),
            }
            tokens = [
                workspace.token for workspace in testbed.far.state.workspaces.values() if workspace.token
            ]
            secrets = [*tokens, SIGNING_SECRET, METRICS_TOKEN, PSEUDONYM_SECRET, testbed.encryption_key]
            canaries = [WORDS, *testbed.people, *secrets]
    assert len(tokens) == 1 and len(testbed.people) == 12
    assert not [
        (where, canary) for where, text in written.items() for canary in canaries if canary.encode() in text
    ]
    assert b"northwind-meridian" in written["database"] and b"northwind-meridian" in written["backup"]
    lines = [json.loads(line) for line in testbed.bot.log.splitlines() if line.startswith("{")]
    assert sum("refused" in line["message"] for line in lines) > 3
    assert "pulse_requests_total" in pages[-1]


SHOWN = (("audit", "show"), ("deliveries",), ("missed",), ("score", "northwind-meridian"), ("config", "show"))


async def lived(testbed: SlackTestbed) -> None:
    """A round in which everybody says something, in every way there is."""
    testbed.clock.move_to(FIRST_SLOT)
    question, hand = await testbed.question(0), testbed.hand
    for user in testbed.people:
        ts = await hand.say(user, f"I am unhappy about the {WORDS}")
        await hand.edit(user, ts, f"I am very happy about the {WORDS}")
        await hand.say(user, f"In a thread: {WORDS}", thread=question.ts)
        for button in list_buttons(question)[::6]:
            assert (await hand.press(user, question, button.payload)).status == 200
        await hand.dm(user, f"score {WORDS}")
        await hand.dm(user, f"{WORDS} {WORDS}")
    for user in [person for person in testbed.people if person.startswith("U0NORT")]:
        await hand.slash(user, "comment")
        for text in (f"Patient 0042 was unblinded, {WORDS}", f"Too many meetings, {WORDS}"):
            await hand.slash(user, "comment")
            await hand.submit(user, hand.opened(user), {"text": text, "share": True})
    for lead in ("U0ANNA", "U0BEN"):
        for command in (
            "digest",
            "alerts",
            f"ack {WORDS}",
            "ours slack:T0FJORD9",
            f"propose {WORDS}",
            "charter",
        ):
            await hand.dm(lead, f"{command} {WORDS}")
    await hand.dm("U0BEN", "data passphrase")
    out = str(testbed.clock.file.parent / "data.html")
    await testbed.bot.command("subject-data", "--platform", "slack", "--user", "U0BEN", "--out", out)
    await testbed.bot.command("erase", "--platform", "slack", "--user", "U0NORT001", "--yes")
    testbed.clock.move_to(FIRST_SLOT + OPEN)
    await testbed.closed(question)


async def asked_wrongly(testbed: SlackTestbed) -> list[str]:
    """What the bot answers to what it cannot take; the metrics last."""
    url, pages = testbed.bot.url, []
    raw = json.dumps({"type": "event_callback", "event": {"type": "message", "text": WORDS}}).encode()
    wrong = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": WORDS}
    async with aiohttp.ClientSession() as session:
        for sent in (raw, raw[:-3], WORDS.encode()):
            for headers in (wrong, testbed.hand.signed(sent), {}):
                given = {**headers, "Content-Type": "application/json"}
                async with session.post(f"{url}/slack/events?{WORDS}", data=sent, headers=given) as answer:
                    pages.append(f"{answer.headers}{await answer.text()}")
        allowed = {"X-Request-Id": WORDS, "Authorization": f"Bearer {METRICS_TOKEN}"}
        for path in (f"/{WORDS}", f"/healthz/{WORDS}?{WORDS}", "/readyz", "/metrics"):
            async with session.get(url + path, headers=allowed) as answer:
                pages.append(await answer.text())
        assert "pulse_requests_total" in pages[-1]
    return pages


def on_disk(kind: Kind, folder: Path) -> bytes:
    """Every byte of the database: its files and logs, on PostgreSQL those of the whole server."""
    files = folder.glob("fresh-*") if kind == "sqlite" else Path(postgres_server().pgdata).rglob("*")
    return b"".join(file.read_bytes() for file in files if file.is_file())

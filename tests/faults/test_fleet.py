"""Several processes on one database: what comes to two is done once, and what each could do, one does."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.entrypoints.deduplicate import HOLD
from bot.model.delivery import DeliveryState
from tests.databases import Kind, empty, fresh
from tests.far import teams
from tests.far.slack_hand import Hand
from tests.far.slack_line import Answer
from tests.far.slack_oauth import CLIENT_ID, CLIENT_SECRET, Browser, with_oauth
from tests.far.teams_hand import Hand as TeamsHand
from tests.far.teams_state import State as TeamsState
from tests.far.teams_state import two_tenants
from tests.faults.fleet import Fleet, start_fleet
from tests.slow.crowd import Crowd
from tests.slow.crowd_trial import CrowdTrial
from tests.slow.process import PATIENCE, BotProcess
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    HOST,
    LEADS,
    OPEN,
    UNTIL_DIGEST,
    WEEK,
    SlackTestbed,
    list_buttons,
    start_slack_testbed,
)
from tests.slow.teams_bot import teams_bot

PUBLIC = "https://pulse.example.com"
WAITING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
ONE_MINUTE_LATER = "1"
"""Number of the retry that Slack makes then."""


def mention(testbed: SlackTestbed, user: str, text: str) -> bytes:
    """Of the bot in the joint channel, as Slack sends it."""
    room, who, ours = testbed.joint, testbed.far.state.users[user], testbed.far.state.workspaces[HOST]
    ts = testbed.far.state.ts()
    inner = {
        "type": "app_mention",
        "user": user,
        "team": who.team,
        "channel": room.id,
        "ts": ts,
        "event_ts": ts,
    }
    said = {**inner, "text": f"<@{ours.bot_user}> {text}"}
    return json.dumps(testbed.hand.envelope(said, room, who, ours)).encode()


async def delivered(hand: Hand, raw: bytes) -> Answer:
    return await hand.send(raw, "application/json", {"X-Slack-Retry-Num": ONE_MINUTE_LATER})


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_mention_delivered_to_two_processes_at_once_and_again_is_answered_once(
    tmp_path: Path, kind: Kind
) -> None:
    with fresh(kind, tmp_path) as url:
        async with start_fleet(tmp_path, url) as made:
            testbed, users = made.testbed, sorted(made.testbed.people)
            sent = [mention(testbed, user, text) for user in users for text in ("score", "help", "privacy")]
            first = await asyncio.gather(
                *(hand.send(raw, "application/json") for raw in sent for hand in made.hands)
            )
            assert {reply.status for reply in first} <= {200, 503}
            assert sum(reply.status == 200 for reply in first) >= len(sent)
            await testbed.until(
                lambda: all(len(testbed.hand.shown(user)) == 3 for user in users), "all are answered"
            )
            await asyncio.sleep(0.5)
            again = await asyncio.gather(*(delivered(hand, raw) for raw in sent for hand in made.hands))
            assert {reply.status for reply in again} == {200}
            await asyncio.sleep(1)
            assert [len(testbed.hand.shown(user)) for user in users] == [3] * len(users)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_who_is_killed_over_a_command_is_stood_in_for_when_it_comes_again(
    tmp_path: Path, kind: Kind
) -> None:
    """It dies once the command is its own, and before anything came of it."""
    with fresh(kind, tmp_path) as url:
        async with start_fleet(tmp_path, url) as made:
            testbed, (first, second) = made.testbed, made.hands
            await made.webs[0].kill()
            made.webs[0].settings = {**testbed.bot.settings, "PULSE_CRASHPOINT": "before_alliances_of"}
            await made.webs[0].start()
            raw = mention(testbed, "U0ANNA", "score")
            assert (await first.send(raw, "application/json")).status == 0
            assert (await delivered(second, raw)).status == 503
            assert testbed.hand.shown("U0ANNA") == []
            testbed.clock.move_to(testbed.clock.at + HOLD)
            assert (await delivered(second, raw)).status == 200
            await testbed.until(lambda: len(testbed.hand.shown("U0ANNA")) == 1, "it is answered")
            assert (await delivered(second, raw)).status == 200
            await asyncio.sleep(1)
            assert len(testbed.hand.shown("U0ANNA")) == 1


async def test_a_command_in_teams_delivered_to_two_processes_at_once_and_again_is_answered_once(
    tmp_path: Path,
) -> None:
    """`pulse run` and `pulse web` beside it, on one file."""
    state = two_tenants(time.time)
    async with teams.serving(state) as far, aiohttp.ClientSession() as session:
        with fresh("sqlite", tmp_path) as url:
            async with teams_bot(tmp_path, far, url) as first:
                second = BotProcess(tmp_path, first.settings, role="web")
                await second.start()
                hands = [TeamsHand(far, session, f"{bot.url}/api/messages") for bot in (first, second)]
                try:
                    first_time, again, answers = await _commanded(state, hands)
                finally:
                    await second.kill()
    assert first_time <= {200, 503} and again == {200}
    assert answers == [1, 1, 1, 1]


async def _commanded(state: TeamsState, hands: list[TeamsHand]) -> tuple[set[int], set[int], list[int]]:
    """Four people ask for help through both hands, and it comes again: statuses, and cards shown to each."""
    people = list(state.people.values())[:4]
    chats = [state.personal(person) for person in people]
    sent = [
        hands[0].activity("message", who, chat, chat.id) | {"text": "help", "textFormat": "plain"}
        for who, chat in zip(people, chats, strict=True)
    ]
    first = await asyncio.gather(*(hand.deliver(activity) for activity in sent for hand in hands))
    await asyncio.sleep(3)
    again = await asyncio.gather(*(hand.deliver(activity) for activity in sent for hand in hands))
    await asyncio.sleep(2)
    answers = [sum(bool(message.card) for message in chat.messages) for chat in chats]
    return {reply.status for reply in first}, {reply.status for reply in again}, answers


CALM = 9
"""Weeks until alarms know what is usual, in which nobody is killed."""
LOW = 2
"""Weeks in which one side answers lower, under kills."""


async def test_two_web_processes_and_two_workers_under_kills(tmp_path: Path) -> None:
    """Every question once, every alert once, every digest once, and no answer lost that was acknowledged."""
    with fresh("postgres", tmp_path) as url:
        async with start_fleet(tmp_path, url, workers=2, people=10) as made:
            trial, over = CrowdTrial(made.testbed), asyncio.Event()
            for week in range(CALM):
                await _lived(made, trial, week)
            killing = asyncio.create_task(_kill(made, random.Random(8), trial, over))
            try:
                for week in range(CALM, CALM + LOW):
                    await _lived(made, trial, week)
                    await _told(made, trial, FIRST_SLOT + week * WEEK + UNTIL_DIGEST, week - CALM)
            finally:
                over.set()
                await killing
            await trial.rest()
            told = {lead: made.testbed.told(lead) for lead in LEADS.values()}
            headings = {lead: [letter.partition("\n")[0] for letter in told[lead]] for lead in told}
            alerts = {lead: sum(_is_alert(heading) for heading in headings[lead]) for lead in told}
            print(f"{trial.kills} kills, {trial.again} presses again, alerts {alerts}, told {headings}")
            assert trial.kills >= 2 * LOW
            await trial.assert_nothing_lost()
            await trial.assert_all_sent_once(questions=CALM + LOW)
            assert min(alerts.values()) >= 1, told
            assert [_digests(made.testbed, lead) for lead in told] == [LOW] * len(told), told


def _is_alert(heading: str) -> bool:
    return "than usual" in heading or "has dropped" in heading


async def _kill(made: Fleet, chance: random.Random, trial: CrowdTrial, over: asyncio.Event) -> None:
    """Again and again one that has worked for as long as it took to start; it is started again at once."""
    starting: dict[int, asyncio.Task[None]] = {}
    while not over.is_set():
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        ready = [n for n in range(len(made.all)) if n not in starting or starting[n].done()]
        if ready:
            victim = chance.choice(ready)
            await made.all[victim].kill()
            trial.kills += 1
            starting[victim] = asyncio.create_task(_started(made.all[victim]))
    await asyncio.gather(*starting.values())


async def _started(one: BotProcess) -> None:
    await asyncio.sleep(await one.start())


async def _lived(made: Fleet, trial: CrowdTrial, week: int) -> None:
    """A question is asked, answered through both web processes, and closed."""
    testbed, slot = made.testbed, FIRST_SLOT + week * WEEK
    testbed.clock.move_to(slot)
    await trial.passing(lambda: len(testbed.from_bot()) > week, "the question is asked")
    question = testbed.from_bot()[week]
    testbed.clock.move_to(slot + timedelta(hours=1))
    clicks = Crowd(testbed.people, drop=CALM, depth=2.0).clicks(week, list_buttons(question))
    await trial.press(week, question, clicks, made.hands)
    testbed.clock.move_to(slot + OPEN)
    await trial.passing(lambda: not list_buttons(question), "the round is closed")


async def _told(made: Fleet, trial: CrowdTrial, at: datetime, before: int) -> None:
    made.testbed.clock.move_to(at)
    for lead in LEADS.values():
        await trial.passing(lambda u=lead: _digests(made.testbed, u) > before, "the digest is sent")  # type: ignore[misc]


def _digests(testbed: SlackTestbed, lead: str) -> int:
    return sum("the week for" in letter for letter in testbed.told(lead))


async def test_each_of_migration_token_and_housekeeping_is_done_by_one_of_four(tmp_path: Path) -> None:
    with empty("postgres", tmp_path) as url:
        given = {
            "PULSE_SLACK__BOT_TOKEN": "",
            "PULSE_SLACK__CLIENT_ID": CLIENT_ID,
            "PULSE_SLACK__CLIENT_SECRET": CLIENT_SECRET,
            "PULSE_WEB__PUBLIC_URL": PUBLIC,
        }
        async with start_slack_testbed(tmp_path, url, 3, given) as testbed:
            migrating = await asyncio.gather(*(testbed.bot.spawn("migrate", out=None) for _ in range(4)))
            assert [await asyncio.wait_for(process.wait(), PATIENCE) for process in migrating] == [0] * 4, (
                testbed.bot.log
            )
        async with start_fleet(tmp_path, url, workers=2, settings=given) as made:
            assert [number async for number in _renewals(made)] == [1, 2]
            (tidied,) = await _tidyings(made)
            assert "deliveries" in tidied


async def _renewals(made: Fleet) -> AsyncIterator[int]:
    """How often the token was renewed, after each of two times that it had to be."""
    testbed = made.testbed
    server = with_oauth(testbed.far, f"{PUBLIC}/slack/oauth_redirect")
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=made.webs[0].url)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        browser = Browser(server, session, PUBLIC, made.webs[0].url)
        assert await browser.install(HOST) == 200, browser.page
    for number in (1, 2):
        testbed.clock.move_to(testbed.clock.at + timedelta(hours=10, minutes=1))
        asking = [
            hand.send(mention(testbed, "U0ANNA", "help"), "application/json") for hand in made.hands * 4
        ]
        assert {reply.status for reply in await asyncio.gather(*asking)} == {200}
        await testbed.until(lambda n=number: server.renewals == n, "the token is renewed")  # type: ignore[misc]
        await asyncio.sleep(1)
        yield server.renewals


async def _tidyings(made: Fleet) -> list[str]:
    """Two workers begin at the same instant, and what was sent 90 days ago is to go: what the audit log has of it."""
    testbed = made.testbed
    testbed.clock.move_to(FIRST_SLOT + WEEK)
    question = await testbed.question(0)
    testbed.clock.move_to(FIRST_SLOT + WEEK + OPEN)
    await testbed.until(lambda: not list_buttons(question), "the round is closed")
    store = testbed.store()
    async with asyncio.timeout(PATIENCE):  # what is still to be changed stays
        while any([await store.outbox.list_statuses(state, 1) for state in WAITING]):
            await asyncio.sleep(0.1)
    await asyncio.gather(*(worker.kill() for worker in made.workers))
    testbed.clock.move_to(FIRST_SLOT + timedelta(days=900))
    await asyncio.gather(*(worker.start() for worker in made.workers))
    async with asyncio.timeout(PATIENCE):
        while not any(entry.act == "retention" for entry in await store.audit.list_newest(50)):
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    found = [entry.detail for entry in await store.audit.list_newest(50) if entry.act == "retention"]
    await store.aclose()
    return found

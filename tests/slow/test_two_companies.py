"""Two companies on Slack: installed by one, by both, by a whole organisation, over Socket Mode.

A question is asked once, both sides answer it and are filed rightly, words of either side are kept, a third company
waits until a lead claims it, and everybody is written to through the right installation.
"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.databases import fresh
from tests.far import slack_rooms as rooms
from tests.far.slack_oauth import Browser
from tests.far.slack_state import Posted
from tests.slow.stage import FIRST_SLOT, OPEN, WEEK, Button, buttons
from tests.slow.two_companies import (
    CASES,
    PEOPLE,
    PUBLIC,
    SAM,
    SILENT,
    Story,
    set_up,
)


@pytest.mark.parametrize("name", CASES)
async def test_the_story_of_two_companies(tmp_path: Path, name: str) -> None:
    with fresh("sqlite", tmp_path) as url:
        async with set_up(CASES[name], tmp_path, url) as story:
            await _begin(story)
            await _ask_and_answer(story)
            await _words(story)
            await _third_company(story)
            await _remind_and_close(story)
            await _move(story)
            await _uninstall(story)
            _nothing_leaked(story)


async def _begin(story: Story) -> None:
    await story.bot.start()
    await story.bot.command("apply", "alliance.toml")
    if story.server:
        for team in story.case.installed:
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=story.bot.url)
            async with aiohttp.ClientSession(cookie_jar=jar) as session:
                browser = Browser(story.server, session, PUBLIC, story.bot.url)
                assert await browser.install(team) == 200, browser.page
            assert (await rooms.invited(story.hand, story.workspace(team))).status == 200
        await story.until(lambda: any("Hello" in one.text for one in story.joint.messages), "a welcome")
    if story.hand.socket:
        await story.hand.socket.until(1)


async def _ask_and_answer(story: Story) -> None:
    story.clock.move_to(FIRST_SLOT)
    await story.until(lambda: len(story.questions()) == 1, "a question")
    (question,) = story.questions()
    assert question.team == story.case.posting
    for user in story.joint.members:
        if not story.far.state.users[user].is_bot and user not in SILENT:
            for pressed in _first_choices(question):
                answer = await story.hand.press(user, question, pressed.payload)
                assert answer.status == 200, answer
    assert story.rows(_ANSWERED) == {"sponsor": PEOPLE - 1, "cro": PEOPLE - 1}


_ANSWERED = "SELECT side, COUNT(DISTINCT person) FROM answer GROUP BY side"


def _first_choices(question: Posted) -> list[Button]:
    """ "4" on each item."""
    return [one for one in buttons(question) if one.value == 4]


async def _words(story: Story) -> None:
    """A comment by form and a message of each side are kept for that side; what programs write is not read."""
    (question,) = story.questions()
    for user in ("U0NORT001", "U0MERI001"):
        before = len(story.far.state.views)
        assert (await story.hand.click(user, question, "Add a confidential comment")).status == 200
        await story.until(lambda: len(story.far.state.views) > before, "a form")  # noqa: B023
        sent = await story.hand.submit(user, story.hand.opened(user), {"text": "Meet more often"})
        assert sent.status == 200 and "Thank you" in json.dumps(story.hand.opened(user).content)
        await story.hand.say(user, "Thanks, that was a great and quick turnaround.")
    await story.hand.say("U0OTHERBOT", "This is a terrible disaster.")
    for ours in story.far.state.bots(story.joint):
        await story.hand.say(ours.bot_user, "This is a terrible disaster.")
    assert story.rows("SELECT side, COUNT(*) FROM comment GROUP BY side") == {"sponsor": 1, "cro": 1}
    assert story.rows("SELECT side, COUNT(*) FROM reading GROUP BY side") == {"sponsor": 1, "cro": 1}


async def _third_company(story: Story) -> None:
    """Sam answers, is told that it waits, and counts once the CRO's lead says so with one tap."""
    (question,) = story.questions()
    await story.hand.join(SAM)
    await story.hand.press(SAM, question, _first_choices(question)[0].payload)
    await story.until(lambda: bool(story.hand.shown(SAM)), "a confirmation")
    assert "do not know yet which company" in story.hand.shown(SAM)[-1].text
    assert story.rows(_ANSWERED)[None] == 1
    for lead in ("U0ANNA", "U0BEN"):
        for words in ("another company", "is this company yours"):
            await story.until(lambda: bool(_said(story, lead, words)), f"told {lead}: {words}")  # noqa: B023
    asked = _said(story, "U0BEN", "is this company yours")[0]
    assert (await story.hand.click("U0BEN", asked, "It is ours")).status == 200
    assert story.rows(_ANSWERED) == {"sponsor": PEOPLE - 1, "cro": PEOPLE}


def _said(story: Story, user: str, words: str) -> list[Posted]:
    return [one for one in story.told_to(user) if words in one.text]


async def _remind_and_close(story: Story) -> None:
    (question,) = story.questions()
    if story.server:  # twelve hours are over: whoever comes first renews the tokens
        story.clock.move_to(FIRST_SLOT + timedelta(hours=20))
        await story.until(lambda: story.server.renewals == len(story.case.installed), "renewed tokens")  # type: ignore[union-attr]
    story.clock.move_to(FIRST_SLOT + timedelta(hours=48))
    for user in SILENT:
        await story.until(lambda: bool(_said(story, user, "the pulse is open until")), "a reminder")  # noqa: B023
        reminder = _said(story, user, "the pulse is open until")[0]
        assert (await story.hand.press(user, reminder, _first_choices(reminder)[0].payload)).status == 200
    assert story.rows(_ANSWERED) == {"sponsor": PEOPLE, "cro": PEOPLE + 1}
    assert not any(_said(story, user, "the pulse is open until") for user in ("U0NORT001", "U0MERI001"))
    story.clock.move_to(FIRST_SLOT + OPEN)
    await story.until(lambda: not buttons(question), "closed")
    assert len(story.questions()) == 1


async def _move(story: Story) -> None:
    """The channel gets another id, is archived and opened again: asked once more, in the same channel."""
    await rooms.moved(story.hand, "C0MOVED", told=story.workspace(story.case.posting))
    await rooms.archived(story.hand, "U0ANNA", "C0MOVED")
    story.clock.move_to(FIRST_SLOT + WEEK)
    await story.until(lambda: _said(story, "U0ANNA", "was archived") != [], "the lead hears of it")
    await asyncio.sleep(1)
    assert len(story.questions()) == 1
    await rooms.archived(story.hand, "U0ANNA", "C0MOVED", again=True)
    await story.until(lambda: len(story.questions()) == 2, "the second question")
    await rooms.renamed(story.hand, "joint-nw-102", "C0MOVED")
    for lead in ("U0ANNA", "U0BEN"):
        await story.until(lambda: bool(_said(story, lead, "has a new name")), "news")  # noqa: B023
        assert _said(story, lead, "has a new address") and _said(story, lead, "is open again")
    question = story.questions()[-1]
    assert question.team == story.case.posting
    await story.hand.press("U0MERI001", question, _first_choices(question)[0].payload)
    await story.hand.say("U0MERI001", "It works.", channel="C0MOVED")
    assert story.rows("SELECT side, COUNT(*) FROM reading GROUP BY side") == {"sponsor": 1, "cro": 2}
    story.clock.move_to(FIRST_SLOT + WEEK + OPEN)
    await story.until(lambda: not buttons(question), "the second round closes")


async def _uninstall(story: Story) -> None:
    """The company whose copy posts removes the bot: both leads hear of it, through the one that is left."""
    if story.server is None:
        return
    await rooms.uninstalled(story.hand, story.case.posting)
    left = next((team for team in story.case.installed if team != story.case.posting), None)
    if left is None:
        assert story.rows("SELECT workspace, 1 FROM installation") == {}
        return
    for lead in ("U0ANNA", "U0BEN"):
        await story.until(
            lambda: any("no longer in a joint channel" in one.text for one in story.told(lead, left)),  # noqa: B023
            "the leads hear that the bot was removed",
        )
    assert set(story.rows("SELECT workspace, 1 FROM installation")) == {left}


def _nothing_leaked(story: Story) -> None:
    for secret in ("canary", "xoxb", "xoxe", "xapp", "Meet more often", "Traceback"):
        assert secret not in story.bot.log, story.bot.log[-2000:]
    assert story.far.called("auth.test") == []
    posted = {one.team for one in story.joint.messages if one.bot_id and one.metadata}
    assert posted == {story.case.posting}

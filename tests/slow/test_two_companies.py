"""Two companies on Slack: installed by one, by both, by a whole organisation, over Socket Mode.

A question is asked once, both sides answer it and are filed rightly, words of either side are kept, a third company
waits until a lead claims it, and everybody is written to through the right installation.
"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import aiohttp
import pytest

from tests.databases import fresh
from tests.far import slack_rooms as rooms
from tests.far.slack_oauth import Browser
from tests.far.slack_state import Posted
from tests.slow.slack_testbed import FIRST_SLOT, OPEN, WEEK, Button, list_buttons
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
            assert await _ask_and_answer(story) == {"sponsor": PEOPLE - 1, "cro": PEOPLE - 1}
            assert await _words(story) == ({"sponsor": 1, "cro": 1}, {"sponsor": 1, "cro": 1})
            waiting, claimed = await _third_company(story)
            assert (waiting[None], claimed) == (1, {"sponsor": PEOPLE - 1, "cro": PEOPLE})
            assert await _remind_and_close(story) == {"sponsor": PEOPLE, "cro": PEOPLE + 1}
            assert await _move(story) == {"sponsor": 1, "cro": 2}
            left = {team for team in story.case.installed if team != story.case.posting}
            assert await _uninstall(story) == (left if story.server else None)
            assert _leaked(story) == []
            assert story.far.called("auth.test") == []
            posted = {message.team for message in story.joint.messages if message.bot_id and message.metadata}
            assert posted == {story.case.posting}


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
        await story.until(
            lambda: any("Hello" in message.text for message in story.joint.messages), "a welcome"
        )
    if story.hand.socket:
        await story.hand.socket.until(1)


Counted: TypeAlias = dict[str | None, int]
"""By side; None: of a company that is neither."""


async def _ask_and_answer(story: Story) -> Counted:
    """Who answered."""
    story.clock.move_to(FIRST_SLOT)
    await story.until(lambda: len(story.questions()) == 1, "a question")
    (question,) = story.questions()
    assert question.team == story.case.posting
    for user in story.joint.members:
        if not story.far.state.users[user].is_bot and user not in SILENT:
            for pressed in _first_choices(question):
                answer = await story.hand.press(user, question, pressed.payload)
                assert answer.status == 200, answer
    return story.rows(_ANSWERED)


_ANSWERED = "SELECT side, COUNT(DISTINCT person) FROM answer GROUP BY side"


def _first_choices(question: Posted) -> list[Button]:
    """ "4" on each item."""
    return [button for button in list_buttons(question) if button.value == 4]


async def _words(story: Story) -> tuple[Counted, Counted]:
    """A comment by form and a message of each side, and messages of programs: comments kept, messages read."""
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
    return story.rows("SELECT side, COUNT(*) FROM comment GROUP BY side"), story.rows(_READ)


_READ = "SELECT side, COUNT(*) FROM reading GROUP BY side"


async def _third_company(story: Story) -> tuple[Counted, Counted]:
    """Sam answers, is told that it waits, and counts once the CRO's lead says so with one tap: before, and after."""
    (question,) = story.questions()
    await story.hand.join(SAM)
    await story.hand.press(SAM, question, _first_choices(question)[0].payload)
    await story.until(lambda: bool(story.hand.shown(SAM)), "a confirmation")
    assert "don't know which company" in story.hand.shown(SAM)[-1].text
    waiting = story.rows(_ANSWERED)
    for lead in ("U0ANNA", "U0BEN"):
        for words in ("another company", "is this company yours"):
            await story.until(lambda: bool(_said(story, lead, words)), f"told {lead}: {words}")  # noqa: B023
    asked = _said(story, "U0BEN", "is this company yours")[0]
    assert (await story.hand.click("U0BEN", asked, "That's our company")).status == 200
    return waiting, story.rows(_ANSWERED)


def _said(story: Story, user: str, words: str) -> list[Posted]:
    return [message for message in story.told_to(user) if words in message.text]


async def _remind_and_close(story: Story) -> Counted:
    """Who answered in the end."""
    (question,) = story.questions()
    if story.server:  # twelve hours are over: whoever comes first renews the tokens
        story.clock.move_to(FIRST_SLOT + timedelta(hours=20))
        await story.until(lambda: story.server.renewals == len(story.case.installed), "renewed tokens")  # type: ignore[union-attr]
    story.clock.move_to(FIRST_SLOT + timedelta(hours=48))
    for user in SILENT:
        await story.until(lambda: bool(_said(story, user, "the pulse is open until")), "a reminder")  # noqa: B023
        reminder = _said(story, user, "the pulse is open until")[0]
        assert (await story.hand.press(user, reminder, _first_choices(reminder)[0].payload)).status == 200
    answered = story.rows(_ANSWERED)
    assert not any(_said(story, user, "the pulse is open until") for user in ("U0NORT001", "U0MERI001"))
    story.clock.move_to(FIRST_SLOT + OPEN)
    await story.until(lambda: not list_buttons(question), "closed")
    assert len(story.questions()) == 1
    return answered


async def _move(story: Story) -> Counted:
    """The channel gets another id, is archived and opened again: asked once more, in the same channel.

    Messages that were read, with one more of the CRO there.
    """
    await rooms.moved(story.hand, "C0MOVED", told=story.workspace(story.case.posting))
    await rooms.archived(story.hand, "U0ANNA", "C0MOVED")
    # Before the clock leaps: what is being sent just then would be looked for, a minute later on a clock that stands.
    await story.until(lambda: _said(story, "U0ANNA", "was archived") != [], "the lead hears of it")
    story.clock.move_to(FIRST_SLOT + WEEK)
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
    read = story.rows(_READ)
    story.clock.move_to(FIRST_SLOT + WEEK + OPEN)
    await story.until(lambda: not list_buttons(question), "the second round closes")
    return read


async def _uninstall(story: Story) -> set[str | None] | None:
    """The company whose copy posts removes the bot: both leads hear that the one that is left goes on, and no more.

    Installations that are left; None where nobody installed it by OAuth.
    """
    if story.server is None:
        return None
    await rooms.uninstalled(story.hand, story.case.posting)
    left = next((team for team in story.case.installed if team != story.case.posting), None)
    for lead in ("U0ANNA", "U0BEN") if left else ():
        await story.until(
            lambda: any("removed its copy of me" in message.text for message in story.told(lead, left)),  # noqa: B023
            "the leads hear that the bot was removed",
        )
        assert not any("no longer in a joint channel" in message.text for message in story.told(lead, left))
    return set(story.rows("SELECT workspace, 1 FROM installation"))


def _leaked(story: Story) -> list[str]:
    """Lines of the log that hold a secret, words of a person, or an error that nobody foresaw."""
    secrets = ("canary", "xoxb", "xoxe", "xapp", "Meet more often", "Traceback")
    return [line for line in story.bot.log.splitlines() if any(secret in line for secret in secrets)]

"""The story in Microsoft's own local client for Teams, from the welcome to the digest in the personal chat.

`PULSE_SCREENSHOTS=docs/img` keeps a picture of each scene. The tests of this module are one story, in order.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.playground import OPEN, TUESDAY, UNTIL_DIGEST, WEEK, Playground

PATIENCE = 20_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    stage = Playground(tmp_path_factory.mktemp("playground"))
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()


@pytest.fixture(scope="module")
def client(chromium: Browser, playground: Playground) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(playground.url)
    page.get_by_role("button", name="Hide log panel").click()
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PULSE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"teams-{name}.png")


def post(page: Page, words: str) -> Locator:
    """The newest post of the channel with these words, its replies with it."""
    return page.get_by_role("group").filter(has_text=words).first


def test_the_bot_is_welcomed_into_its_channel(client: Page) -> None:
    client.get_by_role("treeitem", name="Joint channel").click()
    welcome = post(client, "Hello, I am the pulse of Northwind × Meridian")
    expect(welcome.get_by_role("button", name="Who sees what")).to_be_visible(timeout=PATIENCE)
    picture(client, "welcome")


def test_a_question_is_asked(client: Page, playground: Playground) -> None:
    playground.move_to(TUESDAY)
    question = post(client, "pulse of 24 Nov")
    expect(question.get_by_role("button", name="4 · Agree")).to_have_count(3, timeout=PATIENCE)
    picture(client, "question")


def test_an_answer_is_confirmed_in_the_cards_place_and_changed_there(
    client: Page, playground: Playground
) -> None:
    post(client, "pulse of 24 Nov").get_by_role("button", name="4 · Agree").first.click()
    confirmed = post(client, "You answered 4 · Agree")
    expect(confirmed.get_by_role("button", name="✓ 4 · Agree")).to_have_count(1)
    expect(confirmed).to_contain_text("You can change it until Friday 27 November, 09:00")
    confirmed.get_by_role("button", name="2 · Disagree").nth(1).click()
    changed = post(client, "You answered 2 · Disagree")
    expect(changed.get_by_role("button", name="✓")).to_have_count(2)
    picture(client, "confirmation")
    changed.get_by_role("button", name="5 · Strongly agree").first.click()
    expect(post(client, "You answered 5").get_by_role("button", name="✓ 5 · Strongly agree")).to_be_visible()
    assert sorted(playground.rows("SELECT value FROM answer")) == [(2,), (5,)]


def test_a_comment_is_written_in_the_card(client: Page) -> None:
    post(client, "You answered 5").get_by_role("button", name="Add a confidential comment").click()
    form = post(client, "Only the leads of your own company will read it")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form).to_contain_text("Please write something first.")
    form.get_by_role("textbox", name="Your comment").fill("Site questions wait too long for an answer.")
    picture(client, "comment")
    form.get_by_role("button", name="Send", exact=True).click()
    thanks = post(client, "Your comment is saved")
    thanks.get_by_role("button", name="Back to the questions").click()
    expect(post(client, "pulse of 24 Nov").get_by_role("button", name="✓ 5 · Strongly agree")).to_be_visible()


def test_a_reply_in_the_thread_is_read_for_mood(client: Page, playground: Playground) -> None:
    """The client passes on mentions only; what Teams sends with the channel's permission is sent by its own dialog."""
    words = "Great work by the sites this week, thank you all!"
    reply = post(client, "pulse of 24 Nov").get_by_role("textbox").last
    reply.click()
    client.keyboard.insert_text(words)
    client.keyboard.press("Enter")
    expect(post(client, "pulse of 24 Nov")).to_contain_text(words)
    client.get_by_role("button", name="Mock an Activity").click()
    client.get_by_role("menuitem", name="Custom activity").click()
    editor = client.get_by_role("dialog", name="Custom activity")
    editor.get_by_role("textbox").click(force=True)
    client.keyboard.press("Control+A")
    client.keyboard.insert_text(playground.reply(words))
    client.keyboard.press("Control+Shift+End")  # the editor closes brackets by itself
    client.keyboard.press("Delete")
    editor.get_by_role("button", name="Send activity").click()
    expect(editor).to_have_count(0)
    playground.until(lambda: bool(playground.rows("SELECT 1 FROM reading")), "a reading")
    ((polarity,),) = playground.rows("SELECT polarity FROM reading")
    assert polarity > 0
    client.get_by_text(words).scroll_into_view_if_needed()
    picture(client, "thread")
    assert words.encode() not in playground.bytes()


def test_rounds_are_closed_in_both_places(client: Page, playground: Playground) -> None:
    for week in range(4):
        playground.move_to(TUESDAY + week * WEEK)
        playground.until(playground.is_asked, "asked")
        playground.everybody_answers(_answer)
        playground.move_to(TUESDAY + week * WEEK + OPEN)
        playground.until(lambda: not playground.is_asked(), "closed")
    closed = post(client, "pulse of 15 Dec")
    expect(closed).to_contain_text("Closed.", timeout=PATIENCE)
    expect(closed.get_by_role("button", name="4 · Agree")).to_have_count(0)


def test_the_score_is_asked_for_by_a_mention_and_answered_in_private(client: Page) -> None:
    reply = post(client, "pulse of 15 Dec").get_by_role("textbox").last
    reply.click()
    client.keyboard.type("@All")
    client.get_by_role("menuitem", name="Alliance Pulse").click()
    client.keyboard.type(" score")
    client.keyboard.press("Enter")
    expect(post(client, "pulse of 15 Dec")).to_contain_text("score")
    client.get_by_role("treeitem", name="Personal Chat").click()
    chart = client.get_by_label("Your side over time, Line chart")
    expect(chart).to_be_visible(timeout=PATIENCE)
    chart.evaluate("element => element.scrollIntoView({block: 'end'})")
    picture(client, "score")


def test_the_digest_comes_to_the_leads_personal_chat_with_its_trend(
    client: Page, playground: Playground
) -> None:
    playground.move_to(TUESDAY + 3 * WEEK + UNTIL_DIGEST)
    expect(client.get_by_text("Northwind × Meridian: the week for Northwind Pharma")).to_be_visible(
        timeout=PATIENCE
    )
    chart = client.get_by_label("Line chart with 2 series")
    expect(chart.get_by_role("img", name="15 Dec, Alignment")).to_be_visible()
    client.get_by_text("the week for Northwind Pharma").evaluate("element => element.scrollIntoView()")
    picture(client, "digest")


def _answer(who: str, place: int) -> int:
    """Nobody is of one mind with everybody."""
    return random.Random(f"{who}{place}").choice((3, 4, 4, 5))

"""A visitor's first five minutes, from choosing a person to the alert and the digest that a lead gets.

`PULSE_SCREENSHOTS=docs/img` keeps a picture of each scene. The tests of this module are one story, in order.
"""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Demo


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PULSE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def go(page: Page, demo: Demo, who: str, place: str = "channel:joint") -> None:
    page.goto(f"{demo.url}/?as={who}&in={place}")
    expect(page.locator("body:not(.offline)")).to_be_visible()


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def question(page: Page) -> Locator:
    """The newest question card in the channel."""
    return page.locator(".message.posted").last


def private(page: Page) -> Locator:
    return log(page).get_by_text("Only visible to you")


def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name=re.compile("Message|Reply"))
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")


def test_a_visitor_chooses_a_person_and_finds_the_first_pulse_asked(page: Page, demo: Demo) -> None:
    page.goto(demo.url)
    expect(page.get_by_role("heading", name="Who do you want to be?")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Liam Byrne").get_by_role("link").click()
    expect(page.get_by_label("Who you are")).to_contain_text("Liam Byrne")
    expect(question(page)).to_contain_text("pulse of", timeout=15_000)
    expect(question(page).get_by_role("button", name="4 · Agree").first).to_be_visible()
    expect(
        log(page).get_by_role("heading", name="Hello, I am the pulse of Northwind × Meridian")
    ).to_have_count(1)
    expect(page.get_by_role("main")).to_contain_text("One team that brings NW-101 to patients")


def test_an_answer_is_confirmed_in_private_changed_and_kept_over_a_reload(page: Page, demo: Demo) -> None:
    go(page, demo, "liam")
    first = question(page).get_by_role("group").first
    first.get_by_role("button", name="4 · Agree").click()
    expect(log(page)).to_contain_text("You answered 4 · Agree")
    expect(first.get_by_role("button", pressed=True)).to_have_text("4 · Agree")
    second = question(page).get_by_role("group").nth(1)
    second.get_by_role("button", name="3 · Neither").click()
    expect(log(page)).to_contain_text("You answered 3 · Neither")
    picture(page, "answer")
    first.get_by_role("button", name="2 · Disagree").click()
    expect(log(page)).to_contain_text("You answered 2 · Disagree")
    expect(log(page)).not_to_contain_text("You answered 4 · Agree")
    page.reload()
    expect(private(page)).to_have_count(2)
    go(page, demo, "mei")
    expect(question(page)).to_contain_text("pulse of")
    expect(private(page)).to_have_count(0)


def test_a_confidential_comment_is_written_and_thanked_for(page: Page, demo: Demo) -> None:
    go(page, demo, "liam")
    question(page).get_by_role("button", name="Add a confidential comment").click()
    field = page.get_by_role("textbox", name="Your comment")
    expect(field).to_be_focused()
    field.fill("Site questions wait too long for an answer.")
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(log(page)).to_contain_text("Your comment is saved")
    expect(field).to_have_count(0)


def test_a_changed_answer_is_confirmed_as_it_is_now(page: Page, demo: Demo) -> None:
    go(page, demo, "mei")
    first = question(page).get_by_role("group").first
    for label in ("4 · Agree", "2 · Disagree", "1 · Strongly disagree", "5 · Strongly agree"):
        first.get_by_role("button", name=label).click()
        expect(page.locator("#told")).to_be_visible()
        expect(page.locator("#told")).to_have_text(f"Only visible to you: You answered {label}", timeout=400)
        page.evaluate("document.getElementById('told').hidden = true")


def test_the_confirmation_of_a_comment_is_on_screen(page: Page, demo: Demo) -> None:
    go(page, demo, "noor")
    for number in range(6):
        question(page).get_by_role("button", name="Add a confidential comment").click()
        page.get_by_role("textbox", name="Your comment").fill(f"Site questions wait too long. {number}")
        page.get_by_role("button", name="Send", exact=True).first.click()
        thanks = log(page).get_by_text("Your comment is saved").last
        expect(thanks).to_be_visible()
        page.wait_for_timeout(300)
        expect(thanks).to_be_in_viewport()


def test_people_talk_in_a_thread_and_see_each_other_at_once(page: Page, demo: Demo) -> None:
    go(page, demo, "anna")
    other = page.context.new_page()
    go(other, demo, "liam")
    say(page, "Database lock slips <b>two weeks</b>.")
    message = other.locator(".message.words").filter(has_text="Database lock slips <b>two weeks</b>.")
    expect(message).to_be_visible()
    message.get_by_role("link", name="Reply in thread").click()
    say(other, "We can staff up at the sites.")
    expect(log(other)).to_contain_text("We can staff up at the sites.")
    expect(page.get_by_role("link", name="1 reply")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="1 new")).to_be_visible()
    page.get_by_role("link", name="1 reply").click()
    expect(log(page)).to_contain_text("We can staff up at the sites.")


def test_a_message_is_edited_and_deleted(page: Page, demo: Demo) -> None:
    go(page, demo, "carla")
    say(page, "Tuseday works.")
    mine = page.locator(".message").last
    mine.get_by_text("Edit or delete").click()
    mine.get_by_role("textbox").fill("Tuesday works.")
    mine.get_by_role("button", name="Save").click()
    expect(mine).to_contain_text("Tuesday works. (edited)")
    mine.get_by_text("Edit or delete").click()
    mine.get_by_role("button", name="Delete").click()
    expect(mine).to_contain_text("This message was deleted.")


@pytest.mark.parametrize("typed", ["/pulse help", "@pulse help"])
def test_commands_work_by_slash_and_by_mention(page: Page, demo: Demo, typed: str) -> None:
    go(page, demo, "noor")
    say(page, typed)
    expect(log(page)).to_contain_text("What I can do")
    log(page).get_by_role("button", name="Privacy").last.click()
    expect(log(page)).to_contain_text("Who sees what")


def test_the_bot_is_talked_to_directly(page: Page, demo: Demo) -> None:
    go(page, demo, "noor")
    page.get_by_role("link", name="Direct messages with").click()
    say(page, "vision")
    expect(log(page)).to_contain_text("One team that brings NW-101")


def test_the_clock_goes_to_the_reminder_and_to_the_closing(page: Page, demo: Demo) -> None:
    go(page, demo, "priya")
    page.get_by_role("button", name="To the reminder").click()
    expect(page.get_by_role("link", name="Direct messages with Pulse")).to_contain_text("1 new")
    page.get_by_role("button", name="To the closing").click()
    expect(question(page)).to_contain_text("Closed.")
    expect(question(page).get_by_role("button", name="4 · Agree")).to_have_count(0)
    say(page, "/pulse score")
    expect(log(page)).to_contain_text(re.compile(r"Northwind × Meridian: alignment \d\d"))


def test_twelve_weeks_play_with_progress_that_survives_a_reload(page: Page, demo: Demo) -> None:
    go(page, demo, "liam")
    before = page.locator(".message.posted").count()
    page.get_by_role("button", name="Play 12 weeks").click()
    bar = page.get_by_role("progressbar", name="Playing 12 weeks")
    expect(bar).to_be_visible()
    page.reload()
    played = page.locator(".note", has_text="12 of 12 weeks played.")
    halfway = ", ".join([*(f"progress[value='{done}']" for done in range(4, 13)), ".note"])
    expect(page.locator(halfway)).to_be_visible(timeout=60_000)
    picture(page, "play")
    expect(played).to_be_visible(timeout=60_000)
    assert page.locator(".message.posted").count() >= before + 12
    expect(question(page).locator(".card-heading")).to_be_in_viewport()
    say(page, "/pulse score")
    expect(log(page).get_by_role("img")).to_be_visible()
    picture(page, "score")


def test_a_lead_finds_the_alert_and_the_digest_with_its_trend(page: Page, demo: Demo) -> None:
    go(page, demo, "anna", "dm:anna")
    expect(log(page)).to_contain_text("the week for Northwind Pharma")
    expect(log(page)).to_contain_text("alignment has dropped")
    digest = page.locator(".message.posted").filter(has_text="the week for").last
    expect(digest.get_by_role("img")).to_be_visible()
    digest.get_by_text("Numbers as a table").click()
    assert digest.get_by_role("table").get_by_role("row").count() >= 10
    digest.get_by_text("Numbers as a table").click()
    alert = page.locator(".message.posted").filter(
        has=page.get_by_role("heading", name="alignment has dropped")
    )
    alert.last.evaluate("element => element.scrollIntoView()")
    picture(page, "alert")
    digest.evaluate("element => element.scrollIntoView()")
    picture(page, "digest")
    go(page, demo, "liam", "dm:liam")
    expect(log(page)).not_to_contain_text("the week for")


def test_nothing_is_lost_or_asked_twice_when_the_bot_is_killed(chromium: Browser, demo: Demo) -> None:
    context = chromium.new_context()
    page = context.new_page()
    go(page, demo, "liam")
    page.get_by_role("button", name="To next week").click()
    expect(question(page).get_by_role("button", name="5 · Strongly agree").first).to_be_visible()
    question(page).get_by_role("button", name="5 · Strongly agree").first.click()
    expect(log(page)).to_contain_text("You answered 5 · Strongly agree")
    heading = question(page).locator(".card-heading").inner_text()
    demo.stop(signal.SIGKILL)
    demo.start()
    go(page, demo, "liam")
    expect(log(page)).to_contain_text("You answered 5 · Strongly agree")
    page.wait_for_timeout(3000)  # several ticks
    assert page.locator(".card-heading", has_text=heading).count() == 1
    assert demo.stop() < 5  # although the page is open
    demo.start()
    context.close()


_CLIPPED = """() => [...document.querySelectorAll(".trend svg text")].filter((text) => {
  const [own, frame] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
  return own.left < frame.left || own.right > frame.right || own.bottom > frame.bottom;
}).map((text) => text.textContent)"""
"""Words of a drawing that are cut off."""


def test_the_page_fits_a_phone(chromium: Browser, demo: Demo) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    for who, place in (("mei", "channel:joint"), ("anna", "dm:anna"), ("mei", "dm:mei")):
        go(page, demo, who, place)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate(_CLIPPED) == []
    go(page, demo, "mei")
    expect(question(page).locator(".card-heading")).to_be_in_viewport()
    step = page.get_by_role("button", name="To next week")
    expect(step).not_to_be_visible()
    page.get_by_text("The bot's clock").click()
    expect(step).to_be_visible()
    answer = question(page).get_by_role("button", name="4 · Agree").first
    answer.scroll_into_view_if_needed()
    box = answer.bounding_box()
    assert box and box["height"] >= 40 and box["width"] >= 100
    answer.tap()
    expect(log(page)).to_contain_text("You answered 4 · Agree")
    question(page).evaluate("element => element.scrollIntoView()")
    picture(page, "phone")
    context.close()

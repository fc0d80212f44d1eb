"""The page for everyone: by keyboard, with a screen reader's names, without scripts, in the dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo

PLACES = ("channel:joint", "dm:anna")
NAMED = "button|link|textbox|combobox|checkbox|img|progressbar|log|navigation|complementary|region"


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A browser without scripts."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 860})
    yield context.new_page()
    context.close()


def test_everything_can_be_done_by_keyboard(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/?as=liam")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Message everyone")).to_be_focused()
    page.keyboard.type("/pulse pulse")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only visible to you").first).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "4 · Agree":
            break
    page.keyboard.press("Space")
    expect(page.get_by_role("log")).to_contain_text("You answered 4 · Agree")
    assert page.evaluate("document.activeElement.textContent") == "4 · Agree"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 430)], ids=["phone", "zoomed to 200 %"])
def test_nothing_hides_what_has_the_focus(chromium: Browser, demo: Demo, width: int, height: int) -> None:
    """WCAG 2.2, 2.4.11 (https://www.w3.org/TR/WCAG22/#focus-not-obscured-minimum): both ends of it can be seen."""
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{demo.url}/?as=liam")
    page.get_by_role("log").focus()
    for key in [*["Tab"] * 20, *["Shift+Tab"] * 20]:
        page.keyboard.press(key)
        assert page.evaluate(_HIDDEN) == ""
    context.close()


_HIDDEN = """() => {
  const own = document.activeElement;
  const frame = own.getBoundingClientRect();
  const seen = (y) => own.contains(document.elementFromPoint(frame.left + frame.width / 2, y));
  const whole = own.matches("body, [role=log]");  // larger than the window
  return whole || (seen(frame.top + 2) && seen(frame.bottom - 2)) ? "" : own.textContent.trim();
}"""
"""What has the focus and is covered or out of sight, by its words."""


@pytest.mark.parametrize("place", PLACES)
def test_a_screen_reader_finds_a_name_for_everything(page: Page, demo: Demo, place: str) -> None:
    page.goto(f"{demo.url}/?as=anna&in={place}")
    expect(page.get_by_role("log")).to_be_visible()
    tree = page.locator("body").aria_snapshot()
    nameless = re.findall(rf"^\s*- (?:{NAMED})(?::| \[.*)?$", tree, re.MULTILINE)
    assert nameless == []
    assert tree.count("heading") >= 3
    assert page.get_by_role("log").get_attribute("aria-live") == "polite"
    assert page.get_by_role("main").count() == 1
    assert page.locator("[id]").evaluate_all("all => all.length - new Set(all.map(one => one.id)).size") == 0


def test_the_page_works_without_scripts(plain: Page, demo: Demo) -> None:
    plain.goto(f"{demo.url}/?as=mei")
    plain.get_by_role("button", name="5 · Strongly agree").first.click()
    expect(plain.get_by_text("You answered 5 · Strongly agree")).to_be_visible()
    plain.get_by_role("textbox", name="Message everyone").fill("Without scripts")
    plain.get_by_role("button", name="Send").click()
    expect(plain.locator("p.words", has_text="Without scripts")).to_be_visible()
    plain.get_by_role("combobox", name="Be someone else").select_option("ben")
    plain.get_by_role("button", name="Switch").click()
    expect(plain.get_by_label("Who you are")).to_contain_text("Ben Okafor")


def test_a_lost_connection_is_shown_and_keeps_what_was_written(chromium: Browser, demo: Demo) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/?as=liam")
    context.set_offline(True)
    box = page.get_by_role("textbox", name="Message everyone")
    box.fill("Do not lose me")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("can't be reached")
    expect(box).to_have_value("Do not lose me")
    context.set_offline(False)
    box.press("Enter")
    expect(page.locator("p.words", has_text="Do not lose me")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(chromium: Browser, demo: Demo, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
    context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for path in ("/", "/?as=anna", "/?as=liam&in=dm:liam"):
        page.goto(demo.url + path)
        assert page.evaluate(_FAINT) == []
    context.close()


_FAINT = """() => {
  const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const [r, g, b, a = 1] = rgb(getComputedStyle(one).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("svg, [hidden], option") || !element.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color).slice(0, 3)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(`${element.className || element.tagName} ${contrast.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""

"""The page of a copy of somebody's data: it opens in a browser with its passphrase, and without a network."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from storage import make_copy_key, seal_copy


def test_the_passphrase_opens_the_page_and_no_other_does(chromium: Browser, tmp_path: Path) -> None:
    (passphrase, key), (other, _) = make_copy_key(), make_copy_key()
    file = tmp_path / "data.html"
    file.write_text(seal_copy(key, '{"answers": "wörds & <b>more</b>"}'), encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    page.get_by_label("Passphrase").fill(other)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("status")).to_have_text("This passphrase does not open this file.")
    page.get_by_label("Passphrase").fill(f" {passphrase.upper()} ")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("pre")).to_have_text('{"answers": "wörds & <b>more</b>"}')
    expect(page.get_by_role("status")).to_have_text("")
    context.close()

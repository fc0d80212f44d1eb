"""Test that docs/slack.md can be followed: its alliance file applies, and each scope has its reason."""

import re
import tomllib
from pathlib import Path

from adapters.slack.manifest import SCOPES
from bot.app.config.alliances import alliance_model
from bot.app.platforms import PLUGINS

GUIDE = Path("docs/slack.md").read_text(encoding="utf-8")
PAGE = 45
"""Lines on a printed page."""


def test_the_alliance_file_can_be_copied_as_it_stands() -> None:
    (text,) = [
        block for block in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL) if "[[alliance]]" in block
    ]
    (table,) = tomllib.loads(text)["alliance"]
    alliance = alliance_model(PLUGINS).model_validate(table).to_alliance()
    assert len(alliance.leads) == 2 and alliance.channels and alliance.pulses


def test_each_scope_has_its_reason_and_no_other_is_named() -> None:
    section = GUIDE.partition("## Permissions")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([\w:]+)` \| \w", section, re.MULTILINE)) == sorted(SCOPES)


def test_the_checklist_fits_on_a_page_and_into_an_hour() -> None:
    lines = Path("docs/slack-checklist.md").read_text(encoding="utf-8").splitlines()
    minutes = [int(found[1]) for line in lines if (found := re.match(r"\| (\d+) \|", line))]
    assert len(lines) <= PAGE and minutes == sorted(set(minutes)) and max(minutes) < 60

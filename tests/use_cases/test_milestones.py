"""Leads mark dates of the study; alerts and digests say how long after one something began."""

from datetime import date

import pytest

from bot.model.alliance import Side
from bot.model.cards import Card, SendWords, Text, to_plain_text
from bot.model.milestone import Milestone
from bot.wording.loop.milestones import add_near_milestone
from tests.use_cases.raised_alerts import BOTH, raise_alerts
from tests.use_cases.sandbox_bot import ANNA, BEN, LIAM, SandboxBot, find_button, list_headings

ROWS = "SELECT kind, number, day, side FROM milestone ORDER BY kind, number"


async def test_a_lead_marks_one_by_form_or_command_and_the_other_side_hears_of_it_once(
    bot: SandboxBot,
) -> None:
    form = await bot.press(ANNA, find_button(await bot.type(ANNA, "milestones"), "Mark a milestone"))
    sends = find_button(form, "Mark it").action
    assert isinstance(sends, SendWords)
    for _ in range(2):
        said = await bot.type(ANNA, f"{sends.command} amendment 3 2026-11-20")
        assert said.heading == "Marked: amendment 3, 20 November 2026"
    assert bot.rows(ROWS) == [("amendment", 3, "2026-11-20", "sponsor")]
    assert len([card for card in await bot.dms(BEN) if "amendment 3" in card.heading]) == 1
    assert "20 November 2026: amendment 3" in to_plain_text(await bot.type(BEN, "milestones"))


async def test_the_other_side_corrects_and_removes_it(bot: SandboxBot) -> None:
    await bot.type(ANNA, "milestone kickoff 2026-11-20")
    assert (
        await bot.type(BEN, "milestone kickoff 2026-11-21")
    ).heading == "Marked: kick-off, 21 November 2026"
    assert bot.rows(ROWS) == [("kickoff", 0, "2026-11-21", "cro")]
    told = next(card for card in await bot.dms(ANNA) if "kick-off" in card.heading)
    remove = find_button(told, "Remove it")
    assert list_headings([await bot.press(ANNA, remove) for _ in range(2)]) == [
        "Removed: kick-off",
        "There is no such milestone",
    ]
    assert bot.rows(ROWS) == []
    assert "kick-off is no milestone any more" in (await bot.dms(BEN))[-1].heading


@pytest.mark.parametrize(
    "words",
    [
        "",
        "launch 2026-11-20",
        "amendment 3",
        "amendment x 2026-11-20",
        "lock 2026-02-30",
        "lock 20261120",
        "1 2 3 4",
    ],
)
async def test_what_is_no_milestone_gets_the_form_and_is_not_kept(bot: SandboxBot, words: str) -> None:
    said = await bot.type(ANNA, f"milestone northwind-meridian {words}")
    assert said.heading == "Mark a milestone"
    assert bot.rows(ROWS) == []


async def test_members_neither_see_nor_mark_them(bot: SandboxBot) -> None:
    for words in ("milestones", "milestone kickoff 2026-11-20"):
        assert (await bot.type(LIAM, words)).heading == "For the alliance leads"
    assert bot.rows(ROWS) == []


async def test_a_digest_names_those_of_the_last_quarter(bot: SandboxBot) -> None:
    await bot.type(ANNA, "milestone amendment 2 2026-06-20")
    await bot.type(ANNA, "milestone amendment 3 2026-11-20")
    await raise_alerts(bot, BOTH)
    assert "Milestones: amendment 3 (20 Nov)." in to_plain_text(await bot.type(BEN, "digest"))


async def test_what_came_of_it_is_in_the_audit_log(bot: SandboxBot) -> None:
    for words in ("kickoff 2026-11-20", "kickoff 2026-11-20", "kickoff drop", "kickoff drop"):
        await bot.type(ANNA, f"milestone {words}")
    newest = [entry.detail for entry in await bot.store.audit.list_newest(4)]
    assert newest[::-1] == [
        f"sponsor kickoff 0: {outcome}"
        for outcome in ("marked", "unchanged", "removed", "refused, not marked")
    ]


@pytest.mark.parametrize(
    ("began", "said"),
    [
        (date(2027, 1, 20), "That is on the day of amendment 3 (20 Jan)."),
        (date(2027, 1, 21), "That is 1 day after amendment 3 (20 Jan)."),
        (date(2027, 1, 26), "That is 6 days after amendment 3 (20 Jan)."),
        (date(2027, 2, 10), "That is 21 days after amendment 3 (20 Jan)."),
        (date(2027, 2, 11), None),
        (date(2027, 1, 9), "That is 4 days after kick-off (5 Jan)."),
        (date(2027, 1, 4), None),
    ],
)
def test_an_alert_names_the_newest_milestone_of_the_three_weeks_before_it_began(
    began: date, said: str | None
) -> None:
    marked = [
        Milestone("north", "amendment", 3, date(2027, 1, 20), Side.CRO),
        Milestone("north", "kickoff", 0, date(2027, 1, 5), Side.CRO),
    ]
    card = add_near_milestone(Card("Alert", (Text("It started."), Text("Talk."))), marked, began)
    words = [block.text for block in card.blocks if isinstance(block, Text)]
    assert words == ["It started.", *([said] if said else []), "Talk."]

"""Leads plan actions about an alert: at most three open, by date, done, moved or dropped; reminded when overdue."""

import asyncio
from datetime import timedelta

from bot.model.audit import AuditEntry
from bot.model.cards import Card, Input, SendWords, to_plain_text
from tests.use_cases.raised_alerts import BOTH, OWN, end_alerts, raise_alerts
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    DAY,
    LIAM,
    NORTHWIND,
    SandboxBot,
    find_button,
    list_headings,
)

TEXT = "Meet every Monday about the vendor list"
ROWS = "SELECT state, due, moved, owner_side, reason FROM action ORDER BY due, id"
PLAN = f"plan 0 {TEXT}"


async def count_actions(bot: SandboxBot) -> int:
    return int(str(bot.rows("SELECT count(*) FROM action")[0][0]))


async def test_a_form_asks_for_one_and_the_other_lead_hears_of_it(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    said = await bot.type(ANNA, "take 0")
    form = await bot.press(ANNA, find_button(said, "Plan an action"))
    assert form.is_form and any(isinstance(block, Input) and block.longest == 200 for block in form.blocks)
    assert "Leads of both companies see it." in str(form)
    sends = find_button(form, "Plan it").action
    assert isinstance(sends, SendWords)
    planned = to_plain_text(await bot.type(ANNA, f"{sends.command} {TEXT}"))
    assert f"Action until 8 December 2026: {TEXT}" in planned and "You own it." in planned
    told = [to_plain_text(card) for card in await bot.dms(BEN) if "plans an action" in card.heading]
    assert len(told) == 1 and TEXT in told[0] and "a lead at Northwind Pharma" in told[0]
    assert bot.rows("SELECT state FROM alert") == [("acting",)]
    assert TEXT.encode() not in bot.bytes(), "words lie in the database only sealed"


async def test_the_same_plan_received_twice_is_one_action(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    cards = [await bot.type(ANNA, PLAN), await bot.type(ANNA, PLAN)]
    assert list_headings(cards) == ["Planned", "Planned"]
    assert await count_actions(bot) == 1
    assert len([card for card in await bot.dms(BEN) if "plans an action" in card.heading]) == 1


async def test_the_fourth_asks_which_one_is_over(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    async with bot.another() as other:
        other.at = bot.at
        plans = [(bot if number % 2 else other).type(BEN, f"{PLAN} {number}") for number in range(3)]
        assert list_headings(await asyncio.gather(*plans)) == ["Planned"] * 3
        both = await asyncio.gather(bot.type(ANNA, f"{PLAN} 4"), other.type(BEN, f"{PLAN} 5"))
    assert list_headings(both) == ["Three actions are open"] * 2
    assert f"{TEXT} 4" not in to_plain_text(both[0])
    assert await count_actions(bot) == 3
    await bot.press(ANNA, find_button(both[0], "Done"))
    assert (await bot.type(ANNA, f"{PLAN} 4")).heading == "Planned"


async def test_done_ends_it_once_and_the_alert_is_checked(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    done = find_button(await bot.type(BEN, "actions"), "Done")
    assert (await bot.press(BEN, done)).heading == "Done"
    assert bot.rows("SELECT state FROM alert") == [("checking",)]
    before = bot.rows(ROWS)
    assert before == [("done", "2026-12-08", 0, "sponsor", None)]
    for words in (str(done.action.text), str(done.action.text).replace("done", "move")):  # type: ignore[union-attr]
        late = await bot.type(ANNA, words)
        assert late.heading == "This action is over" and "Nothing has changed." in to_plain_text(late)
    assert bot.rows(ROWS) == before
    assert len([card for card in await bot.dms(ANNA) if "has done an action" in card.heading]) == 1


async def test_what_was_dropped_says_why_and_the_alert_waits_for_another_action(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    why = await bot.press(ANNA, find_button(await bot.type(ANNA, "actions"), "Drop it"))
    said = await bot.press(ANNA, find_button(why, "It cannot be done"))
    assert said.heading == "Dropped, as it cannot be done"
    assert bot.rows(ROWS) == [("dropped", "2026-12-08", 0, "sponsor", "impossible")]
    assert bot.rows("SELECT state FROM alert") == [("owned",)]
    assert "it cannot be done" in to_plain_text((await bot.dms(BEN))[-1])


async def test_it_is_moved_once_by_the_same_button_however_often_that_is_pressed(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    later = find_button(await bot.type(ANNA, PLAN), "One week later")
    for _ in range(2):
        assert (await bot.press(ANNA, later)).heading == "Moved to 15 Dec"
    assert bot.rows(ROWS) == [("open", "2026-12-15", 1, "sponsor", None)]
    assert "moved once" in to_plain_text(await bot.type(ANNA, "actions"))


async def test_open_actions_stand_on_top_of_the_digest_with_buttons(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    for lead in (ANNA, BEN):
        digest = await bot.type(lead, "digest")
        assert TEXT in to_plain_text(digest).splitlines()[2]
        find_button(digest, "One week later")
    assert (await bot.press(BEN, find_button(await bot.type(BEN, "digest"), "Done"))).heading == "Done"
    assert TEXT not in to_plain_text(await bot.type(BEN, "digest"))


async def test_nobody_but_leads_who_may_hear_of_the_alert_sees_or_ends_an_action(bot: SandboxBot) -> None:
    await raise_alerts(bot, OWN)
    form = await bot.type(BEN, "plan 0")
    assert "Only leads at Meridian CRO see it." in str(form)
    await bot.type(BEN, PLAN)
    (row,) = bot.rows("SELECT id FROM action")
    for words in ("actions", "digest", f"done {row[0]}", f"move {row[0]}", f"drop {row[0]}", "plan 0 mine"):
        assert TEXT not in to_plain_text(await bot.type(ANNA, words)), words
    assert (await bot.type(ANNA, f"done {row[0]}")).heading == "I don't know this action"
    for words in (PLAN, "actions", f"done {row[0]}"):
        assert (await bot.type(LIAM, words)).heading == "For the alliance leads"
    assert bot.rows("SELECT state FROM action") == [("open",)]
    assert not [card for card in await bot.dms(ANNA) if TEXT in to_plain_text(card)]


async def test_words_that_belong_elsewhere_or_are_too_long_are_kept_nowhere(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    refused = await bot.type(ANNA, "plan 0 Ask site 12 why subject 1002-0457 died after the second dose")
    assert refused.heading == "This belongs somewhere else"
    assert (await bot.type(ANNA, f"plan 0 {'a ' * 101}")).heading == "Too long"
    assert (await bot.type(ANNA, f"plan 0 {'a' * 200}")).heading == "Planned"
    assert await count_actions(bot) == 1
    assert b"1002-0457" not in bot.bytes()
    noted = " ".join(entry.detail for entry in await bot.store.audit.list_newest(20))
    assert "1002" not in noted and "aaa" not in noted


async def test_overdue_reminds_the_owner_and_then_both_leads_once_each(bot: SandboxBot) -> None:
    asked = await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    seen = []
    for days in (17, 18, 19, 24, 25, 26, 60):
        await bot.tick(asked.closes_at + days * DAY + timedelta(hours=2))
        seen.append([_count_overdue(await bot.dms(lead)) for lead in (ANNA, BEN)])
    assert seen == [[0, 0], [1, 0], [1, 0], [1, 0], [2, 1], [2, 1], [2, 1]]


def _count_overdue(cards: list[Card]) -> int:
    return len([card for card in cards if "an action is overdue" in card.heading])


async def test_a_plan_for_what_is_over_is_refused(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await end_alerts(bot, BOTH)
    assert (await bot.type(ANNA, PLAN)).heading == "This alert is over"
    assert (await bot.type(ANNA, f"plan 7 {TEXT}")).heading == "I don't know this alert"
    assert await count_actions(bot) == 0


async def test_who_was_erased_owns_no_action_and_a_copy_shows_ones_own(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    entry = AuditEntry("subject-data", NORTHWIND.key, "operator:x", bot.at)
    (copy,) = await bot.store.subject_data.copy_member(ANNA, [NORTHWIND.key], [], entry)
    assert [action["action"] for action in copy["actions_you_own"]] == [TEXT]
    done, _ = await bot.store.subject_data.erase_member(ANNA, [NORTHWIND.key], entry)
    assert (done["alert"], done["action"]) == (1, 1)
    assert "Nobody owns it." in to_plain_text(await bot.type(BEN, "actions"))


async def test_every_change_is_in_the_audit_log_without_words(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, PLAN)
    (row,) = bot.rows("SELECT id FROM action")
    for words in (
        f"move {row[0]} 2026-12-20",
        f"move {row[0]} 2026-12-20",
        f"done {row[0]}",
        f"done {row[0]}",
    ):
        await bot.type(BEN, words)
    newest = [(entry.act, entry.detail) for entry in await bot.store.audit.list_newest(5)]
    assert newest[::-1] == [
        ("plan", f"sponsor 0: level {row[0]} planned"),
        ("move", f"cro: {row[0]} until 2026-12-20"),
        ("move", f"cro: {row[0]} unchanged"),
        ("done", f"cro: {row[0]} done"),
        ("done", f"cro: refused, {row[0]} is over"),
    ]

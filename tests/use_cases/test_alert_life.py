"""An alert lives: leads take it, ask each other, are reminded, close it; what is over stays over."""

import asyncio
from datetime import timedelta

from bot.model.alliance import Member
from bot.model.audit import AuditEntry
from bot.model.cards import RunCommand, to_plain_text
from tests.use_cases.raised_alerts import BOTH, OWN, end_alerts, raise_alerts
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    DAY,
    LIAM,
    NORTHWIND,
    WEEK,
    SandboxBot,
    find_button,
    list_headings,
)

ROWS = "SELECT kind, state, seen, owner != '', owner_side, reason FROM alert ORDER BY kind"
TAKEN = "Northwind × Meridian: a lead at Northwind Pharma has taken an alert"


async def test_a_tap_makes_an_owner_and_the_other_leads_hear_of_it_once(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    for _ in range(2):
        said = await bot.type(ANNA, "take 0")
        assert said.heading == "You own this alert"
        assert "Alignment has dropped: you own it." in to_plain_text(said)
    assert bot.rows(ROWS) == [("level", "owned", "sponsor", 1, "sponsor", None)]
    assert list_headings(await bot.dms(BEN)).count(TAKEN) == 1
    assert TAKEN not in list_headings(await bot.dms(ANNA))
    late = await bot.type(BEN, "take 0")
    assert late.heading == "Already taken"
    assert "a lead at Northwind Pharma owns it" in to_plain_text(late)


async def test_of_two_leads_who_tap_at_once_one_owns_it_and_the_other_is_told(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    async with bot.another() as other:
        other.at = bot.at
        cards = await asyncio.gather(
            *(
                (bot if number % 2 else other).type(who, "take 0")
                for number, who in enumerate([ANNA, BEN, ANNA, BEN])
            )
        )
    assert {card.heading for card in cards} == {"You own this alert", "Already taken"}
    ((owned, side),) = bot.rows("SELECT owner, owner_side FROM alert")
    winner, loser = (ANNA, BEN) if side == "sponsor" else (BEN, ANNA)
    assert owned
    assert [card.heading for card in cards[:2]].count("You own this alert") == 1
    assert (
        list_headings(await bot.dms(loser)).count(
            f"{NORTHWIND.name}: a lead at {_company(winner)} has taken an alert"
        )
        == 1
    )
    assert (await bot.type(winner, "take 0")).heading == "You own this alert"


def _company(lead: Member) -> str:
    return "Northwind Pharma" if lead == ANNA else "Meridian CRO"


async def test_a_late_tap_on_what_is_over_changes_nothing_and_says_so(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await end_alerts(bot, BOTH)
    before = bot.rows(ROWS)
    assert before == [("level", "recovered", "", 0, None, None)]
    for words in ("take 0", "ack 0", "close 0 settled"):
        said = await bot.type(ANNA, words)
        assert said.heading == "This alert is over", words
        assert "over, as answers are back to usual" in to_plain_text(said)
        assert "Nothing has changed." in to_plain_text(said)
    assert (await bot.type(ANNA, "normal 0")).heading == "Nothing to accept here"
    assert "over, as answers are back to usual" in to_plain_text(await bot.type(ANNA, "remind 0 round"))
    assert bot.rows(ROWS) == before
    assert bot.rows("SELECT count(*) FROM acknowledgement") == [(0,)]
    assert not [words for place, words in await bot.everything() if "has taken" in words]


async def test_leads_close_it_with_a_reason_and_the_digest_forgets_it(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    assert "nobody has taken it yet" in to_plain_text(await bot.type(BEN, "digest"))
    shown = await bot.type(ANNA, "alert 0")
    said = await bot.press(ANNA, find_button(shown, "It was a passing thing"))
    assert said.heading == "Closed"
    assert bot.rows(ROWS) == [("level", "closed", "", 0, None, "passing")]
    told = to_plain_text((await bot.dms(BEN))[-1])
    assert "a lead at Northwind Pharma has closed an alert" in told and "it was a passing thing" in told
    assert "alignment has dropped" not in to_plain_text(await bot.type(BEN, "digest")).lower()
    assert (await bot.type(BEN, "take 0")).heading == "This alert is over"


async def test_the_new_normal_ends_it(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    said = await bot.press(BEN, find_button(await bot.type(BEN, "alert 0"), "Accept as the new normal"))
    assert said.heading == "Accepted as the new normal"
    assert bot.rows(ROWS) == [("level", "new normal", "", 0, None, None)]
    assert (await bot.type(ANNA, "normal 0")).heading == "Nothing to accept here"
    assert "accepted as the new normal" in to_plain_text(await bot.type(ANNA, "take 0"))


async def test_the_other_sides_lead_learns_nothing_of_an_alert_of_one_side(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH, OWN)
    for words in ("alert 0", "take 0", "asklead 0", "close 0 settled", "remind 0 round", "digest"):
        assert "Meridian CRO answers" not in to_plain_text(await bot.type(ANNA, words)), words
    assert "Meridian CRO answers lower than usual: nobody" in to_plain_text(await bot.type(BEN, "alert 0"))
    assert (await bot.type(BEN, "take 0")).heading == "You own this alert"
    await bot.type(BEN, "close 0 accepted")
    assert not [card for card in await bot.dms(ANNA) if "answers lower" in to_plain_text(card)]
    assert [row[:2] for row in bot.rows(ROWS)] == [("cro", "closed"), ("level", "closed")]


async def test_nobody_but_leads_moves_an_alert(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    before = bot.rows(ROWS)
    for who in (CARLA, LIAM):
        for words in ("take 0", "close 0 settled", "alert 0", "asklead 0", "remind 0 call"):
            assert (await bot.type(who, words)).heading == "For the alliance leads"
    assert bot.rows(ROWS) == before


async def test_a_lead_asks_the_other_to_take_it(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    ask = find_button(await bot.type(ANNA, "alert 0"), "Ask Meridian CRO's lead to take it")
    for _ in range(2):
        assert (await bot.press(ANNA, ask)).heading == "Asked"
    asked = [card for card in await bot.dms(BEN) if "asks you to take an alert" in card.heading]
    assert len(asked) == 1
    assert (await bot.press(BEN, find_button(asked[0], "I'll take it"))).heading == "You own this alert"
    assert (await bot.press(ANNA, ask)).heading == "Nobody to ask"


async def test_both_leads_are_reminded_once_after_five_working_days_that_nobody_owns_it(
    bot: SandboxBot,
) -> None:
    asked = await raise_alerts(bot, BOTH)
    await bot.tick(asked.closes_at + 6 * DAY)
    assert not _list_reminders(await bot.everything())
    for hours in (0, 1, 400):
        await bot.tick(asked.closes_at + 7 * DAY + timedelta(hours=hours))
    reminded = _list_reminders(await bot.everything())
    assert sorted(place for place, _ in reminded) == ["dm:anna", "dm:ben"]
    assert "nobody has taken this alert yet" in reminded[0][1]
    button = find_button(
        next(card for card in await bot.dms(BEN) if "taken this" in card.heading), "I'll take it"
    )
    assert (await bot.press(BEN, button)).heading == "You own this alert"


async def test_both_leads_are_reminded_once_that_an_owned_alert_has_no_action(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, "take 0")
    taken = bot.at
    await bot.tick(taken + 13 * DAY)
    assert not _list_reminders(await bot.everything())
    for days in (14, 15, 40):
        await bot.tick(taken + days * DAY)
    reminded = _list_reminders(await bot.everything())
    assert sorted(place for place, _ in reminded) == ["dm:anna", "dm:ben"]
    assert all("this alert has no action yet" in words for _, words in reminded)


def _list_reminders(shown: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(place, words) for place, words in shown if "It is the alert of" in words]


async def test_a_lead_is_reminded_when_they_wanted_it_and_only_while_it_is_open(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(BEN, "take 0")
    said = await bot.press(BEN, find_button(await bot.type(BEN, "alert 0"), "After our call"))
    assert "On 2 December 2026" in to_plain_text(said)
    await bot.press(ANNA, find_button(await bot.type(ANNA, "alert 0"), "After the next round"))
    await bot.press(ANNA, find_button(await bot.type(ANNA, "alert 0"), "In two rounds"))
    for _ in range(2):
        await bot.tick(bot.at + 6 * DAY)
    reminded = _list_reminders(await bot.everything())
    assert [place for place, _ in reminded] == ["dm:ben"]
    assert "you asked me to remind you" in reminded[0][1] and "you own it" in reminded[0][1]
    await bot.type(BEN, "close 0 settled")
    await bot.tick(bot.at + 4 * WEEK)
    assert len(_list_reminders(await bot.everything())) == 1


async def test_who_was_erased_owns_nothing_any_more(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, "take 0")
    await bot.type(ANNA, "remind 0 round")
    entry = AuditEntry("erase", NORTHWIND.key, "operator:x", bot.at)
    done, _ = await bot.store.subject_data.erase_member(ANNA, [NORTHWIND.key], entry)
    assert done["alert"] == 1
    assert bot.rows(ROWS) == [("level", "seen", "sponsor", 0, None, None)]
    assert bot.rows("SELECT count(*) FROM alert_reminder") == [(0,)]
    assert (await bot.type(BEN, "take 0")).heading == "You own this alert"


async def test_what_a_lead_owns_is_in_the_copy_of_their_data(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    await bot.type(ANNA, "take 0")
    entry = AuditEntry("subject-data", NORTHWIND.key, "operator:x", bot.at)
    for who, owns in ((ANNA, ["level"]), (BEN, [])):
        (copy,) = await bot.store.subject_data.copy_member(who, [NORTHWIND.key], [], entry)
        assert [alert["alert"] for alert in copy["alerts_you_own"]] == owns


async def test_every_tap_is_in_the_audit_log_with_what_came_of_it(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    for who, words in (
        (ANNA, "take 0"),
        (BEN, "take 0"),
        (BEN, "remind 0 call"),
        (ANNA, "close 0 settled"),
        (BEN, "take 0"),
    ):
        await bot.type(who, words)
    newest = [(entry.act, entry.detail) for entry in await bot.store.audit.list_newest(5)]
    assert newest[::-1] == [
        ("take", "sponsor 0: level open to owned"),
        ("take", "cro 0: level refused, owned"),
        ("remind", "cro 0: level on 2026-12-02"),
        ("close", "sponsor 0: level owned to closed"),
        ("take", "cro 0: level refused, over"),
    ]


async def test_rubbish_is_refused_and_words_are_not_repeated(bot: SandboxBot) -> None:
    await raise_alerts(bot, BOTH)
    for words in ("take", "take 99999999999999999999", "take ²", "close x", "alert none", "asklead -1"):
        card = await bot.type(ANNA, words)
        assert card.heading in ("I don't know this alert", "Nobody to ask", "What should “take” apply to?"), (
            card
        )
    assert isinstance(find_button(await bot.type(ANNA, "close 0"), "I'll take it").action, RunCommand)
    assert bot.rows(ROWS) == [("level", "open", "", 0, None, None)]

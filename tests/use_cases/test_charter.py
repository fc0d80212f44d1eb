"""Two keys: the threshold, what is shared and the deletion of an alliance need a lead of each side."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.alliance import Alliance, Member
from bot.model.audit import AuditEntry
from bot.model.cards import to_plain_text
from bot.use_cases import score
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    DAY,
    HARBOUR,
    HARRY,
    NORTHWIND,
    SLOT,
    WEEK,
    SandboxBot,
    find_button,
    list_headings,
    make_members,
    open_sandbox_bot,
)


async def now(bot: SandboxBot) -> Alliance:
    return next(
        alliance for alliance in await bot.store.alliances.list_all() if alliance.key == NORTHWIND.key
    )


async def test_a_change_holds_only_once_the_other_side_agreed(bot: SandboxBot) -> None:
    told = await bot.type(ANNA, "propose minimum 7")
    assert "at least 7" in to_plain_text(told)
    assert (await now(bot)).minimum == 5
    (mine,), (theirs,) = await bot.dms(ANNA), await bot.dms(BEN)
    assert "Agree" not in to_plain_text(mine)
    assert (await bot.press(BEN, find_button(theirs, "Agree"))).heading.endswith("both sides agreed")
    assert (await now(bot)).minimum == 7
    assert "both sides agreed" in (await bot.dms(ANNA))[-1].heading
    again = await bot.press(BEN, find_button(theirs, "Agree"))
    assert again.heading == "Nothing to decide"


async def test_nobody_agrees_with_themselves_or_for_another(bot: SandboxBot) -> None:
    await bot.type(ANNA, "propose share off")
    (theirs,) = await bot.dms(BEN)
    press = find_button(theirs, "Agree")
    assert (await bot.press(ANNA, press)).heading == "The other company has to agree"
    assert (await bot.press(CARLA, press)).heading == "For the alliance leads"
    assert (await now(bot)).share_dimensions


async def test_another_alliances_lead_decides_nothing(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, NORTHWIND, HARBOUR) as bot:
        await bot.type(ANNA, "propose share off")
        press = find_button((await bot.dms(BEN))[0], "Agree")
        assert (await bot.press(HARRY, press)).heading == "Nothing to decide"
        assert (await now(bot)).share_dimensions


async def test_a_proposal_can_be_declined_or_withdrawn_and_made_again(bot: SandboxBot) -> None:
    await bot.type(ANNA, "propose minimum 7")
    open_already = await bot.type(BEN, "propose minimum 9")
    assert open_already.heading == "There is already an open proposal on this"
    assert "nothing changes" in (await bot.press(BEN, find_button(open_already, "Decline"))).heading
    await bot.type(ANNA, "propose minimum 8")
    charter = await bot.type(ANNA, "charter")
    assert "nothing changes" in (await bot.press(ANNA, find_button(charter, "Withdraw"))).heading
    assert (await now(bot)).minimum == 5


async def test_a_proposal_ends_after_two_weeks(bot: SandboxBot) -> None:
    await bot.type(ANNA, "propose minimum 7")
    press = find_button((await bot.dms(BEN))[0], "Agree")
    bot.at += timedelta(days=14)
    assert (await bot.press(BEN, press)).heading == "Nothing to decide"
    assert (await bot.type(BEN, "propose minimum 6")).heading == "Proposed"


@pytest.mark.parametrize("words", ["minimum 6", "minimum 50", "northwind-meridian minimum 7"])
async def test_what_can_be_proposed_may_name_the_alliance(bot: SandboxBot, words: str) -> None:
    assert (await bot.type(ANNA, f"propose {words}")).heading == "Proposed"


async def test_a_higher_minimum_can_be_lowered_to_five_again(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, minimum=7)) as bot:
        assert (await bot.type(ANNA, "propose minimum 5")).heading == "Proposed"


async def test_an_agreement_is_to_that_proposal_and_to_no_other(bot: SandboxBot) -> None:
    await bot.type(ANNA, "propose minimum 7")
    await bot.type(ANNA, "propose share off")
    await bot.press(BEN, find_button((await bot.dms(BEN))[-1], "Agree"))
    assert ((await now(bot)).minimum, (await now(bot)).share_dimensions) == (5, False)
    assert (await bot.type(BEN, "agree nonsense")).heading == "Nothing to decide"


@pytest.mark.parametrize(
    "words",
    [
        *("", "minimum", "minimum 4", "minimum 51", "minimum 5", "minimum ٧", f"minimum {'9' * 5_000}"),
        *("share on", "share", "delete"),
    ],
)
async def test_what_cannot_be_proposed_is_refused_with_what_can(bot: SandboxBot, words: str) -> None:
    card = await bot.type(ANNA, f"propose {words}")
    assert card.heading == "That can't be proposed"
    assert "propose minimum 7" in to_plain_text(card)


async def test_with_sharing_off_nobody_sees_what_combines_the_sides(bot: SandboxBot) -> None:
    people = make_members("northwind", 6) + make_members("meridian", 6)
    await bot.live(range(1), people)
    shared = to_plain_text(await bot.type(ANNA, "score"))
    assert re.search(r"Alignment: [≤≥]?\d+", shared)
    await bot.type(ANNA, "propose share off")
    await bot.press(BEN, find_button((await bot.dms(BEN))[-1], "Agree"))
    bot.at += DAY
    for who in (ANNA, BEN, CARLA):
        text = to_plain_text(await bot.type(who, "score"))
        assert not re.search(r"(Alignment|Level[^:]*|Agreement[^:]*): [≤≥]?\d", text), text
    assert "Northwind" in to_plain_text(await bot.type(ANNA, "score"))


NUMBERS_OF_BOTH = re.compile(r"(Alignment|Level[^:]*|Agreement[^:]*): [≤≥]?\d|gap [+−≤≥]?\d")


async def test_sharing_shows_nothing_of_before_it_began(tmp_path: Path) -> None:
    people = make_members("northwind", 6) + make_members("meridian", 6)
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, share_dimensions=False)) as bot:
        await bot.live(range(3), people)
        await bot.tick(SLOT + 3 * WEEK)
        await bot.type(ANNA, "propose share on")
        agreed = await bot.press(BEN, find_button((await bot.dms(BEN))[-1], "Agree"))
        assert "It applies from the next question on." in to_plain_text(agreed)
        await nothing_of_both_is_shown(bot)
        await bot.live([3], people)
        await nothing_of_both_is_shown(bot)
        assert await exported_on(bot) == set()
        await bot.live(range(4, 6), people)
        seen = await seen_of_both(bot)
        assert [words for words in seen if NUMBERS_OF_BOTH.search(words)] == seen
        assert "Answered, Meridian CRO" in await digest_of(bot, ANNA)
        assert await exported_on(bot) == {"2026-12-22", "2026-12-29"}


async def nothing_of_both_is_shown(bot: SandboxBot) -> None:
    seen = await seen_of_both(bot)
    assert not [words for words in seen if NUMBERS_OF_BOTH.search(words)]
    assert "from questions asked before sharing began" in seen[0]
    assert "Answered, Meridian CRO" not in await digest_of(bot, ANNA)


async def seen_of_both(bot: SandboxBot) -> list[str]:
    """The score of a lead of each side and of a member."""
    return [to_plain_text(await bot.type(who, "score")) for who in (ANNA, BEN, CARLA)]


async def exported_on(bot: SandboxBot) -> set[object]:
    """The days of which an export has a number."""
    return {row["date"] for row in await score.table(bot.store, await now(bot)) if row["value"]}


async def digest_of(bot: SandboxBot, who: Member) -> str:
    return to_plain_text(await bot.type(who, "digest"))


async def test_an_alert_of_before_sharing_began_is_not_shown_afterwards(tmp_path: Path) -> None:
    people = make_members("northwind", 8) + make_members("meridian", 8)
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, share_dimensions=False)) as bot:
        await bot.live(range(11), people)
        await bot.live(range(11, 13), people, low=people)
        raised = await bot.store.alarms.list_raised(NORTHWIND.key)
        assert [alert for alert in raised if alert.alarm.kind == "level" and not alert.shared]
        await bot.type(ANNA, "propose share on")
        await bot.press(BEN, find_button((await bot.dms(BEN))[-1], "Agree"))
        for words in ("alerts", "digest"):
            told = to_plain_text(await bot.type(ANNA, words))
            assert "alignment has dropped" not in told
            assert "Northwind Pharma answers lower than usual" in told


async def test_to_stop_sharing_holds_at_once_and_says_so(bot: SandboxBot) -> None:
    await bot.type(ANNA, "propose share off")
    agreed = await bot.press(BEN, find_button((await bot.dms(BEN))[-1], "Agree"))
    assert "It applies at once." in to_plain_text(agreed)


async def test_an_operator_cannot_change_what_both_sides_agreed(bot: SandboxBot) -> None:
    assert await bot.store.alliances.declare([replace(NORTHWIND, minimum=6)]) == (
        "alliance northwind-meridian: minimum 5 → 6",
    )
    await bot.tick(SLOT)
    (told,) = await bot.store.alliances.declare([replace(NORTHWIND, minimum=9)])
    assert "minimum stays 6" in told
    assert "propose minimum 9" in told
    assert (await now(bot)).minimum == 6


async def test_looks_and_changes_are_noted_without_anybodys_name_or_words(bot: SandboxBot) -> None:
    await bot.type(CARLA, "score")
    await bot.type(ANNA, "digest what did Bob say")
    await bot.type(ANNA, "ours sandbox:T0FJORD")
    await bot.type(ANNA, "ours sandbox:what-bob-said-1")
    await bot.type(BEN, "ack what-bob-said-2")
    await bot.type(ANNA, "normal 3")
    await bot.type(BEN, "propose minimum 7")
    await bot.type(BEN, "propose minimum 9")
    agree = find_button((await bot.dms(ANNA))[-1], "Agree")
    (first,) = await bot.store.proposals.list_open(NORTHWIND.key, bot.at)
    await bot.press(BEN, agree)
    await bot.press(ANNA, agree)
    await bot.press(ANNA, agree)
    noted = [(entry.act, entry.detail) for entry in (await bot.store.audit.list_newest(20))[::-1]]
    assert noted == [
        ("score", "member"),
        ("digest", "sponsor"),
        ("map", "sponsor sandbox:T0FJORD: refused, nobody of it waits"),
        ("map", "sponsor: refused, nobody of it waits"),
        ("acknowledge", "cro: refused, no such alert"),
        ("accept", "sponsor 3: refused, no such alert"),
        ("propose", f"cro {first.id} minimum 7: proposed"),
        ("propose", noted[7][1]),
        ("agree", f"cro {first.id} minimum 7: refused, its own side proposed it"),
        ("agree", f"sponsor {first.id} minimum 7: agreed"),
        ("agree", f"sponsor {first.id}: refused, not open"),
    ]
    assert re.fullmatch("cro [0-9a-f]{12} minimum 9: refused, another is open", noted[7][1])
    entries = await bot.store.audit.list_newest(20)
    assert all(name not in str(entries) for name in ("anna", "ben", "carla", "Bob", "bob"))
    assert len({by(entry) for entry in entries}) == 3
    assert (await bot.store.audit.verify_chain()).faults == ()


def by(noted: AuditEntry) -> str:
    assert noted.by.startswith("member:")
    return noted.by


async def test_what_cannot_be_noted_is_not_shown(bot: SandboxBot) -> None:
    await bot.live(range(1), make_members("northwind", 6) + make_members("meridian", 6))
    bot.damage("DROP TABLE audit")
    assert list_headings([await bot.type(CARLA, "score")]) == ["Not saved"]

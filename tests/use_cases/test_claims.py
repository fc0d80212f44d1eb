"""Companies that nobody declared: their answers wait, and leads say whose they are."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sandbox.platform import Sandbox
from bot.model.alliance import Channel, Member
from bot.model.cards import to_plain_text
from tests.app.shell import Shell
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    HOUR,
    LIAM,
    NORTHWIND,
    SAM,
    SECRET,
    SLOT,
    SandboxBot,
    find_button,
    list_headings,
    make_member,
    open_sandbox_bot,
)


@pytest.fixture
async def asked(bot: SandboxBot) -> SandboxBot:
    """The question stands in the channel."""
    await bot.tick(SLOT)
    bot.at += HOUR
    return bot


async def test_an_unknown_company_is_kept_pending_and_the_person_hears_why(asked: SandboxBot) -> None:
    card = await asked.answer(SAM, 4)
    assert "saved but not counted" in to_plain_text(card)
    assert await asked.answered() == 0


async def test_both_leads_are_asked_whose_company_it_is_once(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    await asked.answer(SAM, 5, nth=1)
    for lead in (ANNA, BEN):
        assert list_headings(await asked.dms(lead)) == ["Northwind × Meridian: is this company yours?"]
    assert await asked.dms(CARLA) == []


async def test_the_leads_are_told_the_company_and_not_the_person(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    (card,) = await asked.dms(ANNA)
    assert "fjordlab" in to_plain_text(card)
    assert "sam" not in to_plain_text(card).lower().split()
    assert "Agree" not in to_plain_text(card)


async def test_after_a_lead_says_ours_it_counts_for_that_side(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    await asked.answer(SAM, 5, nth=1)
    (card,) = await asked.dms(BEN)
    said = await asked.press(BEN, find_button(card, "That's our company"))
    assert "now count as Meridian CRO, with what they answered before" in to_plain_text(said)
    assert await asked.answered() == 1
    assert "saved but not counted" not in to_plain_text(await asked.answer(SAM, 3, nth=2))


async def test_the_second_ours_changes_nothing(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    (for_ben,), (for_anna,) = await asked.dms(BEN), await asked.dms(ANNA)
    await asked.press(BEN, find_button(for_ben, "That's our company"))
    await asked.press(ANNA, find_button(for_anna, "That's our company"))
    assert [row[0] for row in asked.rows("SELECT side FROM answer")] == ["cro"]


async def test_the_other_sides_leads_hear_of_a_claim_and_object_and_its_answers_wait_again(
    asked: SandboxBot,
) -> None:
    await asked.answer(SAM, 4)
    (card,) = await asked.dms(BEN)
    await asked.press(BEN, find_button(card, "That's our company"))
    await asked.answer(SAM, 3, nth=1)
    told = (await asked.dms(ANNA))[-1]
    assert (
        "A lead of Meridian CRO says that Sandbox organisation fjordlab belongs to Meridian CRO"
        in to_plain_text(told)
    )
    objected = await asked.press(ANNA, find_button(told, "We object"))
    for lead in (ANNA, BEN):
        assert (await asked.dms(lead))[-1] == objected
    assert asked.rows("SELECT DISTINCT side FROM answer") == [(None,)]
    assert "saved but not counted" in to_plain_text(await asked.answer(SAM, 2))
    assert (await asked.type(BEN, "ours sandbox:fjordlab northwind-meridian")).heading == "Nothing to do"
    asked.at += HOUR
    taken_back = await asked.press(BEN, find_button(objected, "Take the claim back"))
    await asked.press(ANNA, find_button(taken_back, "That's our company"))
    assert asked.rows("SELECT DISTINCT side FROM answer") == [("sponsor",)]


async def test_who_tapped_by_mistake_undoes_it(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    (card,) = await asked.dms(BEN)
    said = await asked.press(BEN, find_button(card, "That's our company"))
    undone = await asked.press(BEN, find_button(said, "Undo"))
    assert undone.heading == "Northwind × Meridian: a claim was taken back"
    assert (await asked.dms(ANNA))[-1] == undone
    assert asked.rows("SELECT side FROM answer") == [(None,)]
    assert (await asked.press(BEN, find_button(said, "Undo"))).heading == "Nothing to do"


async def test_an_operator_takes_a_claim_back_and_hears_how_many_wait_again(asked: SandboxBot) -> None:
    people = [make_member(f"sam-{number}", "fjordlab") for number in range(5)]
    for person in people:
        await asked.answer(person, 4)
    (card,) = await asked.dms(BEN)
    await asked.press(BEN, find_button(card, "That's our company"))
    shell = Shell(asked.file.parent)
    shell.environment |= {
        "DATABASE_URL": f"sqlite:///{asked.file}",
        "PULSE_PRIVACY__SECRET": SECRET.decode(),
        "PULSE_PRIVACY__ENCRYPTION_KEYS": asked.key,
    }
    words = ("unmap", "northwind-meridian", "sandbox:fjordlab")
    done = await asyncio.to_thread(shell, *words)
    assert done.output == "alliance northwind-meridian: unreleased answers of 5 people changed side\n"
    assert asked.rows("SELECT DISTINCT side FROM answer") == [(None,)]
    await asked.deliver()
    assert "Whoever operates me took back the claim" in to_plain_text((await asked.dms(ANNA))[-1])
    again = await asyncio.to_thread(shell, *words)
    assert again.exit_code == 1 and "no lead of northwind-meridian has claimed" in again.output


async def test_a_company_of_which_nobody_waits_cannot_be_claimed(asked: SandboxBot) -> None:
    await asked.answer(CARLA, 4)
    assert (await asked.type(BEN, "ours sandbox:fjordlab northwind-meridian")).heading == "Nothing to do"
    assert asked.rows("SELECT * FROM home WHERE mapped") == []


async def test_a_claim_on_the_other_sides_enterprise_takes_nobody_away_from_it(asked: SandboxBot) -> None:
    """Of it is everybody of a declared workspace; where somebody else of it waits, it can be claimed."""
    carla = replace(CARLA, home=("northwind", "E0SPONSOR"))
    await asked.answer(make_member("guest", "E0SPONSOR"), 4)
    claimed = await asked.type(BEN, "ours sandbox:E0SPONSOR northwind-meridian")
    assert "now counts as Meridian CRO" in claimed.heading
    await asked.answer(carla, 5)
    assert asked.rows("SELECT side, home_organisation FROM answer ORDER BY value") == [
        ("cro", "E0SPONSOR"),
        ("sponsor", None),
    ]


async def test_declaring_a_company_counts_what_waits_and_what_was_claimed_for_the_wrong_side(
    asked: SandboxBot,
) -> None:
    await asked.answer(SAM, 4)
    await asked.answer(make_member("ida", "labs"), 5)
    (card, _) = await asked.dms(BEN)
    await asked.press(BEN, find_button(card, "That's our company"))
    homes = NORTHWIND.sponsor.homes | {("sandbox", "fjordlab"), ("sandbox", "labs")}
    await asked.store.alliances.declare([replace(NORTHWIND, sponsor=replace(NORTHWIND.sponsor, homes=homes))])
    assert asked.rows("SELECT DISTINCT side FROM answer") == [("sponsor",)]
    assert (await asked.type(ANNA, "notours sandbox:fjordlab northwind-meridian")).heading == "Nothing to do"


async def test_that_a_company_is_asked_about_does_not_say_that_somebody_answered(asked: SandboxBot) -> None:
    """It may be one person."""
    await asked.answer(SAM, 4)
    (card,) = await asked.dms(ANNA)
    said = await asked.press(ANNA, find_button(card, "That's our company"))
    for shown in (card, said):
        assert "answered the pulse" not in to_plain_text(shown) and "omeone" not in to_plain_text(shown)


async def test_a_member_cannot_say_ours(asked: SandboxBot) -> None:
    await asked.answer(SAM, 4)
    (card,) = await asked.dms(ANNA)
    said = await asked.press(CARLA, find_button(card, "That's our company"))
    assert said.heading == "For the alliance leads"
    assert await asked.answered() == 0


async def test_a_lead_cannot_take_over_the_other_sides_company(asked: SandboxBot) -> None:
    card = await asked.type(ANNA, "ours sandbox:meridian northwind-meridian")
    assert card.heading == "That company is part of Meridian CRO"
    await asked.answer(LIAM, 2)
    assert [row[0] for row in asked.rows("SELECT side FROM answer")] == ["cro"]


async def test_an_enterprise_with_people_of_the_other_side_cannot_be_claimed(tmp_path: Path) -> None:
    """Their workspace is declared, the Enterprise above it is not; a guest of the Enterprise waits."""

    class Grid(Sandbox):
        async def members(self, channel: Channel) -> tuple[Member, ...]:
            carla = replace(CARLA, home=("northwind", "E0SPONSOR"))
            return (
                *(person for person in await Sandbox.members(self, channel) if person.id != "carla"),
                carla,
            )

    async with open_sandbox_bot(tmp_path, NORTHWIND) as bot:
        bot.platforms["sandbox"] = Grid(bot.store.chat, lambda: bot.at)
        await bot.tick(SLOT)
        await bot.answer(make_member("guest", "E0SPONSOR"), 4)
        refused = await bot.type(BEN, "ours sandbox:E0SPONSOR northwind-meridian")
        assert refused.heading == "That company is part of Northwind Pharma"
        assert bot.rows("SELECT side FROM answer") == [(None,)]
        newest = (await bot.store.audit.list_newest(1))[0]
        assert newest.detail == "cro sandbox:E0SPONSOR: refused, it is the other side's"
        claimed = await bot.type(ANNA, "ours sandbox:E0SPONSOR northwind-meridian")
        assert "now counts as Northwind Pharma" in claimed.heading
        assert (await bot.store.audit.list_newest(1))[0].detail == "sponsor sandbox:E0SPONSOR: claimed"

"""The attacks on the privacy gate, made where attackers can make them: with buttons, commands and what leads read."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model.alliance import Alliance, Member, Side
from bot.model.cards import to_plain_text
from tests.rules.independent import SHOWN_SINCE
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    HOUR,
    LIAM,
    NORTHWIND,
    SLOT,
    WEEK,
    SandboxBot,
    find_option,
    make_member,
    make_members,
    open_sandbox_bot,
)

DATA = Path(__file__).parents[1] / "rules" / "data" / "privacy_cases.json"
CASES: list[dict[str, Any]] = json.loads(DATA.read_text())
BANK = """
name = "trust alone"
version = 1
[[item]]
key = "trust"
version = 1
dimension = "trust"
text = "Bad news can be raised."
"""
ONE_QUESTION = replace(NORTHWIND, bank=BANK)
COMPANY = {Side.SPONSOR: "northwind", Side.CRO: "meridian"}
LEADS = {Side.SPONSOR: ANNA, Side.CRO: BEN}


async def round(
    bot: SandboxBot, number: int, answers: Sequence[tuple[Member, int]], closed: bool = True
) -> None:
    """Ask, let these people answer the first question, and close."""
    await bot.tick(SLOT + number * WEEK)
    question = (await bot.channel())[-1]
    bot.at += HOUR
    for who, value in answers:
        await bot.press_only(who, find_option(question, value))
    if closed:
        await bot.tick(SLOT + number * WEEK + 72 * HOUR)


async def everything(bot: SandboxBot) -> list[str]:
    """All that both leads and a member of each side can call up, as if they sat together."""
    asked = [(ANNA, "score"), (ANNA, "digest"), (ANNA, "alerts"), (BEN, "score"), (BEN, "digest")]
    asked += [(BEN, "alerts"), (CARLA, "score"), (LIAM, "score")]
    return [to_plain_text(await bot.type(who, word)) for who, word in asked]


def cell(card: str) -> tuple[str, str]:
    """State and words of the own side's number on trust."""
    line = re.search(r"^trust: (.*)$", card, re.M)
    assert line
    if line[1].startswith("withheld: "):
        return "hidden", line[1].removeprefix("withheld: ")
    return "held" if "as of" in line[1] else "fresh", line[1].split(" ")[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
async def test_attack_derives_nothing(case: dict[str, Any], tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(ONE_QUESTION, minimum=case["k"])) as bot:
        given: set[tuple[Side, str, str]] = set()
        since = SHOWN_SINCE.get(str(case["name"]).split()[0], [step["shown"] for step in case["expect"]])
        for number, (step, expected) in enumerate(zip(case["steps"], case["expect"], strict=True)):
            side = Side(step["cell"][0])
            new = {
                name: given_item
                for name, given_item in step["content"].items()
                if (side, name, given_item[0]) not in given
            }
            given |= {(side, name, version) for name, (version, _) in new.items()}
            people = {name: LEADS[side] if name in case["leads"] else member(side, name) for name in new}
            await round(bot, number, [(people[name], int(v / 25) + 1) for name, (_, v) in new.items()])
            card = to_plain_text(await bot.type(LEADS[side], "score"))
            assert cell(card) == (expected["status"], since[number])
        if not {step["cell"][0] for step in case["steps"]} >= set(Side):
            for shown in await everything(bot):
                assert (
                    "Alignment: withheld: not enough answers on both sides" in shown
                    or "Alignment" not in shown
                )


def member(side: Side, name: str) -> Member:
    return make_member(f"{COMPANY[side]}-{name}", COMPANY[side])


@pytest.fixture
async def bot(tmp_path: Path) -> Any:
    """One question a week; six people a side have answered it."""
    async with open_sandbox_bot(tmp_path, ONE_QUESTION) as made:
        people = [*make_members("northwind", 6), *make_members("meridian", 6)]
        await round(made, 0, [(person, 3 + place % 3) for place, person in enumerate(people)])
        yield made


async def test_an_open_round_shows_what_was_released_before(bot: SandboxBot) -> None:
    before = [to_plain_text(await bot.type(who, "score")) for who in (ANNA, BEN, LIAM)]
    await round(
        bot,
        1,
        [(person, 1) for person in (*make_members("northwind", 6), *make_members("meridian", 6))],
        closed=False,
    )
    assert [to_plain_text(await bot.type(who, "score")) for who in (ANNA, BEN, LIAM)] == before


async def test_nobody_can_ask_for_some_people_or_some_weeks_only(bot: SandboxBot) -> None:
    whole = await bot.type(ANNA, "score")
    for words in ("trust", "northwind-0 northwind-1 northwind-2", "since 2026-11-01", "last 1", "meridian"):
        assert await bot.type(ANNA, f"score {words}") == whole


async def test_history_stays_as_it_is_when_somebody_is_erased(bot: SandboxBot) -> None:
    before = await everything(bot)
    bot.damage("DELETE FROM answer WHERE person = (SELECT min(person) FROM answer)")
    assert await everything(bot) == before


async def test_one_more_answer_moves_nothing_that_two_leads_can_pool(bot: SandboxBot) -> None:
    before = [numbers(card) for card in await everything(bot)]
    await round(bot, 1, [(make_member("newcomer", "northwind"), 1)])
    assert [numbers(card) for card in await everything(bot)] == before


def numbers(card: str) -> list[str]:
    """The values of a card without its dates, shares and what is said of them."""
    rows = [line for line in card.splitlines() if not line.startswith(("Answered", "Northwind × Meridian"))]
    return [value for line in rows for value in re.findall(r"[−+≤≥]?\d+ \(|: [≤≥]?\d+", line)]


async def test_a_side_of_four_hides_what_combines_the_sides_from_everybody(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, ONE_QUESTION) as made:
        people = [*make_members("northwind", 4), *make_members("meridian", 12)]
        await round(made, 0, [(person, 4) for person in people])
        cards = await everything(made)
        assert not [card for card in cards if re.search(r"Alignment: \d|Level[^:]*: \d|gap [+−]?\d", card)]
        assert cell(cards[3]) == ("fresh", "75")
        assert cell(cards[0]) == ("hidden", "not enough answers")


async def test_what_the_charter_keeps_to_each_side_nobody_can_subtract(tmp_path: Path) -> None:
    apart: Alliance = replace(ONE_QUESTION, share_dimensions=False)
    async with open_sandbox_bot(tmp_path, apart) as made:
        people = [*make_members("northwind", 6), *make_members("meridian", 6)]
        await round(made, 0, [(person, 4 if "north" in person.id else 2) for person in people])
        cards = await everything(made)
        assert cell(cards[0]) == ("fresh", "75") and cell(cards[3]) == ("fresh", "25")
        assert not [card for card in cards[:3] if re.search(r"\b25\b|50 \(|gap [+−]?\d", card)]
        assert not [card for card in cards[3:] if re.search(r"\b75\b|50 \(|gap [+−]?\d", card)]
        assert "Answered, Meridian CRO" not in cards[1]


async def test_a_unanimous_side_and_a_mixed_one_get_the_same_cards(tmp_path: Path) -> None:
    told = []
    for place, values in enumerate(([3] * 6, [1, 5, 2, 4, 3, 3])):
        folder = tmp_path / str(place)
        folder.mkdir()
        async with open_sandbox_bot(folder, ONE_QUESTION) as made:
            people = [*make_members("northwind", 6), *make_members("meridian", 6)]
            await round(made, 0, list(zip(people, values * 2, strict=True)))
            told.append(await everything(made))
    assert told[0] == told[1]

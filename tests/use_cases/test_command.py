"""One grammar for slash commands, mentions, direct messages and buttons; nothing for those it does not concern."""

import asyncio
from dataclasses import replace

import pytest

from bot.app.platforms import PLUGINS
from bot.model.alliance import Member
from bot.model.cards import Card, Choices, to_plain_text
from bot.model.events import Commanded
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    CLOSING,
    ELSEWHERE,
    HARRY,
    JOINT,
    LIAM,
    SAM,
    SLOT,
    SandboxBot,
    find_button,
    find_option,
    make_member,
    make_members,
)

SPONSOR, CRO = make_members("northwind", 10), make_members("meridian", 10)


async def closed(bot: SandboxBot) -> None:
    """Ten a side answered: the sponsor 4, the CRO 3."""
    await bot.tick(SLOT)
    question = (await bot.channel())[0]
    presses = [
        bot.press_only(person, find_option(question, value, nth))
        for people, value in ((SPONSOR, 4), (CRO, 3))
        for person in people
        for nth in range(3)
    ]
    await asyncio.gather(*presses)
    await bot.tick(CLOSING)


async def test_help_names_every_command_of_a_member_with_buttons(bot: SandboxBot) -> None:
    card = await bot.type(CARLA, "help")
    for word in ("score", "pulse", "comment", "vision", "privacy"):
        assert word in to_plain_text(card)
        assert find_button(card, word.capitalize())
    assert "digest" not in to_plain_text(card)


async def test_help_for_a_lead_names_the_leads_commands_too(bot: SandboxBot) -> None:
    assert "digest" in to_plain_text(await bot.type(ANNA, "help"))


async def test_a_lead_is_helped_as_a_lead(bot: SandboxBot) -> None:
    assert "digest" in to_plain_text(await bot.type(ANNA, "digets"))
    assert "digest" not in to_plain_text(await bot.type(CARLA, "digets"))
    for verb in ("ack", "normal", "agree", "ours"):
        card = await bot.type(ANNA, verb)
        assert card.heading == f"What should “{verb}” apply to?"
        assert "Press the button under the alert" in to_plain_text(card)


@pytest.mark.parametrize("text", ["", "  ", "HELP", "help me please", "Hello!", "?", "Help."])
async def test_who_types_nothing_or_help_gets_help(bot: SandboxBot, text: str) -> None:
    assert (await bot.type(CARLA, text)).heading == "What I can do"


@pytest.mark.parametrize("text", ["/pulse score", "/Alliance Pulse score", "Pulse, score"])
async def test_a_command_with_the_bots_name_before_it_is_understood(bot: SandboxBot, text: str) -> None:
    assert "no score yet" in (await bot.type(CARLA, text)).heading


async def test_help_names_the_ways_that_exist_on_the_persons_platform(bot: SandboxBot) -> None:
    ways = {plugin.name: plugin.ways for plugin in PLUGINS}
    for platform, way in ways.items():
        inbox = replace(bot.inbox, ways={"sandbox": way})
        for text in ("help", "frobnicate", "welcome"):
            card = await inbox.take(Commanded(by=CARLA, at=SLOT, channel=None, text=text))
            assert card and f"{way} Or press a button:" in to_plain_text(card), platform
    assert "/pulse" not in ways["teams"] and "/pulse" in ways["slack"]
    assert "/pulse" not in to_plain_text(await bot.type(CARLA, "help"))


async def test_a_stranger_is_greeted_without_commands_that_do_nothing_for_them(bot: SandboxBot) -> None:
    stranger, member = await bot.type(SAM, "welcome"), await bot.type(CARLA, "welcome")
    assert stranger.heading == member.heading == "Hello, I'm Alliance Pulse"
    assert find_button(member, "Score")
    assert not [block for block in stranger.blocks if isinstance(block, Choices)]


@pytest.mark.parametrize("text", ["scroe", "1; DROP TABLE answer", "<@U123>", "ß" * 5000, "\x00"])
async def test_what_is_not_understood_is_answered_with_help(bot: SandboxBot, text: str) -> None:
    card = await bot.type(CARLA, text)
    assert card.heading.startswith("I don't know “")
    assert len(card.heading) < 80
    assert "score" in to_plain_text(card)


@pytest.mark.parametrize("where", [JOINT, None])
async def test_the_score_before_the_first_closing_says_when_there_will_be_one(
    bot: SandboxBot, where: object
) -> None:
    card = await bot.type(CARLA, "score", where)  # type: ignore[arg-type]
    assert "no score yet" in card.heading


async def test_a_member_sees_the_headline_and_no_side(bot: SandboxBot) -> None:
    await closed(bot)
    for who in (CARLA, LIAM):
        card = to_plain_text(await bot.type(who, "score"))
        assert "Alignment" in card and "Agreement" in card
        assert "Your side" not in card
        assert "gap" not in card


async def test_a_lead_sees_the_own_side_and_the_gap(bot: SandboxBot) -> None:
    await closed(bot)
    annas, bens = [to_plain_text(await bot.type(person, "score")) for person in (ANNA, BEN)]
    assert "Your side, Northwind Pharma\nScore: 75" in annas
    assert "Your side, Meridian CRO\nScore: 50" in bens
    assert "Your side, Meridian" not in annas
    assert "gap" in annas and "gap" in bens


async def test_what_only_the_own_side_may_know_is_not_in_the_other_leads_card(bot: SandboxBot) -> None:
    await closed(bot)
    annas, bens = [to_plain_text(await bot.type(person, "score")) for person in (ANNA, BEN)]
    assert "≥90 % (" in annas  # favourable: every sponsor answered 4, no CRO did
    assert "≥90 % (" not in bens


async def test_the_leads_user_id_at_another_company_leads_nothing(bot: SandboxBot) -> None:
    await closed(bot)
    for impostor in (make_member("anna", "fjordlab"), make_member("anna", "meridian")):
        assert "Your side" not in to_plain_text(await bot.type(impostor, "score"))


async def test_a_request_while_a_round_is_open_shows_the_previous_numbers(bot: SandboxBot) -> None:
    await closed(bot)
    before = await bot.type(ANNA, "score")
    await bot.tick(SLOT + (CLOSING - SLOT) * 7 / 3)
    question = (await bot.channel())[-1]
    for person in SPONSOR:
        await bot.press_only(person, find_option(question, 1))
    assert await bot.type(ANNA, "score") == before


@pytest.mark.parametrize("who", [SAM, Member("sandbox", "nobody")])
async def test_strangers_learn_nothing_by_any_command(bot: SandboxBot, who: Member) -> None:
    await bot.tick(SLOT)
    for text in ("score", "score northwind-meridian", "digest", "pulse", "comment", "vision", "help"):
        card = await bot.type(who, text)
        assert card.heading == "You are not part of this alliance yet"
        assert "One team" not in to_plain_text(card)


async def test_people_of_another_alliance_learn_nothing_by_naming_this_one(two: SandboxBot) -> None:
    await closed(two)
    for verb in ("score", "digest", "alerts", "pulse", "vision", "ack 0", "ours sandbox:fjordlab"):
        for where in (JOINT, ELSEWHERE, None):
            card = await two.type(HARRY, f"{verb} northwind-meridian", where)
            assert "Northwind" not in to_plain_text(card)
            assert "One team" not in to_plain_text(card)
            assert "75" not in to_plain_text(card)


async def test_who_is_in_two_alliances_is_asked_which(two: SandboxBot) -> None:
    both = Member("sandbox", "vendor", ("meridian", "aster"), "sandbox")
    card = await two.type(both, "score", None)
    assert card.heading == "Which alliance?"
    assert "Harbour" in (await two.press(both, find_button(card, "Harbour × Aster"))).heading
    assert "Northwind" in (await two.type(both, "score", JOINT)).heading


async def test_the_open_pulse_can_be_answered_in_private(bot: SandboxBot) -> None:
    assert (await bot.type(LIAM, "pulse", None)).heading == "No pulse is open"
    await bot.tick(SLOT)
    card = await bot.type(LIAM, "pulse", None)
    assert (await bot.press(LIAM, find_option(card, 3))).heading.startswith("You answered 3")
    assert chosen(await bot.type(LIAM, "pulse", None)) == ["3 · Neither"]
    assert chosen(await bot.type(ANNA, "pulse", None)) == []


def chosen(card: Card) -> list[str]:
    scales = [block for block in card.blocks if isinstance(block, Choices) and block.scale]
    return [choice.label for scale in scales for choice in scale.options if choice.style == "chosen"]


async def test_commands_leave_the_channel_alone(bot: SandboxBot) -> None:
    for text in ("help", "score", "vision", "privacy", "pulse", "nonsense"):
        await bot.type(ANNA, text)
    assert await bot.everything() == []


async def test_a_stopped_database_is_told_honestly(bot: SandboxBot) -> None:
    bot.damage("ALTER TABLE alliance RENAME TO hidden")
    card = await bot.type(CARLA, "score")
    assert card.heading == "Not saved"
    bot.damage("ALTER TABLE hidden RENAME TO alliance")
    assert "no score yet" in (await bot.type(CARLA, "score")).heading

"""Channels change: leads understand what happened, and no answer, reading or button is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alliance import MessageRef, Place
from bot.model.cards import Card, Text, to_plain_text
from bot.model.events import Change, Changed, Deleted, Edited, Joined, Left, Moved, Said
from bot.ports import PlatformError
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CLOSING,
    ELSEWHERE,
    HOUR,
    JOINT,
    LIAM,
    NORTHWIND,
    SAM,
    SLOT,
    SandboxBot,
    find_button,
    list_headings,
    make_member,
    open_sandbox_bot,
)

NEW = replace(JOINT, address="joint-2")
PREFIX = "Northwind × Meridian: "
REMOVED = "Meridian CRO removed its copy of me"


@pytest.mark.parametrize(
    ("change", "company", "heading", "words"),
    [
        ("renamed", "", "a joint channel has a new name", "You don't need to do anything"),
        ("archived", "", "a joint channel was archived", "send me “pulse”"),
        ("deleted", "", "a joint channel was deleted", "in another channel"),
        ("handed_over", "meridian", f"{REMOVED} from a joint channel", "from now on"),
        ("reopened", "", "a joint channel is open again", "Questions continue there"),
        ("shared", "meridian", "a joint channel is now shared with Meridian CRO", "can answer them"),
        ("unshared", "meridian", "a joint channel is no longer shared with Meridian CRO", "are kept"),
        ("shared", "fjordlab", "another company is in a joint channel", "neither Northwind Pharma nor"),
        ("refused", "fjordlab", "another company is in a joint channel", "stored nothing"),
        ("unshared", "fjordlab", "a joint channel is no longer shared with another company", "Nothing changes"),
    ],
)  # fmt: skip
async def test_both_leads_hear_once_what_happened_to_their_channel(
    bot: SandboxBot, change: Change, company: str, heading: str, words: str
) -> None:
    for channel in (JOINT, JOINT, ELSEWHERE):
        await bot.take(Changed(at=bot.at, channel=channel, change=change, company=company))
    for lead in (ANNA, BEN):
        (card,) = await bot.dms(lead)
        assert card.heading == PREFIX + heading and words in to_plain_text(card)
    assert await bot.channel() == []


async def test_a_third_company_is_claimed_with_one_tap_by_either_lead(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    await bot.answer(SAM, 4)
    stranger = make_member("sven", "fjordlab")
    await bot.take(Changed(at=bot.at, channel=JOINT, change="shared", company="fjordlab"))
    for who in (SAM, stranger, LIAM):
        await bot.take(Joined(at=bot.at, channel=JOINT, who=who))
    for lead in (ANNA, BEN):
        asked = [dm for dm in await bot.dms(lead) if "another company" in dm.heading]
        assert len(asked) == 1
    told = await bot.press(BEN, find_button(asked[0], "That's our company"))
    assert "count as Meridian CRO" in to_plain_text(told)
    assert bot.rows("SELECT side FROM answer") == [("cro",)]
    assert "That company is part of Meridian CRO" in to_plain_text(
        await bot.press(ANNA, find_button(asked[0], "That's our company"))
    )


async def test_what_was_refused_in_the_name_of_a_company_that_is_known_by_now_is_no_news(
    bot: SandboxBot,
) -> None:
    await bot.take(Changed(at=bot.at, channel=JOINT, change="refused", company="meridian"))
    assert await bot.everything() == []


async def test_a_member_whose_company_nobody_told_is_no_company(bot: SandboxBot) -> None:
    await bot.take(Joined(at=bot.at, channel=JOINT, who=replace(SAM, home=())))
    assert await bot.everything() == []


async def test_leads_hear_that_the_bot_is_back_and_members_get_no_second_welcome(bot: SandboxBot) -> None:
    await bot.invite()
    bot.at += HOUR
    await bot.take(Left(at=bot.at, channel=JOINT, who=None))
    bot.at += HOUR
    await bot.invite()
    await bot.invite()
    assert len(await bot.channel()) == 1
    assert list_headings(await bot.dms(ANNA)) == [
        PREFIX + "I am no longer in a joint channel",
        PREFIX + "I am back in a joint channel",
    ]


async def test_leads_hear_once_of_each_time_that_the_bot_went_however_often_it_is_told(
    bot: SandboxBot,
) -> None:
    """Two kinds of news, at two times; and news of the first time that comes late, after the return."""
    gone, back = PREFIX + "I am no longer in a joint channel", PREFIX + "I am back in a joint channel"
    went = [bot.at + minutes * HOUR / 60 for minutes in (0, 5)]
    for at in (*went, went[0]):
        await bot.take(Left(at=at, channel=JOINT, who=None))
    assert list_headings(await bot.dms(BEN)) == [gone]
    for hours in (1, 2):
        await bot.take(Joined(at=bot.at + hours * HOUR, channel=JOINT, who=None))
    for at in went:
        await bot.take(Left(at=at, channel=JOINT, who=None))
    assert list_headings(await bot.dms(BEN)) == [gone, back]
    for at in (bot.at + 3 * HOUR, bot.at + 4 * HOUR):
        await bot.take(Left(at=at, channel=JOINT, who=None))
    await bot.take(Joined(at=bot.at + 5 * HOUR, channel=JOINT, who=None))
    assert list_headings(await bot.dms(BEN)) == [gone, back, gone, back]


async def test_the_other_companys_copy_of_the_bot_comes_and_goes_in_silence(bot: SandboxBot) -> None:
    other = replace(JOINT, workspace="elsewhere")
    await bot.take(Joined(at=bot.at, channel=other, who=None))
    await bot.take(Left(at=bot.at, channel=other, who=None))
    assert await bot.everything() == []


# The address


async def test_what_is_told_through_the_other_installation_is_of_the_same_channel(bot: SandboxBot) -> None:
    other = replace(JOINT, workspace="elsewhere")
    await bot.take(Said(by=LIAM, at=bot.at, channel=other, message="m1", thread=None, text="great work"))
    assert bot.rows("SELECT alliance FROM reading") == [("northwind-meridian",)]
    assert (await bot.type(LIAM, "vision", other)).heading == "Northwind × Meridian"
    await bot.take(Deleted(at=bot.at + HOUR, channel=replace(JOINT, workspace="third"), message="m1"))
    assert bot.rows("SELECT deleted, polarity FROM reading") == [(1, None)]


async def test_a_channel_with_a_new_address_stays_the_same_channel(bot: SandboxBot) -> None:
    await bot.tick(SLOT)
    (question,) = await bot.channel()
    line = await bot.line_of_question()
    await bot.say(LIAM, "great work", "m1")
    for _ in range(2):
        await bot.take(Moved(at=bot.at, channel=JOINT, to="joint-2"))
    assert list_headings(await bot.dms(ANNA)) == [PREFIX + "a joint channel has a new address"]
    # readings and buttons of before, the old address and the new one alike
    await bot.take(Deleted(at=bot.at + HOUR, channel=NEW, message="m1"))
    assert bot.rows("SELECT deleted, polarity FROM reading") == [(1, None)]
    await bot.take(Said(by=LIAM, at=bot.at, channel=JOINT, message="m2", thread=line, text="fine"))
    await bot.take(Edited(at=bot.at + HOUR, by=LIAM, channel=NEW, message="m2", thread=line, text="awful"))
    assert bot.rows("SELECT count(*) FROM reading WHERE NOT deleted") == [(1,)]
    assert await bot.store.outbox.has_posted(NEW, line)
    assert (await bot.answer(LIAM, 4)).heading.startswith("You answered 4")
    # and what comes next goes to the new one
    await bot.tick(CLOSING)
    assert question.heading == (await bot.channel())[0].heading
    assert "Closed." in to_plain_text((await bot.channel())[0])
    await bot.tick(SLOT + 7 * 24 * HOUR)
    assert len(await bot.channel()) == 1 and len(await bot.channel(NEW)) == 1


@pytest.mark.parametrize("address", ["joint", "joint-3"])
async def test_declared_again_under_either_address_it_is_the_same_channel(
    bot: SandboxBot, address: str
) -> None:
    for old, new in (("joint", "joint-2"), ("joint-2", "joint-3")):
        await bot.take(Moved(at=bot.at, channel=replace(JOINT, address=old), to=new))
    await bot.store.alliances.declare(
        [replace(NORTHWIND, vision="New.", channels=(replace(JOINT, address=address),))]
    )
    for told in ("joint", "joint-2", "joint-3"):
        assert await bot.store.alliances.resolve_channel(replace(JOINT, address=told)) == replace(
            JOINT, address="joint-3"
        )
    await bot.tick(SLOT)
    assert len(await bot.channel(replace(JOINT, address="joint-3"))) == 1


async def test_it_can_move_back(bot: SandboxBot) -> None:
    await bot.take(Moved(at=bot.at, channel=JOINT, to="joint-2"))
    await bot.take(Moved(at=bot.at + HOUR, channel=NEW, to="joint"))
    await bot.tick(SLOT)
    assert len(await bot.channel()) == 1
    assert await bot.store.alliances.resolve_channel(NEW) == JOINT


async def test_another_installations_copy_of_the_channel_moves_nothing(bot: SandboxBot) -> None:
    """When sharing ends the invited company's copy gets a new address, and the host's keeps its own."""
    await bot.take(Moved(at=bot.at, channel=replace(JOINT, workspace="elsewhere"), to="joint-2"))
    await bot.tick(SLOT)
    assert await bot.dms(ANNA) == [] and len(await bot.channel()) == 1
    await bot.take(Said(by=LIAM, at=bot.at, channel=NEW, message="m1", thread=None, text="great"))
    assert bot.rows("SELECT * FROM reading") == []


async def test_one_address_cannot_be_declared_twice(bot: SandboxBot) -> None:
    with pytest.raises(ValueError, match="listed twice"):
        twice = (JOINT, replace(JOINT, workspace="elsewhere"))
        await bot.store.alliances.declare([replace(NORTHWIND, channels=twice)])


# A question that could not be put there


class Barred:
    """The sandbox, but for channels in which nobody can write."""

    name = "sandbox"

    def __init__(self, real: object) -> None:
        self.real = real
        self.barred = {JOINT}

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    async def post(self, place: Place, card: Card, delivery_id: str) -> MessageRef:
        if place in self.barred:
            raise PlatformError("refused", "is_archived")
        return await self.real.post(place, card, delivery_id)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("how", ["reopened", "moved", "back", "back unseen"])
async def test_a_question_that_was_refused_is_asked_once_the_channel_takes_it(
    tmp_path: Path, how: str
) -> None:
    async with open_sandbox_bot(tmp_path) as bot:
        gate = Barred(bot.platforms["sandbox"])
        bot.platforms["sandbox"] = gate  # type: ignore[assignment]
        if how != "back unseen":  # not every platform tells that the bot was taken out
            await bot.take(Left(at=bot.at, channel=JOINT, who=None))
        await bot.tick(SLOT)
        assert await bot.channel() == []
        told = [dm for dm in await bot.dms(BEN) if "could not be posted" in dm.heading]
        assert len(told) == 1 and "(is_archived)" in to_plain_text(told[0])
        assert (await bot.type(LIAM, "pulse", None)).heading.startswith("Northwind × Meridian: pulse of")
        gate.barred.clear()
        news = {
            "reopened": Changed(at=bot.at, channel=JOINT, change="reopened"),
            "moved": Moved(at=bot.at, channel=JOINT, to="joint-2"),
            "back": Joined(at=bot.at, channel=JOINT, who=None),
        }[how.removesuffix(" unseen")]
        for _ in range(2):
            await bot.take(news)
        where = NEW if how == "moved" else JOINT
        questions = [card for card in await bot.channel(where) if "pulse of" in card.heading and _asks(card)]
        assert len(questions) == 1
        await bot.tick(CLOSING)
        assert "Closed." in str([to_plain_text(card) for card in await bot.channel(where)])


async def test_where_one_channel_is_open_again_nothing_is_asked_in_another(tmp_path: Path) -> None:
    async with open_sandbox_bot(tmp_path, replace(NORTHWIND, channels=(JOINT, ELSEWHERE))) as bot:
        gate = Barred(bot.platforms["sandbox"])
        gate.barred.add(ELSEWHERE)
        bot.platforms["sandbox"] = gate  # type: ignore[assignment]
        await bot.tick(SLOT)
        gate.barred.clear()
        await bot.take(Changed(at=bot.at, channel=JOINT, change="reopened"))
        assert (len(await bot.channel(JOINT)), len(await bot.channel(ELSEWHERE))) == (1, 0)
        await bot.take(Changed(at=bot.at, channel=ELSEWHERE, change="reopened"))
        assert (len(await bot.channel(JOINT)), len(await bot.channel(ELSEWHERE))) == (1, 1)


def _asks(card: Card) -> bool:
    return any(isinstance(block, Text) and "One tap per question" in block.text for block in card.blocks)

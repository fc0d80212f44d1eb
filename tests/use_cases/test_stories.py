"""You said, we did: a lead writes it, a lead of the other side agrees, and the channel reads it once."""

import asyncio

from bot.model.cards import Choice, Input, SendWords, to_plain_text
from tests.use_cases.raised_alerts import BOTH, OWN, raise_alerts
from tests.use_cases.sandbox_bot import ANNA, BEN, DAY, LIAM, SandboxBot, find_button, list_headings

TEXT = "Meet every Monday about the vendor list"
STORY = "You said that handovers take too long. We meet every Monday now."


async def finish(bot: SandboxBot, kind: str = BOTH) -> str:
    """Plan an action as Ben, and do it; return its id."""
    await raise_alerts(bot, kind)
    await bot.type(BEN, f"plan 0 {TEXT}")
    ((action,),) = bot.rows("SELECT id FROM action")
    await bot.type(BEN, f"done {action}")
    return str(action)


async def propose(bot: SandboxBot, action: str, story: str = STORY) -> Choice:
    """Propose the words as Ben; return the button by which Anna agrees."""
    assert (await bot.type(BEN, f"tell {action} {story}")).heading == "Waiting for agreement"
    asked = [card for card in await bot.dms(ANNA) if "wants to tell the channel" in card.heading]
    return find_button(asked[-1], "Agree and post it")


async def list_stories(bot: SandboxBot) -> list[str]:
    return [to_plain_text(card) for card in await bot.channel() if card.heading == "You said, we did"]


async def test_the_form_begins_with_the_action_and_the_other_side_agrees_by_a_tap(bot: SandboxBot) -> None:
    action = await finish(bot)
    listed = await bot.type(BEN, "actions")
    form = await bot.press(BEN, find_button(listed, "Tell the channel"))
    (field,) = [block for block in form.blocks if isinstance(block, Input)]
    assert field.value == f"You said that working together got harder. We did this: {TEXT}"
    assert find_button(form, "Ask for agreement").action == SendWords(f"tell {action} northwind-meridian")
    agree = await propose(bot, action)
    assert await list_stories(bot) == []
    bot.at += 7 * DAY
    said = await bot.press(ANNA, agree)
    assert said.heading == "Posted in the channel" and "10 days after the alert" in to_plain_text(said)
    (posted,) = await list_stories(bot)
    assert STORY in posted and "From the alliance leads of Northwind Pharma and Meridian CRO." in posted
    assert "Done, and told in the channel" in to_plain_text(await bot.type(ANNA, "actions"))
    assert STORY.encode() not in bot.bytes()


async def test_it_is_posted_once_however_often_and_by_whichever_process_it_is_agreed(bot: SandboxBot) -> None:
    agree = await propose(bot, await finish(bot))
    async with bot.another() as other:
        other.at = bot.at
        cards = await asyncio.gather(*((bot if n % 2 else other).press_only(ANNA, agree) for n in range(4)))
    await bot.deliver()
    assert "Posted in the channel" in list_headings(cards)
    assert (await bot.press(ANNA, agree)).heading == "This is over"
    assert len(await list_stories(bot)) == 1


async def test_a_side_cannot_agree_to_its_own_words_nor_to_words_that_have_changed(bot: SandboxBot) -> None:
    action = await finish(bot)
    agree = await propose(bot, action)
    assert (await bot.press(BEN, agree)).heading == "Your side wrote this"
    newer = await propose(bot, action, "You said it. We did it.")
    assert (await bot.press(ANNA, agree)).heading == "This is over"
    assert (await bot.press(LIAM, newer)).heading == "For the alliance leads"
    assert await list_stories(bot) == []
    await bot.press(ANNA, newer)
    (posted,) = await list_stories(bot)
    assert "We did it." in posted and STORY not in posted


async def test_words_that_were_declined_are_not_posted_and_their_writer_hears_it(bot: SandboxBot) -> None:
    action = await finish(bot)
    agree = await propose(bot, action)
    asked = next(card for card in await bot.dms(ANNA) if "wants to tell" in card.heading)
    assert (await bot.press(ANNA, find_button(asked, "Not like this"))).heading == "Not posted"
    assert "would say it differently" in (await bot.dms(BEN))[-1].heading
    assert (await bot.press(ANNA, agree)).heading == "This is over"
    assert await list_stories(bot) == []
    await bot.press(ANNA, await propose(bot, action))
    assert len(await list_stories(bot)) == 1


async def test_nothing_is_told_of_what_is_not_done_or_of_one_side_alone(bot: SandboxBot) -> None:
    action = await finish(bot, OWN)
    refused = await bot.type(BEN, f"tell {action} {STORY}")
    assert refused.heading == "Nothing to tell yet" and "your side alone" in to_plain_text(refused)
    assert "Tell the channel" not in str(await bot.type(BEN, "actions"))
    assert (await bot.type(ANNA, f"tell {action} {STORY}")).heading == "I don't know this action"
    await raise_alerts(bot, BOTH, week=1)
    await bot.type(BEN, f"plan 1 {TEXT}")
    ((other,),) = bot.rows("SELECT id FROM action WHERE state = 'open'")
    assert "Press “Done” first" in to_plain_text(await bot.type(BEN, f"tell {other} {STORY}"))
    assert not [card for card in await bot.dms(ANNA) if "wants to tell" in card.heading]


async def test_the_words_are_screened_as_comments_are(bot: SandboxBot) -> None:
    action = await finish(bot)
    said = await bot.type(BEN, f"tell {action} We know why subject 1002-0457 died after the second dose")
    assert said.heading == "This belongs somewhere else"
    assert (await bot.type(BEN, f"tell {action} {'a' * 501}")).heading == "Too long"
    assert bot.rows("SELECT story FROM action") == [(None,)]
    assert b"1002-0457" not in bot.bytes()


async def test_what_came_of_it_is_in_the_audit_log_without_words(bot: SandboxBot) -> None:
    action = await finish(bot)
    agree = await propose(bot, action)
    await bot.press(BEN, agree)
    await bot.press(ANNA, agree)
    newest = [(entry.act, entry.detail) for entry in await bot.store.audit.list_newest(3)]
    assert newest[::-1] == [
        ("tell", f"cro {action}: proposed"),
        ("agree", "cro: refused, its own side wrote it"),
        ("agree", f"sponsor {action}: posted"),
    ]

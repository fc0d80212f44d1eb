"""What every chat platform promises to the core, asked of each through its own protocol."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.model.alliance import Channel, Member, Side
from bot.model.cards import (
    AnswerWith,
    Card,
    Check,
    Choice,
    Choices,
    Input,
    Quote,
    RunCommand,
    SendComment,
    Text,
)
from bot.model.events import Answered, Commanded, Commented, Deleted, Echoed, Edited, Said
from bot.ports import PlatformError
from bot.wording.loop.actions import write_action_form
from bot.wording.loop.alerts import AlertLine, write_alert_card
from tests.contract.world import Skill, World
from tests.contract.worlds import WORLDS
from tests.rules.surface import ALLIANCE

OPTIONS = (("1 · A", 1), ("2 · B", 2), ("3 · C", 3), ("4 · D", 4), ("5 · E", 5), ("Can't judge", None))
QUESTION = Card(
    "Pulse of Tue 3 Nov",
    (
        Text("How do we work together, this week?"),
        Choices(
            tuple(Choice(label, AnswerWith("r1", "vision@1", value)) for label, value in OPTIONS),
            "We share one plan",
            scale=True,
        ),
        Choices((Choice("Comment", RunCommand("comment r1")),)),
    ),
)
FORM = Card(
    "Confidential comment",
    (
        Input("text", "Your comment", hint="What should change?"),
        Check("share", "The other side may read it"),
        Choices((Choice("Send", SendComment("r1"), "primary"),)),
    ),
)
WITHOUT: dict[Skill, str] = {
    "direct": "it has no direct messages that last",
    "find": "no bot may look for a message there, so an operator looks, which has tests of its own",
    "fail": "it stores in the bot's own database: there is no far side that could fail",
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    needed: Skill | None = getattr(request.function, "needs", None)
    async with WORLDS[request.param]() as made:
        if needed and needed not in made.can:
            pytest.skip(f"{request.param}: {WITHOUT[needed]}")
        yield made


def needs(skill: Skill):  # type: ignore[no-untyped-def]
    """The test is for platforms that can do this."""

    def mark(test):  # type: ignore[no-untyped-def]
        test.needs = skill
        return test

    return mark


async def test_a_posted_card_stands_in_the_channel_with_its_words_and_buttons(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d1")
    (shown,) = [message for message in await world.messages(world.channel) if message.ref == ref]
    assert "Pulse of Tue 3 Nov" in shown.text
    assert "We share one plan" in shown.text
    assert shown.buttons == ("1 · A", "2 · B", "3 · C", "4 · D", "5 · E", "Can't judge", "Comment")


async def test_a_member_is_written_to_in_private(world: World) -> None:
    who = world.people[0]
    ref = await world.platform.post(who, Card("Only for you"), "d2")
    assert [message.text for message in await world.messages(who) if message.ref == ref] == ["Only for you"]
    assert all("Only for you" not in message.text for message in await world.messages(world.channel))


async def test_an_updated_message_keeps_its_place_and_shows_the_new_card(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d3")
    await world.platform.update(world.channel, ref, Card("Closed", (Text("Thank you"),)))
    (shown,) = [message for message in await world.messages(world.channel) if message.ref == ref]
    assert (shown.text, shown.buttons) == ("Closed\nThank you", ())


async def test_a_direct_message_can_be_updated(world: World) -> None:
    who = world.people[-1]
    ref = await world.platform.post(who, QUESTION, "d4")
    await world.platform.update(who, ref, Card("Closed"))
    assert [message.text for message in await world.messages(who)] == ["Closed"]


async def test_members_are_the_people_with_their_companies_and_no_bots(world: World) -> None:
    found = await world.platform.members(world.channel)
    assert {(member.id, member.home) for member in found} == {
        (person.id, person.home) for person in world.people
    }
    assert len({member.home for member in found}) >= 2


@needs("find")
async def test_a_posted_delivery_is_found_by_its_id_and_no_other_is(world: World) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    for place in (world.channel, world.people[0]):
        ref = await world.platform.post(place, QUESTION, f"d5-{place!r}"[:40])
        await world.platform.post(place, QUESTION, "another")
        assert await world.platform.find(place, f"d5-{place!r}"[:40], since) == ref
        assert await world.platform.find(place, "never posted", since) is None


@pytest.mark.parametrize("label, value", [("1", 1), ("4", 4), ("Can't judge", None)])
async def test_pressing_a_posted_button_answers_for_who_pressed(
    world: World, label: str, value: int | None
) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d6")
    for who in (world.people[0], world.people[-1]):
        await world.press(who, world.channel, ref, label)
        (event,) = [event for event in world.inbox.taken if isinstance(event, Answered) and event.by == who]
        assert (event.round, event.item, event.value) == ("r1", "vision@1", value)
        assert event.by.home[0] == who.home[0]
        assert event.at > LONG_AGO


async def test_a_button_in_a_direct_message_works_too(world: World) -> None:
    who = world.people[-1]
    ref = await world.platform.post(who, QUESTION, "d7")
    await world.press(who, who, ref, "2")
    (event,) = world.inbox.taken
    assert isinstance(event, Answered) and event.by == who and event.value == 2


async def test_the_confirmation_is_seen_by_nobody_else(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d8")
    world.inbox.card = Card("You answered 4", (Text("Change it until Thursday"),))
    who, other = world.people[-1], world.people[0]
    before = len(await world.messages(world.channel))
    await world.press(who, world.channel, ref, "4")
    assert "You answered 4" in (await world.private(who))[-1]
    assert not any("You answered" in text for text in await world.private(other))
    assert len(await world.messages(world.channel)) == before


async def test_what_is_said_arrives_with_author_company_and_text_as_typed(world: World) -> None:
    text = 'Dose < 5 mg & "fine" > ok? ünï🙂'
    for who in (world.people[0], world.people[-1]):
        message = await world.say(who, text)
        said = [event for event in world.inbox.taken if isinstance(event, Said) and event.message == message]
        assert [(event.by, event.by.home[0], event.text) for event in said] == [(who, who.home[0], text)]
        assert (said[0].channel, said[0].thread) == (world.channel, None)


@needs("threads")
async def test_a_reply_names_the_message_its_thread_hangs_on(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d9")
    await world.say(world.people[-1], "I do not think so", thread=ref.id)
    (said,) = world.inbox.taken
    assert isinstance(said, Said) and said.thread == ref.id


@needs("edit")
async def test_an_edit_arrives_under_the_message_it_changes(world: World) -> None:
    message = await world.say(world.people[0], "good")
    await world.edit(world.people[0], message, "bad")
    said, edited = world.inbox.taken
    assert isinstance(said, Said) and isinstance(edited, Edited)
    assert (edited.message, edited.text, edited.by) == (message, "bad", said.by)
    assert edited.at > said.at


@needs("delete")
async def test_a_deletion_arrives_under_the_message_it_removes(world: World) -> None:
    message = await world.say(world.people[0], "good")
    await world.delete(world.people[0], message)
    said, deleted = world.inbox.taken
    assert isinstance(said, Said) and isinstance(deleted, Deleted)
    assert (deleted.message, deleted.channel) == (message, world.channel)


async def test_the_bots_own_messages_are_not_taken_for_people(world: World) -> None:
    await world.echo(await world.platform.post(world.channel, QUESTION, "d10"))
    assert [event for event in world.inbox.taken if not isinstance(event, Echoed)] == []


async def test_either_company_can_give_a_command_and_sees_its_answer_alone(world: World) -> None:
    world.inbox.card = Card("Alignment 72")
    for who in (world.people[0], world.people[-1]):
        await world.command(who, "score  nw-101")
        event = world.inbox.taken[-1]
        assert isinstance(event, Commanded) and (event.by, event.text) == (who, "score nw-101")
        assert isinstance(event.channel, Channel)
        assert "Alignment 72" in (await world.private(who))[-1]
    assert all("Alignment 72" not in message.text for message in await world.messages(world.channel))


MARKED = Card(
    "You answered 4 · Agree",
    (
        Text("You can change it until Friday."),
        Choices(
            tuple(
                Choice(label, AnswerWith("r1", "i1", value), "chosen" if value == 4 else "plain")
                for value, label in ((3, "3 · Neither"), (4, "4 · Agree"))
            ),
            "We share a vision.",
            scale=True,
        ),
    ),
)
"""A reply that shows what somebody answered."""


@needs("direct")
async def test_a_message_that_lasts_never_shows_what_somebody_answered(world: World) -> None:
    """A direct message stays in the workspace that installed the bot, where it can be exported."""
    who = world.people[-1]
    world.inbox.card = MARKED
    await world.write(who, "pulse")
    await world.command(who, "pulse")
    ref = await world.platform.post(who, QUESTION, "d15")
    await world.press(who, who, ref, "4")
    for message in await world.messages(who):
        assert "You answered" not in message.text and "✓" not in " ".join(message.buttons)
    asked = [message for message in await world.messages(who) if "We share a vision." in message.text]
    assert asked and "Your answer is saved" in asked[-1].text and "Show my answers" in asked[-1].buttons
    assert "You answered 4" in (await world.private(who))[-1]


@needs("form")
async def test_a_form_opens_for_who_asked_and_brings_back_a_comment(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d11")
    who: Member = world.people[-1]
    world.inbox.card = FORM
    await world.press(who, world.channel, ref, "Comment")
    asked = world.inbox.taken[-1]
    assert isinstance(asked, Commanded) and asked.text == "comment r1"
    world.inbox.card = Card("Thank you")
    await world.send_form(who, "Meet <earlier> & often", True)
    got = world.inbox.taken[-1]
    assert isinstance(got, Commented)
    assert (got.by, got.by.home[0], got.round) == (who, who.home[0], "r1")
    assert (got.text, got.share, got.reviewed) == ("Meet <earlier> & often", True, False)
    assert "Thank you" in (await world.private(who))[-1]


async def test_the_guards_buttons_come_back_as_they_are_and_show_their_reply_to_the_writer_alone(
    world: World,
) -> None:
    """What `bot/wording/guard.py` offers under a held comment: two commands, whose values name no words."""
    keep, formal = "keep 0123456789abcdef r1 nw-101", "formal r1 nw-101"
    options = (Choice("Show me the formal path", RunCommand(formal)), Choice("Keep it", RunCommand(keep)))
    ref = await world.platform.post(
        world.channel, Card("About working together?", (Choices(options),)), "d13"
    )
    who = world.people[-1]
    for label, value in (("Keep it", keep), ("Show me the formal path", formal)):
        world.inbox.card = Card(f"Reply to {label}")
        await world.press(who, world.channel, ref, label)
        got = world.inbox.taken[-1]
        assert isinstance(got, Commanded) and (got.by, got.text) == (who, value)
        assert f"Reply to {label}" in (await world.private(who))[-1]
    assert all("Reply to" not in shown.text for shown in await world.messages(world.channel))


@needs("form")
async def test_a_form_of_a_command_comes_back_as_the_command_with_what_was_typed(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d17")
    who = world.people[-1]
    world.inbox.card = write_action_form(ALLIANCE, "9", None)
    await world.press(who, world.channel, ref, "Comment")
    world.inbox.card = Card("Planned")
    await world.send_form(who, "Meet <earlier>\n& often", False)
    got = world.inbox.taken[-1]
    assert isinstance(got, Commanded)
    assert (got.by, got.by.home[0]) == (who, who.home[0])
    assert got.text == f"plan 9 {ALLIANCE.key} Meet <earlier> & often"
    assert "Planned" in (await world.private(who))[-1]


async def test_each_button_of_an_alert_comes_back_as_the_command_that_it_is(world: World) -> None:
    line = AlertLine("9", "level", date(2026, 1, 6), "seen", "nobody", asks=Side.CRO)
    card = write_alert_card(ALLIANCE, Side.SPONSOR, [line])
    ref = await world.platform.post(world.people[0], card, "d16")
    options = [choice for block in card.blocks if isinstance(block, Choices) for choice in block.options]
    assert len(options) == 11
    for choice in options:
        await world.press(world.people[0], world.people[0], ref, choice.label)
        got = world.inbox.taken[-1]
        assert isinstance(got, Commanded) and isinstance(choice.action, RunCommand)
        assert (got.by, got.text) == (world.people[0], choice.action.text)


@needs("form")
async def test_a_form_that_asks_for_held_words_again_says_so_when_it_is_sent(world: World) -> None:
    ref = await world.platform.post(world.channel, QUESTION, "d14")
    who = world.people[-1]
    form = Choices((Choice("Send", SendComment("r1", reviewed=True), "primary"),))
    world.inbox.card = Card(FORM.heading, (*FORM.blocks[:-1], form))
    await world.press(who, world.channel, ref, "Comment")
    world.inbox.card = Card("Thank you")
    await world.send_form(who, "Meet earlier", False)
    got = world.inbox.taken[-1]
    assert isinstance(got, Commented) and got.reviewed and (got.round, got.text) == ("r1", "Meet earlier")


async def test_words_are_shown_as_written_and_are_never_markup(world: World) -> None:
    hostile = "<!channel> *bold* <@U0ANNA> & [x](http://example.com) <script>alert(1)</script>"
    ref = await world.platform.post(world.channel, Card("Quoted", (Quote(hostile), Text(hostile))), "d12")
    (shown,) = [message for message in await world.messages(world.channel) if message.ref == ref]
    assert shown.text.count(hostile) == 2
    world.inbox.card = Card("Quoted", (Text(hostile),))
    question = await world.platform.post(world.channel, QUESTION, "d12-question")
    await world.press(world.people[-1], world.channel, question, "4")
    assert hostile in (await world.private(world.people[-1]))[-1]


@needs("fail")
@pytest.mark.parametrize("fault", ["refused", "later", "unknown"])
async def test_a_failure_says_what_is_known(world: World, fault: str) -> None:
    world.fail_next(fault)  # type: ignore[arg-type]
    since = datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(world.channel, QUESTION, "d13")
    assert raised.value.kind == fault
    if "find" not in world.can:
        with pytest.raises(PlatformError, match="cannot_be_searched"):
            await world.platform.find(world.channel, "d13", since)
        return
    found = await world.platform.find(world.channel, "d13", since)
    assert (found is not None) == (fault == "unknown")

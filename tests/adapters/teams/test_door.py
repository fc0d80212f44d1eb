"""What arrives from Teams, and what the person who acted gets to see."""

import time
from collections.abc import AsyncIterator

import pytest

from bot.model.alliance import Channel
from bot.model.cards import AnswerWith, Card, Choice, Choices, RunCommand, Text
from bot.model.events import Answered, Commanded, Commented, Said
from bot.ports import StoreUnavailable, TakenElsewhere
from tests.contract.teams_world import TeamsWorld, wired
from tests.far import adaptive
from tests.far.teams_state import JOINT, MERIDIAN, NORTHWIND, Person, Posted, two_tenants

ANNA, BEN = "29:1-1-0", "29:1-2-0"
QUESTION = Card(
    "Pulse",
    (
        Choices((Choice("4 · Agree", AnswerWith("r1", "vision@1", 4)),), "We share one plan", scale=True),
        Choices((Choice("Comment", RunCommand("comment r1")),)),
    ),
)


@pytest.fixture
async def world() -> AsyncIterator[TeamsWorld]:
    async with wired(two_tenants(time.time, people=3)) as made:
        yield made


async def ask_question(world: TeamsWorld) -> Posted:
    ref = await world.platform.post(world.channel, QUESTION, "d1")
    found = world.far.state.message(ref.address, ref.id)
    assert found
    return found


async def test_words_in_the_personal_chat_are_a_command_and_answered_there(world: TeamsWorld) -> None:
    world.inbox.card = Card("Alignment 72")
    await world.hand.write(ANNA, "score&more")
    await world.door.replies.drain(2)
    (event,) = world.inbox.taken
    assert isinstance(event, Commanded) and (event.text, event.channel) == ("score&more", None)
    assert await world.private(event.by) == ["Alignment 72"]


async def test_a_mention_is_a_command_without_the_mention_wherever_it_stands(world: TeamsWorld) -> None:
    await world.hand.say(BEN, "  digest   now ", mention=True)
    (event,) = world.inbox.taken
    assert isinstance(event, Commanded) and event.text == "digest now"
    assert event.by.home == (MERIDIAN,) and event.channel == world.channel


async def test_who_has_no_personal_chat_gets_a_button_that_shows_the_answer_to_who_presses_it(
    world: TeamsWorld,
) -> None:
    world.far.state.people[BEN].has_app = False
    world.inbox.card = Card("Alignment 72")
    await world.hand.say(BEN, "score", mention=True)
    await world.door.replies.drain(2)
    offered = world.far.state.chats[JOINT].messages[-1]
    assert offered.card and "Alignment" not in adaptive.words(offered.card)
    await world.hand.press(BEN, offered, "Show it to me")
    assert [adaptive.words(card) for card in world.hand.shown[BEN]] == ["Alignment 72"]
    event = world.inbox.taken[-1]
    assert isinstance(event, Commanded) and event.text == "score"


async def test_a_guest_whose_tenant_the_roster_hides_is_not_taken_for_the_hosts(world: TeamsWorld) -> None:
    world.far.state.people[BEN].tells_home = False
    await world.hand.say(BEN, "good")
    await world.hand.say(ANNA, "good")
    homes = [event.by.home for event in world.inbox.taken if isinstance(event, Said)]
    assert homes == [(f"guests-of-{NORTHWIND}",), (NORTHWIND,)]


async def test_somebody_whom_no_roster_knows_has_no_company(world: TeamsWorld) -> None:
    ghost = Person("29:ghost", "00000009-0000-4000-8000-000000000000", NORTHWIND, NORTHWIND)
    world.far.state.people[ghost.mri] = ghost
    await world.hand.say(ghost.mri, "good")
    (event,) = world.inbox.taken
    assert isinstance(event, Said) and event.by.home == ()


async def test_somebody_of_a_shared_channel_belongs_to_the_company_that_holds_their_account(
    world: TeamsWorld,
) -> None:
    """Direct connect has no guest accounts: the roster names the other tenant, the activity the host's."""
    mei = Person("29:shared", "00000007-0000-4000-8000-000000000000", MERIDIAN, MERIDIAN)
    world.far.state.people[mei.mri] = mei
    world.far.state.chats[JOINT].members.append(mei.mri)
    await world.hand.say(mei.mri, "good")
    (event,) = world.inbox.taken
    assert isinstance(event, Said) and event.by.home == (MERIDIAN,)
    assert event.by.id == f"{MERIDIAN}/{mei.object_id}"


async def test_somebody_whom_no_roster_knew_is_looked_up_again(world: TeamsWorld) -> None:
    late = Person("29:late", "00000008-0000-4000-8000-000000000000", NORTHWIND, NORTHWIND)
    world.far.state.people[late.mri] = late
    await world.hand.say(late.mri, "good")
    world.far.state.chats[JOINT].members.append(late.mri)
    await world.hand.say(late.mri, "good")
    assert [event.by.home for event in world.inbox.taken if isinstance(event, Said)] == [(), (NORTHWIND,)]


async def test_an_answer_by_button_says_that_its_confirmation_takes_the_questions_place(
    world: TeamsWorld,
) -> None:
    posted = await ask_question(world)
    world.inbox.card = Card("You answered 4", QUESTION.blocks)
    await world.hand.press(ANNA, posted, "4")
    await world.hand.submit(ANNA, posted, "4")
    await world.door.replies.drain(2)
    assert [event.in_place for event in world.inbox.taken if isinstance(event, Answered)] == [True, False]
    assert adaptive.labels(world.hand.shown[ANNA][-1]) == ["4 · Agree", "Comment"]


async def test_a_slash_command_is_answered_where_it_was_given_and_seen_by_nobody_else(
    world: TeamsWorld,
) -> None:
    world.inbox.card = Card("Alignment 72")
    await world.hand.say(BEN, "/score", targeted=True)
    await world.door.replies.drain(2)
    (event,) = world.inbox.taken
    assert isinstance(event, Commanded) and (event.text, event.channel) == ("score", world.channel)
    ((to, whispered),) = world.far.state.chats[JOINT].whispers
    assert to == BEN and whispered.card and adaptive.words(whispered.card) == "Alignment 72"
    assert all("Alignment" not in message.text for message in await world.messages(event.by))
    world.far.state.has_targeted = False
    await world.hand.say(BEN, "score", targeted=True)
    await world.door.replies.drain(2)
    assert [message.text for message in await world.messages(event.by)] == ["Alignment 72"]
    assert len(world.far.state.chats[JOINT].whispers) == 1


async def test_a_crowd_costs_one_reading_of_the_roster(world: TeamsWorld) -> None:
    for who in world.far.state.chats[JOINT].members:
        await world.hand.say(who, "good")
    assert len(world.inbox.taken) == 6
    asked = [path for path in world.far.asked if "members" in path]
    assert len([path for path in asked if path.endswith("pagedmembers")]) == 2  # pages of five
    assert len(asked) == 2


async def test_while_the_roster_is_silent_nothing_is_lost_in_silence(world: TeamsWorld) -> None:
    posted = await ask_question(world)
    world.far.fail("roster", "503")
    await world.hand.press(ANNA, posted, "4")
    assert world.inbox.taken == []
    assert "Not saved" in adaptive.words(world.hand.shown[ANNA][-1])
    world.far.fail("roster", "503")
    sent = world.hand.activity("message", world.far.state.people[ANNA], world.far.state.chats[JOINT], JOINT)
    assert (await world.hand.deliver(sent | {"text": "hello"})).status == 503
    assert (await world.hand.deliver(sent | {"text": "hello"})).status == 200
    assert len(world.inbox.taken) == 1


@pytest.mark.parametrize("failure", [StoreUnavailable(), TakenElsewhere()])
async def test_a_message_delivered_again_is_the_same_one_and_one_not_stored_is_asked_for_again(
    world: TeamsWorld, failure: Exception
) -> None:
    sent = world.hand.activity("message", world.far.state.people[ANNA], world.far.state.chats[JOINT], JOINT)
    world.inbox.failure = failure
    assert (await world.hand.deliver(sent | {"text": "hello"})).status == 503
    world.inbox.failure = None
    for _ in range(3):
        assert (await world.hand.deliver(sent | {"text": "hello"})).status == 200
    assert len(set(world.inbox.taken)) == 1


async def test_an_old_clients_button_is_the_same_answer_confirmed_in_the_personal_chat(
    world: TeamsWorld,
) -> None:
    posted = await ask_question(world)
    world.inbox.card = Card("You answered 4")
    assert (await world.hand.submit(ANNA, posted, "4")).status == 200
    await world.door.replies.drain(2)
    (event,) = world.inbox.taken
    assert isinstance(event, Answered) and event.value == 4
    assert await world.private(event.by) == ["You answered 4"]


async def test_after_an_answer_there_is_a_way_back_to_the_questions(world: TeamsWorld) -> None:
    posted = await ask_question(world)
    world.inbox.card = Card("You answered 4", (Text("Thank you"),))
    await world.hand.press(ANNA, posted, "4")
    await world.hand.execute(ANNA, posted.conversation, posted.id, world.hand.shown[ANNA][-1], "Back", {})
    event = world.inbox.taken[-1]
    assert isinstance(event, Commanded) and event.text == "pulse" and event.channel == world.channel


@pytest.mark.parametrize("pulse", [None, 5, "", "x|y", "a|r1|vision@1|6", "a|r1|vision@1"])
async def test_a_button_that_is_not_of_the_bot_is_refused(world: TeamsWorld, pulse: object) -> None:
    posted = await ask_question(world)
    assert posted.card
    sent = world.hand.execution(ANNA, posted.conversation, posted.id, posted.card, "4", {})
    sent["value"]["action"]["data"] = {"pulse": pulse}
    assert (await world.hand.deliver(sent)).status == 400
    sent["value"] = pulse
    assert (await world.hand.deliver(sent)).status == 400
    assert (await world.hand.deliver(sent | {"name": "task/fetch"})).status == 400
    assert world.inbox.taken == []


async def test_a_comment_without_words_or_with_strange_ones_does_no_harm(world: TeamsWorld) -> None:
    posted = await ask_question(world)
    assert posted.card
    sent = world.hand.execution(ANNA, posted.conversation, posted.id, posted.card, "4", {})
    for given in ({}, {"text": 5, "share": True}, {"text": "fine", "share": "true"}):
        sent["value"]["action"]["data"] = {"pulse": "c|r1", **given}
        assert (await world.hand.deliver(sent)).status == 200
    told = [(event.text, event.share) for event in world.inbox.taken if isinstance(event, Commented)]
    assert told == [("", False), ("", False), ("fine", True)]


async def test_half_a_character_and_nul_arrive_as_what_a_database_can_hold(world: TeamsWorld) -> None:
    sent = world.hand.activity("message", world.far.state.people[ANNA], world.far.state.chats[JOINT], JOINT)
    for text in ("a\ud83d b\x00", "🙂 \ude00"):
        assert (await world.hand.deliver(sent | {"text": text, "id": f"{text}1"})).status == 200
    said = [event for event in world.inbox.taken if isinstance(event, Said)]
    assert [event.text for event in said] == ["a\ufffd b\ufffd", "🙂 \ufffd"]
    assert [event.message for event in said] == ["a\ufffd b\ufffd1", "🙂 \ufffd1"]


async def test_other_programs_and_the_bot_itself_are_not_people(world: TeamsWorld) -> None:
    chat, anna = world.far.state.chats[JOINT], world.far.state.people[ANNA]
    for author in ({"id": "28:other"}, {"id": "29:connector"}, {}):
        sent = world.hand.activity("message", anna, chat, JOINT) | {"from": author, "text": "hello"}
        assert (await world.hand.deliver(sent)).status == 200
    assert world.inbox.taken == []


async def test_edits_in_the_personal_chat_and_of_commands_are_left_alone(world: TeamsWorld) -> None:
    message = await world.hand.write(ANNA, "help")
    chat = world.far.state.personal(world.far.state.people[ANNA])
    await world.hand.edit(ANNA, message, "helpp", chat.id)
    await world.hand.delete(ANNA, message, chat.id)
    assert [type(event) for event in world.inbox.taken] == [Commanded]


async def test_mentions_of_others_and_markup_are_not_read_for_mood(world: TeamsWorld) -> None:
    chat, anna = world.far.state.chats[JOINT], world.far.state.people[ANNA]
    sent = world.hand.activity("message", anna, chat, JOINT)
    text = "<at>Happy Ben</at>&nbsp;<b>this</b> is &lt; fine &amp; <p>good</p>"
    await world.hand.deliver(
        sent | {"text": text, "entities": [{"type": "mention", "mentioned": {"id": "29:x"}}]}
    )
    (event,) = world.inbox.taken
    assert isinstance(event, Said) and event.text.split() == ["this", "is", "<", "fine", "&", "good"]
    assert event.channel == Channel("teams", NORTHWIND, JOINT)

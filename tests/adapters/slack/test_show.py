"""Test that a private reply follows only after the answer is stored, to one person, by any call that works."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from adapters.shared import reply_lanes
from adapters.slack import webhook
from bot.model.cards import AnswerWith, Card, Check, Choice, Choices, Input, RunCommand, SendComment, Text
from bot.model.events import Event
from bot.wording.confirmations import report_not_saved
from tests.contract.slack_world import SlackWorld, wired
from tests.contract.world import RecordingInbox
from tests.far.canary import serve_canary
from tests.far.slack_state import Posted, two_companies

QUESTION = Card(
    "Pulse", (Choices((Choice("4", AnswerWith("r1", "v@1", 4)), Choice("C", RunCommand("comment r1")))),)
)
CONFIRMED = Card("You answered 4", (Choices((Choice("5", AnswerWith("r1", "v@1", 5)),), "Change it"),))
FORM = Card(
    "Confidential comment",
    (Input("text", "Comment"), Check("share", "Share"), Choices((Choice("Send", SendComment("r1")),))),
)
WHO = "U0MERI001"


@pytest.fixture
async def world() -> AsyncIterator[SlackWorld]:
    async with wired(two_companies(time.time, people=3)) as made:
        yield made


async def _question(world: SlackWorld) -> Posted:
    await world.platform.post(world.channel, QUESTION, "d1")
    return world.far.state.rooms["C0JOINT"].messages[-1]


async def test_changing_an_answer_takes_the_place_of_the_confirmation_not_of_the_question(
    world: SlackWorld,
) -> None:
    world.inbox.card = CONFIRMED
    question = await _question(world)
    await world.hand.click(WHO, question, "4")
    await world.door.replies.drain(2)
    (first,) = world.hand.shown(WHO)
    world.inbox.card = Card("You answered 5")
    await world.hand.click(WHO, first, "5")
    await world.door.replies.drain(2)
    assert [message.text for message in world.hand.shown(WHO)] == ["You answered 5"]
    assert world.far.state.rooms["C0JOINT"].messages == [question]


async def test_each_click_uses_its_address_once(world: SlackWorld) -> None:
    world.inbox.card = CONFIRMED
    question = await _question(world)
    for _ in range(7):
        await world.hand.click(WHO, question, "4")
    await world.door.replies.drain(2)
    assert {known.uses for known in world.far.state.response_urls.values()} == {1}


async def test_where_the_address_is_used_up_the_person_is_written_to_directly(world: SlackWorld) -> None:
    world.inbox.card = CONFIRMED
    payload = world.hand.click_payload(WHO, await _question(world), _button("4"))
    for known in world.far.state.response_urls.values():
        known.uses = 5
    await world.hand.interact(payload)
    await world.door.replies.drain(2)
    direct = world.far.state.im(world.far.state.workspaces["T0NORTHWIND"], WHO)
    assert [message.text.splitlines()[0] for message in direct.messages] == ["You answered 4"]


def _button(label: str) -> dict[str, str]:
    return {"type": "button", "action_id": "b0.0", "block_id": "b0.0", "value": f"a|r1|v@1|{label}"}


async def test_an_address_elsewhere_is_never_called(world: SlackWorld) -> None:
    world.inbox.card = CONFIRMED
    payload = world.hand.click_payload(WHO, await _question(world), _button("4"))
    async with serve_canary() as (payload["response_url"], hits):
        await world.hand.interact(payload)
        await world.door.replies.drain(2)
    assert hits == []
    direct = world.far.state.im(world.far.state.workspaces["T0NORTHWIND"], WHO)
    assert len(direct.messages) == 1


async def test_nothing_is_shown_before_it_is_kept(world: SlackWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    question = await _question(world)
    order: list[str] = []

    async def take(_inbox: object, _event: Event) -> Card:
        order.append(f"kept with {len(world.hand.shown(WHO))} shown")
        return CONFIRMED

    monkeypatch.setattr(RecordingInbox, "take", take)
    await world.hand.click(WHO, question, "4")
    await world.door.replies.drain(2)
    assert order == ["kept with 0 shown"] and len(world.hand.shown(WHO)) == 1


async def test_in_a_rush_acknowledging_comes_before_showing_but_not_for_long(
    world: SlackWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_lanes, "RUSH_SIZE", 3)
    monkeypatch.setattr(reply_lanes, "RUSH_WAIT", 0.3)
    world.inbox.card, question = CONFIRMED, await _question(world)
    rush = world.door.replies.rush
    with rush, rush, rush:
        assert (await world.hand.click(WHO, question, "4")).seconds < 0.3
        assert world.hand.shown(WHO) == []
        await world.door.replies.drain(2)
        assert len(world.hand.shown(WHO)) == 1  # the rush goes on
        world.inbox.card = FORM
        await world.hand.click(WHO, question, "C")
        await asyncio.sleep(0.1)
        assert world.hand.opened(WHO)  # a dialog cannot wait


async def test_an_answer_that_takes_too_long_is_never_called_saved(
    world: SlackWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.05)
    question = await _question(world)

    async def take(_inbox: object, _event: Event) -> Card:
        await asyncio.Event().wait()
        return CONFIRMED

    monkeypatch.setattr(RecordingInbox, "take", take)
    answer = await world.hand.click(WHO, question, "4")
    await world.door.replies.drain(2)
    assert answer.status == 503, "Slack marks the button, should the card not reach them"
    (shown,) = world.hand.shown(WHO)
    assert shown.text.startswith("It may not have been saved")
    assert "try again" in shown.text


async def test_a_form_asked_for_by_slash_command_opens_at_once(world: SlackWorld) -> None:
    world.inbox.card = FORM
    answer = await world.hand.slash("U0NORT001", "comment r1")
    await world.door.replies.drain(2)
    assert (answer.status, answer.text) == (200, "")
    assert world.hand.opened("U0NORT001").content["title"]["text"] == "Confidential comment"


async def test_a_form_asked_for_in_words_comes_behind_a_button(world: SlackWorld) -> None:
    """Only a click lets Slack open a dialog."""
    world.inbox.card = FORM
    bot = world.far.state.workspaces["T0NORTHWIND"].bot_user
    await world.hand.say(WHO, "comment r1", mention=bot)
    await world.door.replies.drain(2)
    (shown,) = world.hand.shown(WHO)
    await world.hand.click(WHO, shown, "Open")
    await world.door.replies.drain(2)
    assert world.hand.opened(WHO).content["title"]["text"] == "Confidential comment"


async def test_a_dialog_that_came_too_late_is_said_so_with_a_way_on(world: SlackWorld) -> None:
    world.inbox.card = FORM
    question = await _question(world)
    world.far.fail("views.open", "refuse:expired_trigger_id")
    await world.hand.click(WHO, question, "C")
    await world.door.replies.drain(2)
    (shown,) = world.hand.shown(WHO)
    assert "Confidential comment" in shown.text
    await world.hand.click(WHO, shown, "Open")
    await world.door.replies.drain(2)
    assert world.hand.opened(WHO).content["title"]["text"] == "Confidential comment"


async def test_a_direct_message_is_answered_where_it_was_written(world: SlackWorld) -> None:
    world.inbox.card = Card("Alignment", (Text("72"),))
    await world.hand.dm(WHO, "score")
    await world.door.replies.drain(2)
    direct = world.far.state.im(world.far.state.workspaces["T0NORTHWIND"], WHO)
    assert [message.text for message in direct.messages] == ["score", "Alignment\n72"]


async def test_no_answer_unfolds_a_link_or_calls_anybody(world: SlackWorld) -> None:
    world.inbox.card = Card("See", (Text("http://example.com <!channel> <@U0ANNA> @here"),))
    await world.hand.dm(WHO, "score")
    await world.hand.say(WHO, "score", mention=world.far.state.workspaces["T0NORTHWIND"].bot_user)
    await world.door.replies.drain(2)
    direct, *_ = world.far.called("chat.postMessage")
    (alone,) = world.far.called("chat.postEphemeral")
    assert (direct["unfurl_links"], direct["unfurl_media"]) == (False, False)
    for sent in (direct, alone):
        assert "link_names" not in sent and "parse" not in sent
        assert "&lt;!channel&gt; &lt;@U0ANNA&gt;" in sent["text"]
        assert 'mrkdwn"' not in json.dumps(sent["blocks"])


async def test_a_slash_command_is_answered_in_its_acknowledgement(world: SlackWorld) -> None:
    world.inbox.card = Card("Alignment", (Text("72 <b>"),))
    await world.hand.slash("U0NORT001", "score")
    (shown,) = world.hand.shown("U0NORT001")
    assert shown.text == "Alignment\n72 &lt;b&gt;"
    assert {method for _, method, _ in world.far.calls} <= {"users.info"}


async def test_an_error_in_a_form_keeps_what_was_written(world: SlackWorld) -> None:
    world.inbox.card = FORM
    await world.hand.click(WHO, await _question(world), "C")
    await world.door.replies.drain(2)
    view = world.hand.opened(WHO)
    world.inbox.card = report_not_saved()
    answer = await world.hand.interact(world.hand.submission(WHO, view, {"text": "my words", "share": True}))
    told = json.loads(answer.text)
    assert told["response_action"] == "errors"
    assert "try again" in told["errors"]["text"]

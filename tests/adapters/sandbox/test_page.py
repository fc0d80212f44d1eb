"""The page and its forms, through HTTP, on a real store: what people see, and what they cannot do."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sandbox import writes
from adapters.shared.rejection import Refusal
from bot.model.alliance import Member
from bot.model.cards import Card, Text
from bot.ports import StoreUnavailable
from tests.adapters.sandbox.sandbox_site import CHANNEL, SandboxSite, open_site


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SandboxSite]:
    async with open_site(tmp_path) as site:
        await site.tick()
        yield site


async def test_a_visitor_first_chooses_who_to_be(chat: SandboxSite) -> None:
    response = await chat.browser.get("/")
    text = await response.text()
    assert "Who do you want to be?" in text
    assert text.count('<li><a href="/?as=') == 19


async def test_an_answer_is_kept_confirmed_in_private_and_marked_in_the_question(chat: SandboxSite) -> None:
    response = await chat.press("4 · Agree")
    assert response.status == 303
    page = await chat.page()
    assert "Only visible to you" in page.text
    assert "You answered 4 · Agree" in page.text
    assert (
        len([button for button in page.buttons if button.classes == "chosen"]) == 2
    )  # in question and confirmation
    assert "You answered" not in (await chat.page("mei")).text
    (round,) = await chat.store.rounds.list_open("northwind-meridian", chat.clock.now())
    assert len(await chat.store.answers.list_respondents(round.id)) == 1


async def test_the_newest_confirmation_takes_the_place_of_the_older(chat: SandboxSite) -> None:
    await chat.press("4 · Agree")
    chat.clock.at += timedelta(seconds=1)
    await chat.press("2 · Disagree")
    text = (await chat.page()).text
    assert "You answered 2 · Disagree" in text
    assert "You answered 4 · Agree" not in text


async def test_nobody_presses_what_only_someone_else_sees(chat: SandboxSite) -> None:
    await chat.press("4 · Agree")
    button = (await chat.page()).buttons[-2]
    fields = {"as": "mei", "line": button.fields["line"], "value": "r|help"}
    assert (await chat.post("press", {**fields, "as": "liam"})).status == 303
    assert (await chat.post("press", fields)).status == 404


async def test_a_comment_is_written_in_a_form_that_turns_into_thanks(chat: SandboxSite) -> None:
    await chat.press("Add a confidential comment")
    page = await chat.page()
    form = next(button for button in page.buttons if button.value.startswith("c|"))
    fields = {"line": form.fields["line"], "value": form.value, "text": "Start earlier.", "share": "on"}
    assert (await chat.post("press", fields)).status == 303
    page = await chat.page()
    assert "Your comment is saved" in page.text
    assert not [button for button in page.buttons if button.value.startswith("c|")]
    assert "Start earlier" not in page.text


async def test_a_slash_command_is_private_and_a_mention_stands_in_the_channel(chat: SandboxSite) -> None:
    await chat.post("say", {"text": "/pulse privacy", "nonce": "1"})
    await chat.post("say", {"text": "@pulse vision", "nonce": "2"})
    mine, other = await chat.page(), await chat.page("mei")
    assert "You typed “/pulse privacy”" in mine.text
    assert "Who sees what" in mine.text
    assert "Only visible to you" not in other.text
    assert "@pulse vision" in other.text


async def test_pulse_answers_direct_messages_and_keeps_them_between_the_two(chat: SandboxSite) -> None:
    await chat.post("say", {"in": "dm:liam", "text": "privacy", "nonce": "1"})
    assert "Who sees what" in (await chat.page("liam", "dm:liam")).text
    response = await chat.browser.get("/", params={"as": "anna", "in": "dm:liam"})
    assert "Who sees what" not in (await response.text()).split('id="messages"')[1]


async def test_a_thread_hangs_on_its_message_and_is_counted_there(chat: SandboxSite) -> None:
    await chat.post("say", {"text": "Database lock slips.", "nonce": "1"})
    (line,) = [entry.id for entry in await chat.store.chat.lines(0) if "slips" in entry.body]
    thread = f"thread:{line}:joint"
    await chat.post("say", {"in": thread, "text": "By how long?", "nonce": "2", "as": "anna"})
    assert "1 reply" in (await chat.page()).text
    text = (await chat.page(place=thread)).text
    assert "Database lock slips." in text
    assert "By how long?" in text
    assert "By how long?" not in (await chat.page()).text.split("Messages")[-1].split("1 reply")[1]


async def test_sending_the_same_form_twice_says_it_once(chat: SandboxSite) -> None:
    for _ in range(2):
        await chat.post("say", {"text": "Only once.", "nonce": "same"})
    assert (await chat.page("mei")).text.count("Only once.") == 1


async def test_only_the_author_edits_and_deletes(chat: SandboxSite) -> None:
    await chat.post("say", {"text": "We are tardy.", "nonce": "1"})
    (line,) = [entry.id for entry in await chat.store.chat.lines(0) if "tardy" in entry.body]
    assert (await chat.post("edit", {"as": "mei", "line": str(line), "text": "Fine."})).status == 403
    assert (await chat.post("delete", {"as": "mei", "line": str(line)})).status == 403
    assert (await chat.post("edit", {"line": str(line), "text": "We were tardy."})).status == 303
    assert "We were tardy. (edited)" in (await chat.page("mei")).text
    assert (await chat.post("delete", {"line": str(line)})).status == 303
    assert "This message was deleted." in (await chat.page("mei")).text
    assert not [entry for entry in await chat.store.chat.lines(0) if "tardy" in entry.body]


async def test_what_people_write_is_shown_as_text(chat: SandboxSite) -> None:
    await chat.post("say", {"text": "<script>alert(1)</script>", "nonce": "1"})
    page = await chat.page("mei")
    assert "<script>alert(1)</script>" in page.text
    assert page.tags.count("script") == 1  # the page's own


async def test_new_direct_messages_are_marked_until_they_are_read(chat: SandboxSite) -> None:
    await chat.platform.post(Member("sandbox", "anna"), Card("Digest", (Text("x"),)), "d1")
    assert "1 new" in (await chat.page("anna")).text
    assert "1 new" not in (await chat.page("anna", "dm:anna")).text
    assert "1 new" not in (await chat.page("anna")).text


async def test_a_stranger_to_the_alliance_is_told_and_not_counted(chat: SandboxSite) -> None:
    await chat.press("4 · Agree", who="sam")
    (round,) = await chat.store.rounds.list_open("northwind-meridian", chat.clock.now())
    turnout = await chat.store.rounds.count_turnout(round.id)
    assert sum(turnout.answered.values()) == 0
    assert "Only visible to you" in (await chat.page("sam")).text


REFUSED: tuple[tuple[str, dict[str, str], int, str], ...] = (
    ("say", {"as": "mallory", "text": "x"}, 400, "Please choose one first"),
    ("say", {"text": "x" * 4001}, 400, "at most 4,000"),
    ("say", {"text": ""}, 400, "nothing to send"),
    ("say", {"in": "channel:attic", "text": "x"}, 404, "no such channel"),
    ("say", {"in": "thread:999:joint", "text": "x"}, 404, "no such thread"),
    ("say", {"in": "dm:anna", "text": "x"}, 403, "someone else"),
    ("press", {"line": "1", "value": "a|r|i|6"}, 400, "no such button"),
    ("press", {"line": "999", "value": "r|help"}, 404, "no longer there"),
    ("press", {"line": "one", "value": "r|help"}, 400, "must be a number"),
    ("edit", {"line": "1", "text": "x"}, 403, "author"),
    ("clock", {"to": "yesterday"}, 400, "reminder, closing, next_week"),
    ("clock", {"to": "closing"}, 409, "real time"),
    ("play", {"weeks": "0"}, 400, "between 1 and 52"),
    ("play", {"weeks": "12"}, 409, "real time"),
)


async def test_bad_input_is_refused_with_what_to_do(chat: SandboxSite) -> None:
    before = len(await chat.store.chat.lines(0))
    for what, fields, status, says in REFUSED:
        response = await chat.post(what, fields)
        text = (await response.text()).replace("&#39;", "'")
        assert (response.status, says in text) == (status, True), (what, fields, text)
    assert len(await chat.store.chat.lines(0)) == before


async def test_a_refused_text_stays_in_its_box(chat: SandboxSite) -> None:
    response = await chat.post("say", {"in": "channel:attic", "text": "Long & thoughtful"})
    assert "Long &amp; thoughtful</textarea>" in await response.text()


async def test_who_chooses_a_person_reads_whose_the_third_company_is(chat: SandboxSite) -> None:
    response = await chat.browser.get("/", params={"choose": ""})
    assert "Nobody has said yet which side it belongs to" in await response.text()


async def test_no_box_cuts_a_pasted_text_and_one_that_is_too_long_is_refused_whole(chat: SandboxSite) -> None:
    await chat.press("Add a confidential comment")
    response = await chat.browser.get("/", params={"as": "liam", "in": "channel:joint"})
    assert "maxlength" not in await response.text()
    assert "Up to 2,000 characters" in (await chat.page()).text
    send = [button for button in (await chat.page()).buttons if button.label == "Send" and button.value][-1]
    fields = {"line": send.fields["line"], "value": send.value, "text": "x" * 2001}
    answer = await chat.post("press", fields)
    assert (answer.status, "at most 2,000 can be sent" in await answer.text()) == (400, True)
    assert f"{'x' * 2001}</textarea>" in await answer.text()


async def test_posting_twice_posts_once_and_is_found_by_delivery(chat: SandboxSite) -> None:
    card = Card("Only one of me")
    first = await chat.platform.post(CHANNEL, card, "d1")
    assert await chat.platform.post(CHANNEL, card, "d1") == first
    assert await chat.platform.find(CHANNEL, "d1", chat.clock.now()) == first
    assert await chat.platform.find(CHANNEL, "d2", chat.clock.now()) is None
    assert (await chat.page()).text.count("Only one of me") == 1


class ClosedDoor:
    """An inbox whose database is away."""

    async def take(self, _: object) -> None:
        raise StoreUnavailable


async def test_when_nothing_can_be_kept_the_person_hears_so_and_keeps_the_text(tmp_path: Path) -> None:
    async with open_site(tmp_path, inbox=ClosedDoor()) as chat:
        response = await chat.post("say", {"text": "Please remember", "nonce": "1"})
        assert response.status == 503
        text = await response.text()
        assert "nothing was saved" in text
        assert "Please remember</textarea>" in text


async def test_what_is_sent_without_end_is_refused_and_kept_nowhere(
    chat: SandboxSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "A_MINUTE", 5)
    statuses = [
        (await chat.post("say", {"text": f"Line {number}", "nonce": str(number)})).status
        for number in range(8)
    ]
    assert statuses == [303] * 5 + [429] * 3
    page = await chat.page()
    assert "Line 4" in page.text and "Line 5" not in page.text


def test_forms_are_counted_by_the_minute_and_by_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    counted = writes.Writes(lambda: now[0])
    for number in range(3 * writes.A_MINUTE):
        now[0] = number * 61 / writes.A_MINUTE
        counted.check_room()
    assert len(counted.recent) <= writes.A_MINUTE
    monkeypatch.setattr(writes, "A_RUN", counted.taken)
    now[0] += 3600
    with pytest.raises(Refusal, match="one run"):
        counted.check_room()

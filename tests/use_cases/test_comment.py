"""Confidential words: screened, encrypted, and shown only when nobody's can be told from the others'."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.alliance import Member
from bot.model.cards import Card, Quote, SendComment, to_plain_text
from bot.model.events import LONGEST_COMMENT, Commented
from storage.engine.encryption import Vault
from tests.use_cases.sandbox_bot import (
    ANNA,
    BEN,
    CARLA,
    CLOSING,
    HARRY,
    HOUR,
    LIAM,
    SAM,
    SLOT,
    WEEK,
    SandboxBot,
    find_button,
    find_option,
    list_headings,
    make_members,
)

WORDS = "We should meet before the protocol is final."


@pytest.fixture
async def asked(bot: SandboxBot) -> SandboxBot:
    """The question stands in the channel."""
    await bot.tick(SLOT)
    return bot


async def digest_of(bot: SandboxBot, lead: Member) -> str:
    return to_plain_text(await bot.type(lead, "digest"))


async def everybody_answers(bot: SandboxBot, company: str, count: int) -> None:
    question = (await bot.channel())[-1]
    await asyncio.gather(
        *(bot.press_only(person, find_option(question, 4)) for person in make_members(company, count))
    )
    await bot.deliver()


async def test_the_button_under_the_question_brings_a_form_for_that_round(asked: SandboxBot) -> None:
    (question,) = await asked.channel()
    form = await asked.press(CARLA, find_button(question, "Add a confidential comment"))
    assert form.is_form and "Up to 2,000 characters" in str(form)
    assert isinstance(find_button(form, "Send").action, SendComment)


async def test_a_comment_is_thanked_and_nowhere_to_be_read(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, WORDS)
    assert card.heading == "Thank you. Your comment is saved"
    assert WORDS not in str(await asked.everything())
    assert WORDS.encode() not in asked.bytes()


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Subject 1042 was enrolled although the visit was late", "identify a patient"),
        ("I saw that the patient got placebo at visit 3", "unblinding procedure"),
        ("One patient was hospitalised last night", "safety form"),
    ],
)
async def test_what_belongs_elsewhere_is_sent_there_and_leaves_no_trace(
    asked: SandboxBot, words: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        card = await asked.comment(CARLA, words)
    assert path in to_plain_text(card)
    assert "Nothing you wrote was saved" in to_plain_text(card)
    assert words not in to_plain_text(card)
    assert asked.rows("SELECT * FROM comment") == []
    assert words.encode() not in asked.bytes()
    assert words not in caplog.text


@pytest.mark.parametrize("words", ["", "   \n\t "])
async def test_an_empty_comment_is_not_kept(asked: SandboxBot, words: str) -> None:
    assert (await asked.comment(CARLA, words)).heading == "Nothing was sent"
    assert asked.rows("SELECT * FROM comment") == []


@pytest.mark.parametrize("who", [CARLA, SAM])
async def test_of_a_comment_that_is_too_long_it_is_said_what_was_kept(asked: SandboxBot, who: Member) -> None:
    long = "We wait. " * 300
    kept = long[:LONGEST_COMMENT]
    card = await asked.comment(who, long)
    assert card.heading == "The first 2,000 characters of your comment are saved"
    (end,) = [block.text for block in card.blocks if isinstance(block, Quote)]
    assert kept.endswith(end.removeprefix("… ")) and "It has 2,699 characters" in to_plain_text(card)
    assert "It is encrypted" in to_plain_text(card)
    (row,) = asked.rows("SELECT id, body FROM comment")
    assert Vault([asked.key]).open(row[1], "comment", "body", row[0]) == kept


async def test_the_same_comment_delivered_twice_is_kept_once(asked: SandboxBot) -> None:
    for _ in range(2):
        card = await asked.comment(CARLA, WORDS)
        assert card.heading == "Thank you. Your comment is saved"
    assert len(asked.rows("SELECT * FROM comment")) == 1


async def test_after_closing_a_comment_is_refused(asked: SandboxBot) -> None:
    await asked.tick(CLOSING)
    (closed,) = await asked.channel()
    round = find_button(closed, "Show the score")
    assert round
    sent = Commented(by=CARLA, at=asked.at, round=await round_id(asked), text=WORDS)
    card = await asked.take(sent)
    assert card and card.heading == "This pulse is closed"
    assert asked.rows("SELECT * FROM comment") == []


async def test_who_has_no_company_leaves_no_words(asked: SandboxBot) -> None:
    card = await asked.comment(replace(SAM, home=()), WORDS)
    assert card.heading == "You are not part of this alliance yet"
    assert asked.rows("SELECT * FROM comment") == []


@pytest.mark.parametrize("who", [SAM, HARRY])
async def test_words_of_an_unknown_company_wait_unread_and_the_leads_are_asked(
    asked: SandboxBot, who: Member
) -> None:
    assert "nobody can read it yet" in to_plain_text(await asked.comment(who, WORDS))
    assert asked.rows("SELECT side, home_organisation FROM comment") == [(None, who.home[0])]
    assert WORDS.encode() not in asked.bytes()
    asked_leads = [(await asked.dms(lead))[-1] for lead in (ANNA, BEN)]
    assert list_headings(asked_leads) == ["Northwind × Meridian: is this company yours?"] * 2


@pytest.mark.parametrize("lead", [None, BEN])
async def test_they_count_as_soon_as_a_lead_says_whose_they_are(
    asked: SandboxBot, lead: Member | None
) -> None:
    await everybody_answers(asked, "meridian", 12)
    for number, person in enumerate((*make_members("meridian", 2), SAM)):
        await asked.comment(person, f"Thought number {number}")
    if lead:
        await asked.press(lead, find_button((await asked.dms(lead))[-1], "That's our company"))
    for week in range(4):
        await asked.tick(SLOT + week * WEEK)
        await asked.tick(CLOSING + week * WEEK)
    assert ("Thought number 2" in await digest_of(asked, BEN)) == (lead is not None)
    assert "Thought number 2" not in await digest_of(asked, ANNA)


async def test_a_stopped_database_is_told_as_not_saved(asked: SandboxBot) -> None:
    round = await round_id(asked)
    await asked.store.aclose()
    card = await asked.inbox.take(Commented(by=CARLA, at=asked.at, round=round, text=WORDS))
    assert card and card.heading == "Not saved"


# Who reads them


async def commented(bot: SandboxBot, respondents: int, comments: int, share: bool = False) -> None:
    """That many people of the CRO answered and that many commented, one a round; four rounds are closed."""
    await everybody_answers(bot, "meridian", respondents)
    await everybody_answers(bot, "northwind", 12)
    writers = make_members("meridian", comments)
    for week in range(4):
        await bot.tick(SLOT + week * WEEK)
        for number, writer in list(enumerate(writers))[week::4]:
            await bot.comment(writer, f"Thought number {number} about the handover", share and number == 0)
        await bot.tick(CLOSING + week * WEEK)


async def test_with_ten_respondents_and_three_writers_the_own_lead_reads_them_until_the_next_block(
    asked: SandboxBot,
) -> None:
    await commented(asked, 10, 3)
    told = await digest_of(asked, BEN)
    assert all(f"Thought number {number} about the handover" in told for number in range(3))
    assert "of at least four rounds up to 15 Dec, in no order" in told
    for week in (4, 5, 6, 7):
        await asked.tick(SLOT + week * WEEK)
        await asked.tick(CLOSING + week * WEEK)
        assert ("Thought number 0" in await digest_of(asked, BEN)) == (week < 7)


async def test_no_digest_before_the_fourth_closing_shows_any(asked: SandboxBot) -> None:
    await everybody_answers(asked, "meridian", 12)
    for number, person in enumerate(make_members("meridian", 6)):
        await asked.comment(person, f"Thought number {number}")
    for week in range(3):
        await asked.tick(SLOT + week * WEEK)
        await asked.tick(CLOSING + week * WEEK)
        assert "Thought number" not in await digest_of(asked, BEN)


async def test_with_nine_respondents_nobody_reads_them(asked: SandboxBot) -> None:
    await commented(asked, 9, 5)
    assert "Thought number" not in await digest_of(asked, BEN)


async def test_with_two_comments_nobody_reads_them(asked: SandboxBot) -> None:
    await commented(asked, 12, 2)
    assert "Thought number" not in await digest_of(asked, BEN)


async def test_many_comments_of_two_writers_are_read_by_nobody(asked: SandboxBot) -> None:
    await everybody_answers(asked, "meridian", 12)
    for number in range(6):
        asked.at += HOUR
        await asked.comment(make_members("meridian", 2)[number % 2], f"Thought number {number}")
    for week in range(4):
        await asked.tick(SLOT + week * WEEK)
        await asked.tick(CLOSING + week * WEEK)
    assert len(asked.rows("SELECT * FROM comment")) == 6
    assert "Thought number" not in await digest_of(asked, BEN)


async def test_the_other_sides_lead_reads_only_what_its_writer_shares(asked: SandboxBot) -> None:
    await commented(asked, 10, 4, share=True)
    told = await digest_of(asked, ANNA)
    assert "Comments that people at Meridian CRO share with you" in told
    assert [n for n in range(4) if f"Thought number {n}" in told] == [0]
    assert "Thought number 3" in await digest_of(asked, BEN)


async def test_the_other_sides_lead_reads_nothing_that_is_not_shared(asked: SandboxBot) -> None:
    await commented(asked, 10, 3)
    assert "Thought number" not in await digest_of(asked, ANNA)


async def test_a_block_that_lost_a_comment_is_not_shown_again(asked: SandboxBot) -> None:
    """What is missing from it would be the words of whoever was erased."""
    await commented(asked, 10, 4)
    asked.damage("DELETE FROM comment WHERE person = (SELECT max(person) FROM comment)")
    assert "Thought number" not in await digest_of(asked, BEN)


async def test_no_member_reads_them(asked: SandboxBot) -> None:
    await commented(asked, 10, 3)
    for card in [await asked.type(LIAM, word) for word in ("digest", "score", "alerts", "help")]:
        assert "Thought number" not in to_plain_text(card)
    assert "Thought number" not in str(await asked.channel())


@pytest.mark.parametrize(
    "text", ["mrn" + " " * 1_990 + "x", "mrn" + " " * 200_000 + "x", "subject no " * 20_000]
)
async def test_no_comment_keeps_the_others_waiting(asked: SandboxBot, text: str) -> None:
    """The first took 84 seconds in which nobody was answered, when blanks were not collapsed before screening."""
    began = time.process_time()
    waiting = asyncio.ensure_future(asked.comment(CARLA, text))
    answered = await asked.press(SAM, find_option((await asked.channel())[-1], 4))
    assert "You answered" in to_plain_text(answered)
    assert "saved" in str((await waiting).heading)
    assert time.process_time() - began < 2


async def test_a_comment_that_is_pressed_again_is_kept_once_with_the_last_wish(asked: SandboxBot) -> None:
    """After "perhaps not saved, press again" both may have been saved; the platform gives them different times."""
    for share in (False, True):
        assert "saved" in str((await asked.comment(CARLA, WORDS, share=share)).heading)
        asked.at += timedelta(seconds=3)
    await asked.comment(CARLA, "Another thought.")
    await asked.comment(SAM, WORDS)
    rows = asked.rows("SELECT person, share FROM comment ORDER BY share DESC")
    assert len(rows) == 3 and len({person for person, _ in rows}) == 2
    assert [bool(share) for _, share in rows] == [True, False, False]


async def test_nothing_is_read_while_the_round_is_open(asked: SandboxBot) -> None:
    await everybody_answers(asked, "meridian", 12)
    for number, person in enumerate(make_members("meridian", 4)):
        await asked.comment(person, f"Thought number {number}")
    assert "Thought number" not in await digest_of(asked, BEN)


async def test_a_form_says_what_a_comment_is_for(asked: SandboxBot) -> None:
    form: Card = await asked.type(CARLA, "comment")
    assert "leave out patient, treatment and safety details" in to_plain_text(form)
    assert list_headings([form]) == ["Confidential comment"]


async def round_id(bot: SandboxBot) -> str:
    ((id,),) = bot.rows("SELECT id FROM round WHERE alliance = 'northwind-meridian'")
    return str(id)

"""Words for which a formal path exists: refused, or held in memory until their writer says what they are about."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.guard import find_concern
from bot.model.alliance import FormalPath
from bot.model.cards import Card, Choices, RunCommand, SendComment, to_plain_text
from bot.model.events import Commented
from bot.privacy.held_comments import HELD_AT_MOST, HELD_FOR, HeldComments
from bot.wording import guard as wording
from storage.engine.encryption import Vault
from tests.use_cases.sandbox_bot import (
    BEN,
    CARLA,
    HARBOUR,
    JOINT,
    LIAM,
    NORTHWIND,
    SAM,
    SLOT,
    SandboxBot,
    find_button,
    make_members,
)

HARD = "Subject 1042 was enrolled although the visit was late"
SOFT = "the pharmacist accidentally unblinded the monitor"
FORMAL, KEEP = "Show me the formal path", "It is about working together: keep it"


@pytest.fixture
async def asked(bot: SandboxBot) -> SandboxBot:
    await bot.tick(SLOT)
    return bot


def labels(card: Card) -> list[str]:
    return [choice.label for block in card.blocks if isinstance(block, Choices) for choice in block.options]


def comments(bot: SandboxBot) -> list[str]:
    return [
        Vault([bot.key]).open(str(body), "comment", "body", str(key))
        for key, body in bot.rows("SELECT id, body FROM comment")
    ]


async def test_an_identifier_is_refused_and_cannot_be_kept(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, HARD)
    assert card.heading == "This belongs somewhere else" and labels(card) == [FORMAL]
    assert "I noticed: a subject number." in to_plain_text(card)
    assert "Nothing you wrote was saved." in to_plain_text(card) and not asked.held.held
    (open_round,) = await asked.store.rounds.list_open(NORTHWIND.key, asked.at)
    again = await asked.take(Commented(by=CARLA, at=asked.at, round=open_round.id, text=HARD, reviewed=True))
    assert again and again.heading == card.heading
    assert comments(asked) == []


async def test_what_may_be_a_case_is_held_in_memory_alone(
    asked: SandboxBot, caplog: pytest.LogCaptureFixture
) -> None:
    everything = await asked.everything()
    with caplog.at_level(logging.DEBUG):
        card = await asked.comment(CARLA, SOFT)
    assert card.heading == "Is this about working together?" and labels(card) == [FORMAL, KEEP]
    told = to_plain_text(card)
    assert "I noticed:" in told and "a broken blind" in told and "I tell nobody" in told
    assert SOFT not in told and SOFT not in caplog.text and SOFT not in repr(asked.held)
    assert comments(asked) == [] and SOFT.encode() not in asked.bytes()
    assert await asked.everything() == everything, "nobody else is told"
    assert asked.rows("SELECT * FROM audit WHERE act = 'keep'") == []


async def test_who_says_it_is_about_work_keeps_it_once_and_it_is_counted_without_words(
    asked: SandboxBot,
) -> None:
    card = await asked.comment(CARLA, SOFT, share=True)
    for _ in range(2):
        kept = await asked.press(CARLA, find_button(card, KEEP))
        assert kept.heading == "Thank you. Your comment is saved"
        asked.at += timedelta(seconds=40)
    assert comments(asked) == [SOFT]
    assert asked.rows("SELECT share FROM comment") == [(1,)]
    assert asked.rows("SELECT by, detail FROM audit WHERE act = 'keep'") == [("member", "unblinding")]
    assert SOFT not in str(asked.held.held.values()), "once saved, the words leave the memory"


async def test_nobody_else_can_keep_or_see_it(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, SOFT)
    other = await asked.press(LIAM, find_button(card, KEEP))
    assert other.is_form and SOFT not in to_plain_text(other)
    assert comments(asked) == []
    assert (await asked.press(CARLA, find_button(card, KEEP))).heading == "Thank you. Your comment is saved"


async def test_the_formal_path_is_shown_as_the_alliance_declared_it(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, SOFT)
    bare = to_plain_text(await asked.press(CARLA, find_button(card, FORMAL)))
    assert "has not declared one here" in bare and "I tell nobody" in bare
    formal = FormalPath("safety@northwind.example", "+49 30 5550100", "the unblinding officer")
    await asked.store.alliances.declare([replace(NORTHWIND, formal=formal)])
    asked.at += timedelta(seconds=2)
    told = to_plain_text(await asked.type(LIAM, "formal"))
    assert all(
        words in told for words in ("safety@northwind.example", "+49 30 5550100", "the unblinding officer")
    )
    assert comments(asked) == []


async def test_after_a_quarter_of_an_hour_it_is_forgotten_and_can_be_sent_again(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, SOFT)
    asked.at += HELD_FOR + timedelta(seconds=1)
    await asked.type(LIAM, "help")
    assert not asked.held.held, "any event drops what is too old"
    form = await asked.press(CARLA, find_button(card, KEEP))
    await send_again(asked, form)


async def test_another_process_that_does_not_hold_it_asks_for_it_once_more(asked: SandboxBot) -> None:
    card = await asked.comment(CARLA, SOFT)
    async with asked.another() as other:
        other.at = asked.at
        form = await other.press_only(CARLA, find_button(card, KEEP))
    await send_again(asked, form)


async def send_again(office: SandboxBot, form: Card) -> None:
    assert form.is_form and "Please send them again" in to_plain_text(form)
    action = find_button(form, "Send").action
    assert isinstance(action, SendComment) and action.reviewed
    event = Commented(by=CARLA, at=office.at, round=action.round, text=SOFT, reviewed=action.reviewed)
    sent = await office.take(event)
    assert sent and sent.heading == "Thank you. Your comment is saved"
    assert comments(office) == [SOFT]
    assert office.rows("SELECT by, detail FROM audit WHERE act = 'keep'") == [("member", "unblinding")]


async def test_somebody_of_an_unknown_company_has_both_buttons_too(asked: SandboxBot) -> None:
    card = await asked.comment(SAM, SOFT)
    assert "has not declared" in to_plain_text(await asked.press(SAM, find_button(card, FORMAL)))
    kept = await asked.press(SAM, find_button(card, KEEP))
    assert kept.heading == "Thank you. Your comment is saved" and comments(asked) == [SOFT]


async def test_words_that_are_no_command_are_not_repeated(two: SandboxBot) -> None:
    for text in (HARD, SOFT, "anaphylaxis at site 9 yesterday"):
        card = await two.type(CARLA, text)
        assert card.heading == "This belongs somewhere else" and "please delete it" in to_plain_text(card)
        assert not any(
            word in to_plain_text(card) for word in ("1042", "Subject", "pharmacist", "anaphylaxis")
        )
    assert (await two.type(CARLA, "nonsense")).heading == "I don't know “nonsense”"


async def test_buttons_do_not_repeat_what_belongs_elsewhere(two: SandboxBot) -> None:
    both = replace(CARLA, home=("northwind", "harbour"))
    for text, repeated in (("score subject 0012", False), ("score now", True)):
        card = await two.type(both, text, where=None)
        assert card.heading == "Which alliance?"
        values = [b.action.text for block in card.blocks if isinstance(block, Choices) for b in block.options
                  if isinstance(b.action, RunCommand)]  # fmt: skip
        assert values and all((" ".join(text.split()[1:]) in value) == repeated for value in values)


async def test_a_comment_in_another_language_says_that_identifiers_alone_were_looked_for(
    asked: SandboxBot,
) -> None:
    card = await asked.comment(CARLA, "Il centro non ha ancora una risposta per questo, ma grazie")
    assert "In this language I only look for identifiers" in to_plain_text(card)
    assert "In this language" not in to_plain_text(await asked.comment(BEN, "Wir warten seit drei Wochen"))


def test_the_memory_is_bounded_and_a_stranger_finds_nothing() -> None:
    memory = HeldComments()
    events = [
        Commented(by=who, at=SLOT, round="r", text="x") for who in make_members("meridian", HELD_AT_MOST + 5)
    ]
    tokens = [memory.hold(event, SLOT) for event in events]
    assert len(memory.held) == HELD_AT_MOST and len(set(tokens)) == len(tokens)
    assert memory.find(tokens[0], events[0].by, SLOT) is None
    assert memory.find(tokens[-1], events[-1].by, SLOT) is not None
    assert memory.find(tokens[-1], SAM, SLOT) is None


def test_each_kind_that_the_guard_names_can_be_said_or_is_left_out() -> None:
    found = find_concern(SOFT)
    assert found
    card = wording.hold_comment(HARBOUR, found.concern, found.noticed, "t", "r")
    assert "_" not in to_plain_text(card) and JOINT.address not in to_plain_text(card)

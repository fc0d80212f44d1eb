"""What the database file may not show, and what the vault refuses to open."""

import traceback
from dataclasses import replace
from pathlib import Path

import pytest

import storage
from bot.model.alliance import Member, MessageRef, Organisation, Side
from bot.model.cards import Card, Facts, Text
from bot.model.commands import GivenComment, GivenReading
from bot.model.delivery import Sent
from bot.ports import StoreUnavailable
from storage import Unreadable
from storage.engine.encryption import Vault
from tests.databases import fresh
from tests.storage.factories import (
    JOINT,
    START,
    ask_round,
    claim_due,
    make_alliance,
    make_answer,
    make_delivery,
)

CANARY = "canary-5e1f"
LEAD = Member("slack", f"U{CANARY}", (f"T{CANARY}",), f"W{CANARY}")
CARD = Card(f"Score {CANARY}", (Text(CANARY), Facts((("alignment", CANARY),))))


async def test_no_identity_or_text_is_readable_in_the_file(tmp_path: Path, key: str) -> None:
    with fresh("sqlite", tmp_path) as url:
        store = storage.open_store(url, [key])
        await ask_round(store)
        await store.alliances.declare([make_alliance(cro=Organisation("Meridian", frozenset(), (LEAD,)))])
        comment = GivenComment("north-0", "p1", Side.CRO, f"words {CANARY}", True, START)
        assert await store.comments.save_comment(comment, START) == "saved"
        await store.outbox.enqueue([replace(make_delivery("sent", LEAD), card=CARD)])
        (one,) = await claim_due(store)
        await store.claims.settle(one.id, one.token, Sent(MessageRef(f"D{CANARY}", CANARY)), START)
        await store.outbox.enqueue([replace(make_delivery("pending", LEAD), card=CARD)])
        await store.chat.append(f"dm:{CANARY}", CANARY, CANARY, START, "k")
        await store.values.save_value("token", CANARY)
        files = list(tmp_path.glob("fresh-*"))
        seen = b"".join(file.read_bytes() for file in files)
        assert len(files) == 3 and b"north-0" in seen
        await store.aclose()
        seen += b"".join(file.read_bytes() for file in tmp_path.glob("fresh-*"))
    for written in (CANARY.encode(), CANARY.encode().hex().encode(), CANARY.encode("utf-16-le")):
        assert written not in seen


async def test_an_error_of_the_database_shows_no_text(url: str, key: str) -> None:
    store = storage.open_store(url, [key])
    await ask_round(store)
    surrogate = GivenComment("north-0", f"{CANARY}\ud800", Side.CRO, CANARY, True, START)
    poison = (
        store.comments.save_comment(surrogate, START),
        store.comments.save_comment(replace(surrogate, person=CANARY, text=f"{CANARY}\ud800"), START),
        store.answers.save_answer(make_answer(CANARY, value=9), START),
        store.readings.save_reading(GivenReading(CANARY, JOINT, CANARY, CANARY, Side.CRO, 0.5, START)),
        store.answers.list_own("north-0", f"{CANARY}\ud800"),
    )
    for text in poison:
        with pytest.raises((StoreUnavailable, ValueError)) as refused:
            await text
        whole = "".join(traceback.format_exception(refused.value))
        assert CANARY not in whole, whole
    await store.aclose()


async def test_another_key_opens_nothing_and_spoils_nothing(url: str, key: str) -> None:
    store = storage.open_store(url, [key])
    await store.alliances.declare([make_alliance()])
    await store.outbox.enqueue([make_delivery("a")])
    await store.aclose()
    stranger = storage.open_store(url, [storage.make_key()])
    assert not await stranger.ready()
    for attempt in (
        stranger.alliances.list_all(),
        claim_due(stranger),
        stranger.outbox.enqueue([make_delivery("b")]),
    ):
        with pytest.raises(Unreadable):
            await attempt
    await stranger.aclose()
    rotated = storage.open_store(url, [storage.make_key(), key])
    assert await rotated.ready()
    assert await rotated.alliances.list_all() == (make_alliance(),)
    assert len(await claim_due(rotated)) == 1
    await rotated.aclose()


def test_a_sealed_value_opens_only_where_it_belongs() -> None:
    vault = Vault([storage.make_key()])
    sealed = vault.seal("words", "comment", "body", "1")
    assert vault.open(sealed, "comment", "body", "1") == "words"
    for elsewhere in (("comment", "body", "2"), ("comment", "text", "1"), ("delivery", "body", "1")):
        with pytest.raises(Unreadable, match="another row"):
            vault.open(sealed, *elsewhere)
    with pytest.raises(Unreadable):
        vault.open(sealed[:-2], "comment", "body", "1")


@pytest.mark.parametrize("keys", [[], [""], ["short"], ["é" * 44]])
def test_a_bad_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Vault(keys)

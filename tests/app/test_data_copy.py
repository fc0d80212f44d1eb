"""A copy of a person's data: they ask in the chat, an operator makes the file, and only they can read it."""

import asyncio
import json
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key

from bot.app.config.load import load_settings
from bot.app.runtime.retention_job import keep_house
from bot.app.wiring import open_bot
from bot.model.alliance import Member
from bot.model.cards import Card, Quote, to_plain_text
from bot.model.events import Commanded, Commented
from tests.app.shell import Shell

WORDS = "Site questions wait too long for an answer."
CARLA = Member("sandbox", "carla", ("northwind",), "sandbox")
STRANGER = Member("sandbox", "sam", ("fjordlab",), "sandbox")
HERE = ("--platform", "sandbox", "--user", "carla")


def run(shell: Shell, who: Member, *texts: str, comment: bool = False) -> list[Card]:
    """What the bot answers, privately, to these commands."""

    async def live() -> list[Card]:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            now, shown = bot.clock.now(), []
            if comment:
                (asked,) = await bot.store.rounds.list_open("northwind-meridian", now)
                await bot.inbox.take(Commented(by=who, at=now, round=asked.id, text=WORDS))
            for text in texts:
                card = await bot.inbox.take(Commanded(by=who, at=now, channel=None, text=text))
                assert card
                shown.append(card)
            return shown

    return asyncio.run(live())


def asked(shell: Shell) -> None:
    shell.apply()
    slot = datetime.now(UTC)
    shell("tick", "--now", slot.isoformat(), "--yes")


def passphrase_of(card: Card) -> str:
    (quote,) = (block for block in card.blocks if isinstance(block, Quote))
    return quote.text


def read_copy(file: Path, passphrase: str) -> Any:
    """Open the file as its page does, by what is written in its own script."""

    def derive(secret: bytes, info: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secret))

    found = re.search(r'application/json">(.*?)</script>', file.read_text())
    assert found
    sealed = {name: b64decode(value) for name, value in json.loads(found[1]).items()}
    wrapped, body = sealed["wrapped"], sealed["body"]
    plain = derive(passphrase.encode(), b"pulse passphrase").decrypt(wrapped[:12], wrapped[12:], None)
    mine = load_der_private_key(plain, None)
    assert isinstance(mine, ec.EllipticCurvePrivateKey)
    once = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed["once"])
    shared = mine.exchange(ec.ECDH(), once)
    return json.loads(derive(shared, b"pulse copy").decrypt(body[:12], body[12:], None))


def acts(shell: Shell) -> list[tuple[str, str]]:
    lines = shell("audit", "show", "--json").stdout.splitlines()
    return [(entry["act"], entry["detail"]) for entry in map(json.loads, lines)][::-1]


def test_a_person_asks_and_alone_can_read_what_the_operator_sends(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    offer, shown = run(shell, CARLA, "my data", "data passphrase", comment=False)
    assert "passphrase" in to_plain_text(offer).lower() and not any(
        isinstance(b, Quote) for b in offer.blocks
    )
    passphrase = passphrase_of(shown)
    listed = json.loads(shell("subject-data", "--json").stdout)
    assert [(request["platform"], request["user"]) for request in listed] == [("sandbox", "carla")]
    assert "--user carla" in shell("subject-data").stdout
    out = tmp_path / "data.html"
    made = shell("subject-data", *HERE, "--out", str(out))
    assert made.exit_code == 0, made.output
    assert out.stat().st_mode & 0o077 == 0
    (kept, *_) = read_copy(out, passphrase)
    assert kept["alliance"] == "northwind-meridian"
    for text in (
        made.output,
        out.read_text(),
        *(str(path.read_bytes()) for path in tmp_path.glob("pulse.sqlite3*")),
    ):
        assert 'northwind-meridian", "leads' not in text and passphrase not in text
    with pytest.raises(InvalidTag):
        read_copy(out, passphrase_of(run(shell, CARLA, "data passphrase")[0]))
    assert ("subject-data", "asked for a copy of their own data") in acts(shell)
    assert ("subject-data", "copy sealed for a person who asked") in acts(shell)


def test_nothing_readable_passes_the_operators_screen(shell: Shell, tmp_path: Path) -> None:
    """Neither on the screen nor in the file there is a word of it, a moved clock or not."""
    shell.apply()
    asked_at = "2026-11-24T09:00+01:00"
    shell("tick", "--now", asked_at, "--yes")
    (shown,) = run(shell, CARLA, "data passphrase")
    out = tmp_path / "data.html"
    printed = shell("subject-data", *HERE, "--out", str(out)).output
    page = out.read_text()
    for told in ("northwind-meridian", "rosters", "answers", "moods_of_messages"):
        assert told not in printed and told not in page
    assert "rosters" in read_copy(out, passphrase_of(shown))[0]


def test_who_did_not_ask_is_not_copied(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    out = tmp_path / "data.html"
    refused = shell("subject-data", *HERE, "--out", str(out))
    assert (refused.exit_code, "has not asked" in refused.output, out.exists()) == (1, True, False)
    assert acts(shell)[-1] == ("subject-data", "refused: the person has not asked")
    assert "Nobody has asked" in shell("subject-data").output
    run(shell, CARLA, "data passphrase")
    assert "--out" in shell("subject-data", *HERE).output
    out.write_text("mine")
    taken = shell("subject-data", *HERE, "--out", str(out))
    assert (taken.exit_code, out.read_text(), "File exists" in taken.output) == (1, "mine", True)
    out.unlink()
    assert shell("subject-data", *HERE, "--out", str(out)).exit_code == 0
    out.unlink()
    assert shell("subject-data", *HERE, "--out", str(out)).exit_code == 1  # a request is good for one copy


def test_for_who_has_left_the_passphrase_is_shown_once(shell: Shell, tmp_path: Path) -> None:
    asked(shell)
    out = tmp_path / "data.html"
    there = shell("subject-data", *HERE, "--left", "--out", str(out))
    assert (there.exit_code, "still in a channel" in there.output, out.exists()) == (1, True, False)
    gone = ("--platform", "sandbox", "--user", "gone", "--left", "--out", str(out))
    made = shell("subject-data", *gone)
    assert made.exit_code == 0, made.output
    (passphrase,) = re.findall(r"Passphrase, shown only now: (\S+)", made.output)
    assert read_copy(out, passphrase)[0]["answers"] == []
    assert acts(shell)[-2:] == [
        ("subject-data", "refused: the person has not left"),
        ("subject-data", "copy sealed for a person who left"),
    ]
    elsewhere = (*gone[:4], "--left", "--out", str(tmp_path / "b"))
    unreachable = shell("subject-data", *elsewhere, PULSE_SANDBOX__ENABLED="false")
    assert (unreachable.exit_code, "nothing was copied" in unreachable.output) == (1, True), (
        unreachable.output
    )


def test_whose_company_nobody_declared_may_ask_too(shell: Shell) -> None:
    asked(shell)
    (shown,) = run(shell, STRANGER, "my data")
    assert shown.heading == "A copy of everything I keep about you"


def test_a_request_ends_after_thirty_days_and_with_an_erasure(shell: Shell) -> None:
    asked(shell)
    run(shell, CARLA, "data passphrase")

    async def requests(after: timedelta) -> tuple[int, int]:
        async with open_bot(load_settings(None, shell.environment)) as bot:
            now = datetime.now(UTC) + after
            held = len(await bot.store.copy_requests.list_requests(now))
            await keep_house(bot, now)
            return held, len(await bot.store.copy_requests.list_requests(datetime.now(UTC)))

    assert asyncio.run(requests(timedelta(days=29))) == (1, 1)
    assert asyncio.run(requests(timedelta(days=31))) == (0, 0)
    run(shell, CARLA, "data passphrase")
    shell("erase", "--platform", "sandbox", "--user", "carla", "--yes")
    assert json.loads(shell("subject-data", "--json").stdout) == []


def test_the_privacy_card_tells_the_days_that_are_set_and_whom_to_ask(shell: Shell) -> None:
    asked(shell)
    shell.environment |= {
        "PULSE_RETENTION__ANSWERS_DAYS": "500",
        "PULSE_RETENTION__COMMENTS_DAYS": "61",
        "PULSE_RETENTION__READINGS_DAYS": "62",
    }
    card = to_plain_text(run(shell, CARLA, "privacy")[0])
    for told in (
        "answers after 500 days, comments after 61 days and moods of messages after 62 days",
        "your company's leads read them word for word, without your name",
        "If everybody sees you join or leave",
        "The company that installed me can export this channel and your direct messages with me",
        "write “my data”",
        "data protection officer",
        "never what you answered",
        "I read the mood of messages in this channel",
    ):
        assert told in card, told
    assert run(shell, CARLA, "privacy")[0].blocks[-2].options[0].label == "My data"  # type: ignore[union-attr]

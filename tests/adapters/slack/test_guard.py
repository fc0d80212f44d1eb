"""Test the checks before Bolt over real HTTP: size, time, signature and shape."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared import request_body as body
from adapters.shared.request_body import MAX_BYTES
from adapters.slack import verify as guard
from bot.model.events import Commanded, Said
from bot.ports import StoreUnavailable, TakenElsewhere
from tests.contract.slack_world import SECRET, SlackWorld, wired
from tests.far.slack_state import two_companies

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
CANARY = "canary-7f3a"
CHALLENGE = json.dumps({"type": "url_verification", "challenge": CANARY}).encode()


@pytest.fixture
async def world() -> AsyncIterator[SlackWorld]:
    async with wired(two_companies(time.time)) as made:
        yield made


def test_slacks_own_example_of_a_signature() -> None:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
        b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
        b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = guard.sign_body("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signature == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def send(
    world: SlackWorld, raw: bytes, kind: str = JSON, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    signed = world.hand.signed(raw) | {"Content-Type": kind} | (headers or {})
    signed = {name: value for name, value in signed.items() if value != "(none)"}
    async with world.hand.session.post(world.hand.bot_url, data=raw, headers=signed) as answer:
        return answer.status, await answer.text()


def at(seconds: float, raw: bytes) -> dict[str, str]:
    """Headers signed at another time."""
    stamp = str(int(time.time() + seconds))
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": guard.sign_body(SECRET, stamp, raw)}


async def test_a_signed_request_is_taken(world: SlackWorld) -> None:
    assert await send(world, CHALLENGE) == (200, json.dumps({"challenge": CANARY}))


NOT_SIGNED: dict[str, dict[str, str]] = {
    "no signature": {"X-Slack-Signature": "(none)"},
    "empty signature": {"X-Slack-Signature": ""},
    "another signature": {"X-Slack-Signature": "v0=" + "0" * 64},
    "signature that is not ASCII": {"X-Slack-Signature": "v0=ünï"},
    "signature of another version": {"X-Slack-Signature": "v1=" + "0" * 64},
    "no timestamp": {"X-Slack-Request-Timestamp": "(none)"},
    "empty timestamp": {"X-Slack-Request-Timestamp": ""},
    "timestamp in words": {"X-Slack-Request-Timestamp": "abc"},
    "timestamp in other digits": {"X-Slack-Request-Timestamp": "١٢٣"},
    "timestamp with a sign": {"X-Slack-Request-Timestamp": "-1"},
    "timestamp beyond all time": {"X-Slack-Request-Timestamp": "9" * 40},
    "five minutes old": at(-360, CHALLENGE),
    "an hour ahead": at(3600, CHALLENGE),
}


@pytest.mark.parametrize("name", NOT_SIGNED)
async def test_what_slack_did_not_sign_now_is_refused(
    world: SlackWorld, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, text = await send(world, CHALLENGE, headers=NOT_SIGNED[name])
    assert status == 401
    assert CANARY not in text + caplog.text
    assert world.inbox.taken == []


MALFORMED: dict[str, tuple[bytes, str]] = {
    "invalid UTF-8 in JSON": (b'{"type": "\xff\xfe"}', JSON),
    "invalid UTF-8 in a form": (b"payload=\xff\xfe", FORM),
    "broken JSON": (b'{"type": "' + CANARY.encode(), JSON),
    "no body": (b"", JSON),
    "a list": (b"[]", JSON),
    "a number": (b"1", JSON),
    "deep nesting": (b"[" * 100_000, JSON),
    "broken payload": (b"payload=%7B" + CANARY.encode(), FORM),
    "payload that is a list": (b"payload=%5B%5D", FORM),
    "deep payload": (b"payload=" + b"%5B" * 50_000, FORM),
    "too many fields": (b"a=1&" * 5_000, FORM),
    "event: null": (b'{"type": "event_callback", "event": null, "authorizations": [{"user_id": "U"}]}', JSON),
    "event without type": (
        b'{"type": "event_callback", "event": {}, "authorizations": [{"user_id": "U"}]}',
        JSON,
    ),
    "no authorizations": (b'{"type": "event_callback", "event": {"type": "message"}}', JSON),
    "authorizations of words": (
        b'{"type": "event_callback", "event": {"type": "message"}, "authorizations": "abc"}',
        JSON,
    ),
    "no actions": (
        b"payload=" + quote_plus('{"type":"block_actions","user":{"id":"U"},"actions":[]}').encode(),
        FORM,
    ),
    "a view of words": (
        b"payload=" + quote_plus('{"type":"view_submission","user":{"id":"U"},"view":"x"}').encode(),
        FORM,
    ),
    "a button of another bot": (
        urlencode(
            {
                "payload": json.dumps(
                    {
                        "type": "block_actions",
                        "user": {"id": "U1", "team_id": "T1"},
                        "team": {"id": "T1"},
                        "actions": [
                            {"type": "button", "action_id": "x", "value": CANARY, "action_ts": "1.1"}
                        ],
                    }
                )
            }
        ).encode(),
        FORM,
    ),
    "a command by nobody": (b"command=%2Fpulse&text=help", FORM),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_has_no_shape_of_slacks_is_refused_though_signed(
    world: SlackWorld, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    raw, kind = MALFORMED[name]
    status, text = await send(world, raw, kind)
    assert status == 400
    assert CANARY not in text + caplog.text
    assert "Traceback" not in caplog.text
    assert world.inbox.taken == []


async def test_half_a_character_and_nul_arrive_as_what_a_database_can_hold(world: SlackWorld) -> None:
    who = "U0NORT001"
    await world.hand.say(who, "a\ud83d b\x00 🙂")
    form = {
        "command": "/pulse",
        "text": "vision\x00",
        "user_id": who,
        "team_id": "T0NORTHWIND",
        "channel_id": "C\x00",
    }
    assert (await send(world, urlencode(form).encode(), FORM))[0] == 200
    said, commanded = world.inbox.taken
    assert isinstance(said, Said) and said.text == "a\ufffd b\ufffd 🙂"
    assert isinstance(commanded, Commanded) and commanded.channel and commanded.channel.address == "C\ufffd"
    assert commanded.text == "vision\ufffd"


async def test_a_body_above_the_limit_is_not_read(world: SlackWorld) -> None:
    large = b'{"type": "' + b"x" * MAX_BYTES + b'"}'
    assert (await send(world, large))[0] == 413

    async def dripped() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * (MAX_BYTES // 8)

    signed = world.hand.signed(b"") | {"Content-Type": JSON}
    async with world.hand.session.post(world.hand.bot_url, data=dripped(), headers=signed) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_the_limit_itself_is_still_taken(world: SlackWorld, is_chunked: bool) -> None:
    for length, status in ((256 * 1024, 200), (256 * 1024 + 1, 413)):
        raw = CHALLENGE.ljust(length)
        headers = {**world.hand.signed(raw), "Content-Type": JSON}

        async def chunks(whole: bytes = raw) -> AsyncIterator[bytes]:
            yield whole

        sent = chunks() if is_chunked else BytesIO(raw)
        async with world.hand.session.post(world.hand.bot_url, data=sent, headers=headers) as answer:
            assert answer.status == status


def test_five_minutes_are_still_now_and_a_moment_more_is_not() -> None:
    headers = at(0, CHALLENGE)
    stamp = int(headers["X-Slack-Request-Timestamp"])
    for seconds in (-300.0, 300.0):
        now = datetime.fromtimestamp(stamp + seconds, UTC)
        assert guard.verify_signature(headers, CHALLENGE, SECRET, now).timestamp() == stamp
        with pytest.raises(guard.Refusal, match="another time"):
            guard.verify_signature(
                headers, CHALLENGE, SECRET, now + timedelta(microseconds=1) * (1 if seconds > 0 else -1)
            )


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "+1531420618", "1e9", "١٢٣", "9" * 40])
def test_what_is_no_time_is_refused_though_signed(stamp: str) -> None:
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": guard.sign_body(SECRET, stamp, CHALLENGE),
    }
    with pytest.raises(guard.Refusal, match="no valid timestamp"):
        guard.verify_signature(headers, CHALLENGE, SECRET, datetime.fromtimestamp(1531420618, UTC))


@given(st.text(st.sampled_from("\x00\ud83d\ude42é") | st.characters()), st.booleans())
def test_whatever_text_slack_signs_is_one_that_can_be_written(text: str, as_form: bool) -> None:
    sent = json.dumps(
        {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "1", "v": text}]}
    )
    raw, kind = (
        (urlencode({"payload": sent}).encode(), "application/x-www-form-urlencoded")
        if as_form
        else (sent.encode(), "application/json")
    )
    found = guard.parse_body(raw, kind)
    assert found is not None
    kept = found["actions"][0]["v"]
    assert "\x00" not in kept.encode().decode()
    if "\x00" not in text and text == text.encode("utf-8", "ignore").decode():
        assert kept == text


async def test_a_compressed_body_is_not_unpacked(world: SlackWorld) -> None:
    assert (await send(world, CHALLENGE, headers={"Content-Encoding": "gzip"}))[0] == 400


async def test_a_body_that_drips_is_given_up(world: SlackWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "READ_TIMEOUT", 0.1)

    async def dripped() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.4)
        yield b"}"

    signed = world.hand.signed(b"{}")
    async with world.hand.session.post(world.hand.bot_url, data=dripped(), headers=signed) as answer:
        assert answer.status == 408


async def test_kinds_that_are_not_listened_to_are_acknowledged(world: SlackWorld) -> None:
    for sent in ({"type": "app_rate_limited", "team_id": "T1"}, {"type": "shortcut", "callback_id": "x"}):
        assert (await send(world, json.dumps(sent).encode()))[0] == 200
    assert world.inbox.taken == []


@pytest.mark.parametrize("failure", [StoreUnavailable("no disk"), TakenElsewhere()])
async def test_an_event_that_cannot_be_stored_is_asked_for_again(
    world: SlackWorld, failure: Exception
) -> None:
    world.inbox.failure = failure
    await world.hand.say("U0ANNA", "hello")
    assert world.hand.deliveries == [503]
    world.inbox.failure = None
    await world.hand.say("U0ANNA", "hello again")
    assert world.hand.deliveries == [503, 200]
    assert len(world.inbox.taken) == 1


async def test_a_repeated_delivery_is_taken_again_as_the_message_that_it_was(world: SlackWorld) -> None:
    """Readings are kept by message; that a command is answered once, tests/adapters/slack/test_once.py shows."""
    state = world.far.state
    room, who = state.rooms["C0JOINT"], state.users["U0ANNA"]
    said = {"type": "message", "user": who.id, "team": who.team, "text": "hello", "ts": state.ts()}
    raw = json.dumps(world.hand.envelope(said, room, who, state.workspaces["T0NORTHWIND"])).encode()
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    world.inbox.failure = StoreUnavailable("no disk")
    assert (await send(world, raw))[0] == 503
    world.inbox.failure = None
    assert (await send(world, raw, headers=retry))[0] == 200
    assert (await send(world, raw, headers=retry))[0] == 200
    assert len(set(world.inbox.taken)) == 1

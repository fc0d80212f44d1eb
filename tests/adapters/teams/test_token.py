"""Who gets in: exactly what Microsoft signed, now, for this bot, about a tenant of an alliance."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from adapters.shared.rejection import Refusal
from adapters.teams.activity import ReceivedActivity, parse_activity
from adapters.teams.credentials import SCOPE
from adapters.teams.signing_keys import RETRY
from tests.contract.teams_world import TeamsWorld, wired
from tests.far.teams_entra import private_key
from tests.far.teams_state import APP, JOINT, MERIDIAN, NORTHWIND, two_tenants

Json = dict[str, Any]
NOW = 1_790_000_000.0
EVIL = "https://evil.trafficmanager.net/emea/"


@pytest.fixture
async def world() -> AsyncIterator[TeamsWorld]:
    async with wired(two_tenants(time.time)) as made:
        yield made


def message(world: TeamsWorld, **changed: Any) -> Json:
    state = world.far.state
    sent = world.hand.activity("message", next(iter(state.people.values())), state.chats[JOINT], JOINT)
    return {key: value for key, value in (sent | {"text": "hello"} | changed).items() if value is not None}


async def status(world: TeamsWorld, token: str | None, **changed: Any) -> int:
    raw = json.dumps(message(world, **changed)).encode()
    answer = await world.hand.send(raw, None if token is None else f"Bearer {token}")
    assert answer.seconds < 4
    assert "hello" not in answer.text
    return answer.status


async def test_a_valid_token_gets_in(world: TeamsWorld) -> None:
    assert await status(world, world.far.token()) == 200
    assert len(world.inbox.taken) == 1


CLAIMS: list[tuple[str, Json]] = [
    ("no issuer", {"iss": None}),
    ("another issuer", {"iss": "https://sts.windows.net/x/"}),
    ("the emulator's issuer", {"iss": f"https://login.microsoftonline.com/{NORTHWIND}/v2.0"}),
    ("issuers as a list", {"iss": ["https://api.botframework.com"]}),
    ("no audience", {"aud": None}),
    ("another bot's audience", {"aud": "00000000-0000-4000-8000-000000000001"}),
    ("an empty audience", {"aud": ""}),
    ("no end", {"exp": None}),
    ("over", {"exp": NOW - 301}),
    ("an end that is no number", {"exp": "never"}),
    ("an end that is a truth", {"exp": True}),
    ("no end in sight", {"exp": float("inf")}),
    ("an end beyond numbers", {"exp": 10**400}),
    ("just over", {"exp": NOW - 300}),
    ("no beginning", {"nbf": None}),
    ("a beginning that is a truth", {"nbf": True}),
    ("a beginning that is no number", {"nbf": "always"}),
    ("not yet", {"nbf": NOW + 301}),
    ("no service URL", {"serviceurl": None}),
    ("another service URL", {"serviceurl": EVIL}),
    ("a service URL that is no string", {"serviceurl": 5}),
    ("no key id", {"kid": None}),
    ("an empty key id", {"kid": ""}),
    ("a key id that nobody knows", {"kid": "nobody"}),
    ("another's key under a known id", {"key": private_key("other")}),
    ("HS256 with the public app id", {"alg": "HS256", "key": APP * 2}),
    ("no signature at all", {"alg": "none", "key": None}),
]


@pytest.mark.parametrize("changed", [pytest.param(claims, id=name) for name, claims in CLAIMS])
async def test_a_token_that_says_anything_else_stays_out(changed: Json) -> None:
    async with wired(two_tenants(lambda: NOW), lambda: _at(NOW)) as world:
        assert await status(world, world.far.token(**changed)) == 401
        assert world.inbox.taken == []
        assert await status(world, world.far.token()) == 200


@pytest.mark.parametrize("now", [NOW - 1e9, NOW + 1e9], ids=["long ago", "far ahead"])
async def test_the_bots_own_clock_decides_and_five_minutes_are_forgiven(now: float) -> None:
    async with wired(two_tenants(lambda: now), lambda: _at(now)) as world:
        assert await status(world, world.far.token(iat=now, nbf=now + 300, exp=now + 900)) == 200
        assert await status(world, world.far.token(nbf=now - 900, exp=now - 299)) == 200


async def test_another_scheme_stays_out_though_the_token_is_good(world: TeamsWorld) -> None:
    raw, token = json.dumps(message(world)).encode(), world.far.token()
    assert (await world.hand.send(raw, f"Basic {token}")).status == 401
    assert (await world.hand.send(raw, f"bearer {token}")).status == 200


async def test_a_gate_opened_for_the_local_playground_still_refuses_a_token_that_is_not_good(
    world: TeamsWorld,
) -> None:
    gate = replace(world.door.gate, is_open=True)
    assert await gate.verify_token("") is None
    with pytest.raises(Refusal, match="token is not valid"):
        await gate.verify_token("Bearer junk")
    await gate.check_activity(None, parse_activity(json.dumps(message(world)).encode(), _at(NOW)))
    with pytest.raises(Refusal, match="service URL is not on the list"):
        await gate.check_activity(
            None, parse_activity(json.dumps(message(world, serviceUrl=EVIL)).encode(), _at(NOW))
        )


async def test_a_tenant_of_no_alliance_is_reported_only_if_microsoft_speaks_for_it(world: TeamsWorld) -> None:
    told: list[str] = []

    async def report(refused: ReceivedActivity) -> None:
        told.append(refused.tenant)

    gate = replace(world.door.gate, report=report)
    stranger = message(world, channelData={"tenant": {"id": MERIDIAN}}, conversation={"id": JOINT})
    for channel, wanted in (("emulator", []), ("msteams", [MERIDIAN])):
        activity = parse_activity(json.dumps(stranger | {"channelId": channel}).encode(), _at(NOW))
        with pytest.raises(Refusal, match=r"not from Microsoft Teams|tenant belongs to no alliance"):
            await gate.check_activity(await gate.verify_token(f"Bearer {world.far.token()}"), activity)
        assert told == wanted


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer junk", "Bearer a.b.c", "x" * 4000]
)
async def test_what_is_no_token_stays_out(world: TeamsWorld, header: str) -> None:
    answer = await world.hand.send(json.dumps(message(world)).encode(), header)
    assert answer.status == 401


async def test_no_header_stays_out_whatever_the_body(world: TeamsWorld) -> None:
    assert await status(world, None) == 401
    assert (await world.hand.send(b"\x00" * 1000, None)).status == 401


async def test_the_bots_own_token_for_the_connector_is_not_one_for_it(world: TeamsWorld) -> None:
    await world.platform.connector.credentials[0].build_headers()
    (own,) = world.far.tokens
    assert await status(world, own) == 401
    assert await status(world, world.far.token(aud=SCOPE)) == 401, "were it signed with the same key"


BODIES: list[tuple[str, Json, int]] = [
    ("another channel", {"channelId": "emulator"}, 403),
    ("a channel the key may not vouch for", {"channelId": "directline"}, 403),
    ("no channel", {"channelId": None}, 400),
    ("no service URL", {"serviceUrl": None}, 400),
    ("another service URL", {"serviceUrl": EVIL}, 401),
    ("another tenant", {"channelData": {"tenant": {"id": MERIDIAN}}, "conversation": {"id": JOINT}}, 403),
    ("two tenants", {"channelData": {"tenant": {"id": MERIDIAN}}}, 400),
    ("no tenant", {"channelData": {}, "conversation": {"id": JOINT}}, 400),
    ("no conversation", {"conversation": None, "channelData": {"tenant": {"id": NORTHWIND}}}, 400),
    ("no type", {"type": None}, 400),
]


@pytest.mark.parametrize(("changed", "wanted"), [pytest.param(b, s, id=name) for name, b, s in BODIES])
async def test_a_valid_token_for_another_activity_is_refused(
    world: TeamsWorld, changed: Json, wanted: int
) -> None:
    assert await status(world, world.far.token(), **changed) == wanted
    assert world.inbox.taken == []


async def test_a_service_url_off_the_list_is_refused_though_signed(world: TeamsWorld) -> None:
    for url in (EVIL, "https://smba.trafficmanager.net@evil.example/", "http://127.0.0.1:1/emea"):
        assert await status(world, world.far.token(serviceurl=url), serviceUrl=url) == 403


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"5", b'"x"', b"\xff\xfe", b"[" * 60_000, b'{"timestamp": "junk"}']
)
async def test_a_body_that_is_no_activity_is_refused(world: TeamsWorld, raw: bytes) -> None:
    assert (await world.hand.send(raw, f"Bearer {world.far.token()}")).status == 400


async def test_a_body_too_large_is_refused(world: TeamsWorld) -> None:
    assert (await world.hand.send(b" " * 300_000, f"Bearer {world.far.token()}")).status == 413


async def test_a_key_that_may_not_vouch_for_teams_does_not(world: TeamsWorld) -> None:
    world.far.published["key1"] = ["webchat"]
    assert await status(world, world.far.token()) == 403


async def test_a_new_key_is_learned_when_it_is_used_and_not_asked_for_at_every_strangers_word() -> None:
    async with wired(two_tenants(time.time)) as world:
        clock = [1000.0]
        world.door.gate.keys.clock = lambda: clock[0]
        assert await status(world, world.far.token()) == 200
        world.far.published = {"key2": ["msteams"]}
        world.far.signing = "key2"
        assert await status(world, world.far.token()) == 401
        read = world.far.asked.count("/v1/.well-known/keys")
        for _ in range(5):
            assert await status(world, world.far.token(kid="nobody")) == 401
        assert world.far.asked.count("/v1/.well-known/keys") == read
        clock[0] += RETRY
        assert await status(world, world.far.token()) == 200
        assert await status(world, world.far.token(kid="key1", key=private_key("key1"))) == 401


async def test_while_the_keys_cannot_be_read_teams_is_asked_to_send_again_and_junk_stays_out() -> None:
    async with wired(two_tenants(time.time)) as world:
        clock = [1000.0]
        world.door.gate.keys.clock = lambda: clock[0]
        world.far.published = {}
        assert await status(world, world.far.token()) == 503
        for junk in ({"alg": "none", "key": None}, {"alg": "HS256", "key": APP * 2}, {"kid": None}):
            assert await status(world, world.far.token(**junk)) == 401
        world.far.published = {"key1": ["msteams"]}
        clock[0] += RETRY
        assert await status(world, world.far.token()) == 200
        assert len(world.inbox.taken) == 1


async def test_a_slow_key_server_costs_a_503_in_time_and_holds_up_nobody_else() -> None:
    async with wired(two_tenants(time.time), limit=30) as world, aiohttp.ClientSession() as other:
        world.far.key_delay, world.door.gate.keys.patience = 3, 0.5
        asked = asyncio.ensure_future(status(world, world.far.token()))
        await asyncio.sleep(0.05)
        for _ in range(5):
            began = time.perf_counter()
            async with other.post(world.hand.bot_url) as answer:
                assert answer.status == 401
            assert time.perf_counter() - began < 0.2
        assert await asked == 503


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

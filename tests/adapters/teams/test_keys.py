"""Microsoft's keys: read anew in time, from where Microsoft publishes them, and never lost to a bad answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from adapters.teams.signing_keys import DAY, REFRESH, RETRY, KeysUnreachable, SigningKeys
from tests.far.teams_entra import private_key

JWK = json.loads(RSAAlgorithm.to_jwk(private_key("key1").public_key()))
KEY = {**JWK, "kid": "key1", "endorsements": ["msteams"]}
OPENID, LISTED = "/openid", "/keys"


@dataclass(slots=True)
class Publisher:
    """Answers with what a test puts into `documents`; `asked` are the paths of all requests."""

    keys: SigningKeys
    at: float = 1_000_000.0
    base_url: str = ""
    status: int = 200
    documents: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def knows(self, id: str = "key1", after: float = 0.0) -> bool:
        """Is a key known so many seconds later?"""
        self.at += after
        try:
            return await self.keys.find_key(id) is not None
        except KeysUnreachable:
            return False

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path.startswith("/moved"):
            raise web.HTTPFound(request.path.removeprefix("/moved"))
        return web.json_response(self.documents[request.path], status=self.status)


@asynccontextmanager
async def publishing() -> AsyncIterator[Publisher]:
    """A publisher that does it well, and nobody has asked yet."""
    async with aiohttp.ClientSession() as session:
        made = Publisher(SigningKeys(session, ""))
        app = web.Application()
        app.router.add_get("/{path:.*}", made.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        made.documents = {OPENID: {"jwks_uri": made.base_url + LISTED}, LISTED: {"keys": [KEY]}}
        made.keys.url, made.keys.clock = made.base_url + OPENID, lambda: made.at
        yield made
        await runner.cleanup()


@pytest.fixture
async def far() -> AsyncIterator[Publisher]:
    async with publishing() as made:
        yield made


async def test_they_are_read_once_a_day(far: Publisher) -> None:
    assert await far.knows()
    assert await far.knows(after=DAY - 1)
    assert far.asked == [OPENID, LISTED]
    assert await far.knows(after=1)
    assert far.asked == [OPENID, LISTED] * 2


async def test_what_could_not_be_read_anew_is_used_for_two_days_and_no_longer(far: Publisher) -> None:
    assert await far.knows()
    far.status = 503
    assert await far.knows(after=2 * DAY)
    assert not await far.knows(after=1)
    far.status = 200
    assert await far.knows(after=RETRY)


async def test_a_new_key_is_known_within_seconds_and_strangers_keys_cause_few_readings(
    far: Publisher,
) -> None:
    assert await far.knows()
    assert not await far.knows("key2", after=RETRY - 1)
    assert far.asked == [OPENID, LISTED]
    far.documents[LISTED] = {"keys": [KEY, {**KEY, "kid": "key2"}]}
    assert await far.knows("key2", after=1)
    for _ in range(60):
        assert not await far.knows("nobody", after=1)
    assert far.asked.count(OPENID) <= 2 + 60 / RETRY


async def test_while_they_cannot_be_read_it_is_not_known_whether_a_key_is_genuine(far: Publisher) -> None:
    far.status = 503
    with pytest.raises(KeysUnreachable):
        await far.keys.find_key("key1")
    with pytest.raises(KeysUnreachable):
        await far.keys.find_key("key1")
    far.status = 200
    assert await far.knows(after=RETRY)
    assert await far.keys.find_key("nobody") is None
    far.status, far.at = 503, far.at + RETRY
    with pytest.raises(KeysUnreachable):
        await far.keys.find_key("nobody")
    assert await far.knows(), "a known key goes on"


async def test_renewing_that_fails_holds_up_known_keys_once_in_five_minutes(far: Publisher) -> None:
    assert await far.knows()
    far.status = 503
    for _ in range(60):
        assert await far.knows(after=DAY / 60)
    read = len(far.asked)
    for _ in range(int(REFRESH) - 1):
        assert await far.knows(after=1)
    assert len(far.asked) <= read + 1


async def test_while_there_is_none_it_is_tried_again_soon_but_not_at_once(far: Publisher) -> None:
    far.status = 503
    assert not await far.knows()
    assert not await far.knows(after=RETRY - 1)
    assert far.asked == [OPENID]
    far.status = 200
    assert await far.knows(after=1)


async def test_many_who_wait_for_them_cause_one_reading(far: Publisher) -> None:
    assert all(await asyncio.gather(*(far.knows() for _ in range(5))))
    assert far.asked == [OPENID, LISTED]


BAD: dict[str, dict[str, Any]] = {
    "a list": {OPENID: []},
    "no address of keys": {OPENID: {}},
    "an address that is none": {OPENID: {"jwks_uri": 5}},
    "keys that are no object": {LISTED: [KEY]},
    "no list of keys": {LISTED: {"keys": "key1"}},
    "no keys": {LISTED: {"keys": []}},
    "no usable key": {LISTED: {"keys": [{**KEY, "n": "!"}, {**KEY, "kty": "EC"}, "key1"]}},
    "keys without endorsements": {LISTED: {"keys": [{**JWK, "kid": "key1"}]}},
}


@pytest.mark.parametrize("documents", BAD.values(), ids=BAD)
async def test_a_bad_answer_gives_no_key_and_takes_none_away(documents: dict[str, Any]) -> None:
    async with publishing() as far:
        good, far.documents = far.documents, far.documents | documents
        assert not await far.knows()
        far.documents = good
        assert await far.knows(after=RETRY)
        far.documents = good | documents
        assert await far.knows(after=DAY)


async def test_a_refusal_that_looks_like_a_document_is_none(far: Publisher) -> None:
    far.status = 404
    assert not await far.knows()


async def test_keys_that_lie_elsewhere_are_not_taken_though_they_are_there(far: Publisher) -> None:
    far.documents[OPENID] = {"jwks_uri": far.base_url.replace("127.0.0.1", "localhost") + LISTED}
    assert not await far.knows()
    assert far.asked == [OPENID]


@pytest.mark.parametrize("moved", [OPENID, LISTED])
async def test_nobody_is_followed_elsewhere(far: Publisher, moved: str) -> None:
    far.keys.url = far.base_url + ("/moved" if moved == OPENID else "") + OPENID
    far.documents[OPENID] = {"jwks_uri": far.base_url + ("/moved" if moved == LISTED else "") + LISTED}
    assert not await far.knows()
    assert far.asked[-1] == f"/moved{moved}"

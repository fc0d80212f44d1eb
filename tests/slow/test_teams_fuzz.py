"""Twenty thousand broken activities, valid and invalid tokens: refused in silence, and nothing leaves for elsewhere."""

import asyncio
import copy
import json
import logging
import random
import time
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from bot.cards import Card
from tests.contract.teams_world import TeamsWorld, wired
from tests.far.teams_state import JOINT, two_tenants

Json = dict[str, Any]
MANY = 20_000
SECRET = "canary-words-4711"
VALUES: tuple[object, ...] = (
    None, 0, -1, 1.5, True, "", "x", SECRET, [], [None], {}, {"a": [1]}, "29:x", "\ud83d", "9" * 3000, 10**30,
    "2026-13-45T99:99:99Z", "a|r|i|4", {"id": 5}, [{"id": []}], "19:joint@thread.tacv2;messageid=",
)  # fmt: skip


async def test_no_activity_breaks_the_door_or_leaves_a_word_behind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "aiohttp.access")  # of the far side; the bot keeps none
    chance, statuses = random.Random(11), Counter[int]()
    async with wired(two_tenants(time.time)) as world:
        world.inbox.card = Card("Answer")
        elsewhere, hits = await _canary()
        gate = asyncio.Semaphore(8)

        async def one() -> None:
            raw, header = _request(world, chance, elsewhere.addresses[0][1])
            async with gate:
                answer = await world.hand.send(raw, header)
            statuses[answer.status] += 1
            assert answer.status < 500, (answer, raw[:500])
            assert SECRET not in answer.text

        for _ in range(MANY // 100):
            await asyncio.gather(*(one() for _ in range(100)))
            await world.door.drain(5)
        sent = world.hand.activity(
            "message", world.far.state.people["29:1-1-0"], world.far.state.chats[JOINT], JOINT
        )
        assert (await world.hand.deliver(sent | {"text": "still here"})).status == 200
        await elsewhere.cleanup()
    assert hits == []
    assert min(statuses[200], statuses[400], statuses[401]) > 2_000 and statuses[403] > 200, statuses
    assert SECRET not in caplog.text and "Traceback" not in caplog.text


def _request(world: TeamsWorld, chance: random.Random, canary: int) -> tuple[bytes, str | None]:
    activity = _broken(_valid(world, chance), chance)
    claims: Json = {}
    if chance.random() < 0.05:
        activity["serviceUrl"] = claims["serviceurl"] = f"http://127.0.0.1:{canary}/emea"
    if chance.random() < 0.1:
        claims["aud"] = chance.choice(["x", None, ["x"]])
    token = f"Bearer {world.far.token(**claims)}"
    header = chance.choice([None, "Bearer x.y.z", token[:-4] + "AAAA"]) if chance.random() < 0.1 else token
    raw = json.dumps(activity).encode()
    return (raw[: chance.randrange(len(raw))] if chance.random() < 0.05 else raw), header


def _valid(world: TeamsWorld, chance: random.Random) -> Json:
    state = world.far.state
    who = state.people[chance.choice(list(state.people))]
    chat = chance.choice([state.chats[JOINT], state.personal(who)])
    kind = chance.choice(
        [
            "message",
            "invoke",
            "messageUpdate",
            "messageDelete",
            "conversationUpdate",
            "installationUpdate",
            "typing",
        ]
    )
    action = {"type": "Action.Execute", "verb": "pulse", "data": {"pulse": "a|r1|vision@1|4", "text": SECRET}}
    mention = {
        "type": "mention",
        "text": "<at>x</at>",
        "mentioned": {"id": f"28:{who.object_id}", "name": "x"},
    }
    return world.hand.activity(kind, who, chat, chat.id) | {
        "text": f"<at>x</at> {SECRET}",
        "name": "adaptiveCard/action",
        "value": {"action": action},
        "entities": [mention],
        "membersAdded": [{"id": who.mri, "aadObjectId": who.object_id}],
        "action": "add",
    }


def _broken(activity: Json, chance: random.Random) -> Json:
    """Up to three values changed or taken away, anywhere."""
    broken = copy.deepcopy(activity)
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        place: Any = broken
        while isinstance(place, dict) and place:
            key = chance.choice(sorted(place))
            if isinstance(place[key], dict) and place[key] and chance.random() < 0.7:
                place = place[key]
                continue
            if chance.random() < 0.3:
                del place[key]
            else:
                place[key] = copy.deepcopy(chance.choice(VALUES))
            break
    return broken


async def _canary() -> tuple[web.AppRunner, list[str]]:
    hits: list[str] = []

    async def seen(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", seen)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, hits

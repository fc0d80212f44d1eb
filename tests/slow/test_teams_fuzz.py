"""Twenty thousand broken activities, valid and invalid tokens: refused in silence, and nothing leaves for elsewhere."""

import asyncio
import copy
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.databases import fresh
from tests.far.teams import serving
from tests.far.teams_hand import Hand
from tests.far.teams_state import JOINT, MERIDIAN, two_tenants
from tests.slow.teams_bot import teams_bot

Json = dict[str, Any]
MANY = 20_000
SAID = "canary-words-4711"
"""What people say: to be found nowhere."""
SECRET = "canary-id-0815"
"""Comes in the place of anything, ids that are kept among them: to be found in no log."""
VALUES: tuple[object, ...] = (
    None, 0, -1, 1.5, True, "", "x", SECRET, [], [None], {}, {"a": [1]}, "29:x", "\ud83d", "9" * 3000, 10**30, "x\x00y",
    "2026-13-45T99:99:99Z", "a|r|i|4", {"id": 5}, [{"id": []}], "19:joint@thread.tacv2;messageid=",
)  # fmt: skip

EVENTS = (
    None, "teamMemberAdded", "channelRenamed", "channelDeleted", "channelShared", "channelUnshared", "teamArchived",
    "teamDeleted", "editMessage", "undeleteMessage", "softDeleteMessage",
)  # fmt: skip


async def test_no_activity_breaks_the_bot_or_leaves_a_word_behind(tmp_path: Path) -> None:
    chance, statuses = random.Random(11), Counter[int]()
    elsewhere, hits = await _canary()
    state = two_tenants(time.time)
    async with serving(state) as far, aiohttp.ClientSession() as session:
        with fresh("sqlite", tmp_path) as url:
            async with teams_bot(tmp_path, far, url) as bot:
                hand = Hand(far, session, f"{bot.url}/api/messages")
                await _storm(hand, chance, statuses, elsewhere.addresses[0][1])
                sent = hand.activity("message", state.people["29:1-1-0"], state.chats[JOINT], JOINT)
                assert (await hand.deliver(sent | {"text": "still here"})).status == 200
            kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    await elsewhere.cleanup()
    assert hits == []
    assert min(statuses[200], statuses[400], statuses[401]) > 2_000 and statuses[403] > 200, statuses
    assert SAID.encode() not in kept
    assert SECRET not in bot.log
    assert "Traceback" not in bot.log and "ERROR" not in bot.log


async def _storm(hand: Hand, chance: random.Random, statuses: Counter[int], canary: int) -> None:
    async def one(raw: bytes, header: str | None) -> None:
        answer = await hand.send(raw, header)
        statuses[answer.status] += 1
        assert answer.status < 500, (answer, raw[:500])
        assert SECRET not in answer.text and SAID not in answer.text

    for _ in range(MANY // 100):
        good = hand.far.token()  # a signature costs a millisecond
        await asyncio.gather(*(one(*_request(hand, good, chance, canary)) for _ in range(100)))


def _request(hand: Hand, good: str, chance: random.Random, canary: int) -> tuple[bytes, str | None]:
    activity = broken(valid(hand, chance), chance)
    claims: Json = {}
    if chance.random() < 0.05:
        activity["serviceUrl"] = claims["serviceurl"] = f"http://127.0.0.1:{canary}/emea"
    if chance.random() < 0.1:
        claims["aud"] = chance.choice(["x", None, ["x"]])
    token = f"Bearer {hand.far.token(**claims) if claims else good}"
    header = chance.choice([None, "Bearer x.y.z", token[:-4] + "AAAA"]) if chance.random() < 0.1 else token
    raw = json.dumps(activity).encode()
    return (raw[: chance.randrange(len(raw))] if chance.random() < 0.05 else raw), header


def valid(hand: Hand, chance: random.Random) -> Json:
    state = hand.state
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
            "conversationUpdate",
        ]
    )
    action = {"type": "Action.Execute", "verb": "pulse", "data": {"pulse": "a|r1|vision@1|4", "text": SAID}}
    mention = {
        "type": "mention",
        "text": "<at>x</at>",
        "mentioned": {"id": f"28:{who.object_id}", "name": "x"},
    }
    sent = hand.activity(kind, who, chat, chat.id) | {
        "text": f"<at>x</at> {SAID}",
        "name": "adaptiveCard/action",
        "value": {"action": action},
        "entities": [mention],
        "membersAdded": [{"id": who.mri, "aadObjectId": who.object_id}],
        "action": chance.choice(["add", "remove"]),
    }
    sent["recipient"] |= {"isTargeted": chance.random() < 0.1}
    sent["channelData"] |= {"eventType": chance.choice(EVENTS), "sharedWithTeams": [{"tenantId": MERIDIAN}]}
    return sent


def broken(activity: Json, chance: random.Random) -> Json:
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

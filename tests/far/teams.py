"""Serve a strict Teams on loopback: the Bot Connector, its OpenID documents, and Entra's tokens.

    async with serving(two_tenants(time.time)) as far:
        …  # far.service_url, far.openid_url, far.token_url, far.state, far.calls, far.fail(…)

`tests/far/teams_hand.py` is the other half: people who write and press.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography import x509
from jwt.api_jws import PyJWS

from tests.far import teams_entra as entra
from tests.far.adaptive import LARGEST, problems, size
from tests.far.dated import Dates
from tests.far.teams_state import APP, GROUP, Chat, Json, Posted, State, account


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


@dataclass(slots=True)
class FarTeams:
    state: State
    base_url: str = ""
    signing: str = "key1"
    """Key that Microsoft signs with now."""
    published: dict[str, list[str]] = field(default_factory=lambda: {"key1": ["msteams", "webchat"]})
    """Key ids of the key document, each with its endorsements."""
    key_delay: float = 0.0
    entra_error: int = 7000215
    """Entra's code where it refuses a token: here a wrong password."""
    certificate: x509.Certificate | None = None
    """The app's certificate; it may then prove itself by that, too."""
    proofs: set[str] = field(default_factory=set)
    """Ids of the proofs that were shown; each serves once."""
    tokens: dict[str, float] = field(default_factory=dict)
    """Access tokens for the connector → when they expire, on the monotonic clock."""
    graph_tokens: set[str] = field(default_factory=set)
    """Access tokens for Microsoft Graph; neither service accepts the other's."""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    """(kind of call, body) of all accepted requests."""
    asked: list[str] = field(default_factory=list)
    """Paths of all requests."""
    faults: "deque[tuple[str, str, float]]" = field(default_factory=deque)
    dates: Dates = field(default_factory=Dates)
    in_pieces: bool = False
    """True: send each response in two pieces, as if it were larger than a packet."""

    @property
    def service_url(self) -> str:
        return f"{self.base_url}/emea/"

    @property
    def openid_url(self) -> str:
        return f"{self.base_url}/v1/.well-known/openidconfiguration"

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/entra/oauth2/v2.0/token"

    @property
    def host(self) -> str:
        return self.base_url.removeprefix("http://")

    def fail(self, call: str, kind: str, seconds: float = 30.0) -> None:
        """Make the next such call fail: `429`, `412`, `503`, `403:Code`, `302:URL`, `hang`, `reset_before|after`."""
        self.faults.append((call, kind, seconds))

    def called(self, call: str) -> list[Json]:
        return [body for kind, body in self.calls if kind == call]

    def token(self, **changed: Any) -> str:
        """Return the token that Microsoft sends with an activity; `changed` claims, `kid`, `key` or `alg` spoil it."""
        now = self.state.clock()
        kid = changed.pop("kid", self.signing)
        key = changed.pop("key", entra.private_key(self.signing))
        algorithm = changed.pop("alg", "RS256")
        claims = {
            "iss": entra.ISSUER,
            "aud": APP,
            "nbf": now - 60,
            "exp": now + 3600,
            "serviceurl": self.service_url,
        }
        given = {name: value for name, value in (claims | changed).items() if value is not None}
        raw = json.dumps(given).encode()
        return PyJWS().encode(raw, key, algorithm, {"kid": kid} if kid else None)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.middlewares.append(self._record_request)
        app.on_response_prepare.append(self.dates.handler())
        app.add_routes(entra.routes(self))
        root = "/{region:emea|teams}/v3"
        talk = root + "/conversations/{conversation}"
        app.router.add_post(root + "/conversations", self._guard("create", self._create_conversation))
        app.router.add_post(talk + "/activities", self._guard("send", self._send_activity))
        app.router.add_put(talk + "/activities/{id}", self._guard("update", self._update_activity))
        app.router.add_get(talk + "/pagedmembers", self._guard("roster", self._send_roster))
        app.router.add_get(talk + "/members/{id}", self._guard("member", self._send_member))
        app.router.add_get(root + "/teams/{id}/conversations", self._guard("channels", self._send_channels))
        app.router.add_get(root + "/teams/{id}", self._guard("team", self._send_team))
        return app

    @web.middleware
    async def _record_request(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        answer: web.Response = await handler(request)
        return await _send_in_pieces(request, answer) if self.in_pieces else answer

    def _guard(self, call: str, run: Any) -> Any:
        async def guarded(request: web.Request) -> web.Response:
            try:
                self._check_token(request)
                return await self._run_call(call, run, request)
            except Refused as why:
                told = {"error": {"code": why.code, "message": "refused"}}
                return web.json_response(told, status=why.status)

        return guarded

    def _check_token(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(token, 0.0) <= time.monotonic():
            raise Refused(401, "Unauthorized")

    async def _run_call(self, call: str, run: Any, request: web.Request) -> web.Response:
        fault = next((planned for planned in self.faults if planned[0] == call), None)
        if fault is None:
            answer: web.Response = await run(request)
            return answer
        self.faults.remove(fault)
        _, kind, seconds = fault
        if kind == "reset_after":
            await run(request)
        if kind.startswith("reset") and request.transport:
            request.transport.abort()
        if kind == "hang":
            await asyncio.sleep(seconds)
        status, _, code = kind.partition(":")
        wait = {"Retry-After": str(int(seconds))} if status in ("429", "412") else {}
        if status == "302":
            wait, code = {"Location": code}, ""
        told = {"error": {"code": code or "Failed", "message": "as told"}}
        return web.json_response(told, status=int(status) if status.isdecimal() else 503, headers=wait)

    async def _create_conversation(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("bot") != {"id": f"28:{APP}"}:
            raise Refused(400, "BadArgument")
        tenant = body.get("tenantId")
        match body:
            case {
                "isGroup": True,
                "channelData": {"channel": {"id": str(channel)}},
                "activity": dict(activity),
            }:
                chat = self._find_chat(channel, "channel")
                posted = self._make_message(chat, activity, None)
            case {"isGroup": False, "members": [{"id": str(user_id)}]} if "activity" not in body:
                return web.json_response({"id": self._open_personal(user_id, tenant).id}, status=201)
            case _:
                raise Refused(400, "BadArgument")
        if tenant != chat.tenant:
            raise Refused(403, "BotNotInConversationRoster")
        self._add_message(chat, posted, "create", body)
        return web.json_response({"id": posted.conversation, "activityId": posted.id}, status=201)

    def _open_personal(self, user_id: str, tenant: object) -> Chat:
        who = self.state.person(user_id)
        if who is None or who.tenant != tenant:
            raise Refused(404, "ConversationNotFound")
        if not who.has_app:
            raise Refused(403, "BotNotInConversationRoster")
        return self.state.personal(who)

    async def _send_activity(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        chat, body = self._find_chat(conversation), await request.json()
        root = conversation.partition(";messageid=")[2]
        if root and self.state.message(conversation, root) is None:
            raise Refused(404, "ConversationNotFound")
        posted = self._make_message(chat, body, root or None)
        if request.query.get("isTargetedActivity") == "true":
            return self._add_whisper(chat, posted, body)
        self._add_message(chat, posted, "send", body)
        return web.json_response({"id": posted.id}, status=201)

    def _add_whisper(self, chat: Chat, posted: Posted, body: Json) -> web.Response:
        to = body.get("recipient")
        if not isinstance(to, dict) or to.get("isTargeted") is not True or chat.kind == "personal":
            raise Refused(400, "BadArgument")
        if not self.state.has_targeted or to.get("id") not in chat.members:
            raise Refused(403, "Forbidden")
        chat.whispers.append((to["id"], posted))
        return web.json_response({"id": posted.id}, status=201)

    async def _update_activity(self, request: web.Request) -> web.Response:
        conversation, body = request.match_info["conversation"], await request.json()
        chat = self._find_chat(conversation)
        found = self.state.message(conversation, request.match_info["id"])
        if found is None or found.author != f"28:{APP}":
            raise Refused(404, "ActivityNotFound")
        updated = self._make_message(chat, body, None)
        found.card, found.text, found.summary = updated.card, updated.text, updated.summary
        self.calls.append(("update", body))
        return web.json_response({"id": found.id})

    async def _send_roster(self, request: web.Request) -> web.Response:
        chat = self._find_roster(request.match_info["conversation"], "channel")
        at, most = int(request.query.get("continuationToken", "0")), int(request.query.get("pageSize", "200"))
        if not 1 <= most <= 500:
            raise Refused(400, "BadArgument")
        page = chat.members[at : at + min(most, 5)]  # the service may give fewer than asked for
        told: Json = {"members": [account(self.state.people[mri]) for mri in page]}
        if at + len(page) < len(chat.members):
            told["continuationToken"] = str(at + len(page))
        return web.json_response(told)

    async def _send_member(self, request: web.Request) -> web.Response:
        chat = self._find_roster(request.match_info["conversation"])
        who = self.state.person(request.match_info["id"])
        if who is None or who.mri not in chat.members:
            raise Refused(404, "MemberNotFoundInConversation")
        return web.json_response(account(who))

    async def _send_channels(self, request: web.Request) -> web.Response:
        team = self._find_chat(request.match_info["id"], "channel")
        found = [
            chat
            for chat in self.state.chats.values()
            if chat.kind == "channel" and chat.tenant == team.tenant
        ]
        return web.json_response({"conversations": [{"id": chat.id, "name": None} for chat in found]})

    async def _send_team(self, request: web.Request) -> web.Response:
        team = self._find_chat(request.match_info["id"], "channel")
        return web.json_response({"id": team.id, "name": "NW-101", "aadGroupId": GROUP})

    def _find_chat(self, conversation: str, kind: str | None = None) -> Chat:
        found = self.state.chat(conversation)
        if found is None or (kind and (found.kind != kind or ";" in conversation)):
            raise Refused(404, "ConversationNotFound")
        if not found.has_bot:
            raise Refused(403, "BotNotInConversationRoster")
        return found

    def _find_roster(self, conversation: str, kind: str | None = None) -> Chat:
        """Find a chat whose members may be read.

        https://learn.microsoft.com/en-us/microsoftteams/platform/build-apps-for-shared-private-channels
        """
        found = self._find_chat(conversation, kind)
        if found.is_shared and "ChannelMember.Read.Group" not in self.state.granted:
            raise Refused(403, "Forbidden")
        return found

    def _make_message(self, chat: Chat, activity: Json, root: str | None) -> Posted:
        message_id = self.state.next_id()
        conversation = f"{chat.id};messageid={root or message_id}" if chat.kind == "channel" else chat.id
        match activity:
            case {"type": "message", "attachments": [{"contentType": str(kind), "content": dict(card)}]}:
                pass
            case _:
                raise Refused(400, "BadSyntax")
        if size(card) > LARGEST:
            raise Refused(413, "MessageSizeTooBig")
        if kind != "application/vnd.microsoft.card.adaptive" or (why := problems(card)):
            raise AssertionError(f"Teams would not take this card: {kind} {why}")
        return Posted(message_id, conversation, f"28:{APP}", card=card, summary=activity.get("summary", ""))

    def _add_message(self, chat: Chat, posted: Posted, call: str, body: Json) -> None:
        chat.messages.append(posted)
        self.calls.append((call, body))


async def _send_in_pieces(request: web.Request, answer: web.Response) -> web.StreamResponse:
    whole = answer.body
    assert isinstance(whole, bytes)
    slow = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    await slow.prepare(request)
    for piece in (whole[:20], whole[20:]):
        await slow.write(piece)
        await asyncio.sleep(0.02)
    return slow


@asynccontextmanager
async def serving(state: State, port: int = 0) -> AsyncIterator[FarTeams]:
    """Run Teams on a free port of 127.0.0.1."""
    far = FarTeams(state)
    runner = web.AppRunner(far.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        far.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield far
    finally:
        await runner.cleanup()

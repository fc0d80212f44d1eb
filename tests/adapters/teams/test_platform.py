"""What the bot sends to Teams: where to, how often, and what it knows after a failure."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.teams.allowed_hosts import AllowedHosts
from adapters.teams.credentials import BotRegistration, Credentials
from adapters.teams.rate_limit import TeamsRateLimit
from bot.model.alliance import Member
from bot.model.cards import Card, Text
from bot.model.events import Said
from bot.ports import PlatformError
from tests.contract.teams_world import TeamsWorld, wired
from tests.far.canary import serve_canary
from tests.far.teams_state import APP, JOINT, NORTHWIND, PASSWORD, two_tenants


@pytest.fixture
async def world() -> AsyncIterator[TeamsWorld]:
    async with wired(two_tenants(time.time)) as made:
        yield made


CARD = Card("Hello", (Text("there"),))

FAILURES = [
    ("429", "later", 7.0),
    ("412", "later", 7.0),
    ("401", "later", None),
    ("401:BotNotRegistered", "refused", None),
    ("403:BotDisabledByAdmin", "refused", None),
    ("404:ConversationNotFound", "refused", None),
    ("400:BadSyntax", "refused", None),
    ("413:MessageSizeTooBig", "refused", None),
    ("500", "unknown", None),
    ("502", "later", None),
    ("503", "unknown", None),
    ("504", "later", None),
    ("hang", "unknown", None),
    ("reset_before", "unknown", None),
    ("reset_after", "unknown", None),
    ("302", "refused", None),
]


@pytest.mark.parametrize(("fault", "kind", "wait"), FAILURES)
async def test_after_a_failure_what_is_known_is_said_and_nothing_is_tried_twice(
    world: TeamsWorld, fault: str, kind: str, wait: float | None
) -> None:
    world.far.fail("create", fault, 7)
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(world.channel, CARD, "d1")
    assert (raised.value.kind, raised.value.retry_after) == (kind, wait)
    assert len([path for path in world.far.asked if path.endswith("/v3/conversations")]) == 1


async def test_an_update_or_a_reading_that_failed_may_be_repeated(world: TeamsWorld) -> None:
    ref = await world.platform.post(world.channel, CARD, "d1")
    for call, fault in (("update", "503"), ("update", "hang"), ("roster", "503"), ("roster", "hang")):
        world.far.fail(call, fault)
        with pytest.raises(PlatformError) as raised:
            await (
                world.platform.update(world.channel, ref, CARD)
                if call == "update"
                else world.platform.members(world.channel)
            )
        assert raised.value.kind == "later"


async def test_opening_a_personal_chat_may_be_repeated_and_is_done_once(world: TeamsWorld) -> None:
    who = world.people[0]
    world.far.fail("create", "reset_after")
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(who, CARD, "d1")
    assert raised.value.kind == "later"
    await world.platform.post(who, CARD, "d1")
    await world.platform.post(who, CARD, "d2")
    assert len([path for path in world.far.asked if path.endswith("/v3/conversations")]) == 2
    assert len(await world.messages(who)) == 2


async def test_somebody_who_has_not_got_the_app_is_a_refusal(world: TeamsWorld) -> None:
    world.far.state.people[world.mri(world.people[0])].has_app = False
    with pytest.raises(PlatformError, match="BotNotInConversationRoster") as raised:
        await world.platform.post(world.people[0], CARD, "d1")
    assert raised.value.kind == "refused"


async def test_twenty_sends_at_once_ask_for_one_token_and_one_after_it_was_refused(world: TeamsWorld) -> None:
    await asyncio.gather(*(world.platform.post(person, CARD, "d") for person in world.people[:7]))
    assert world.far.asked.count("/entra/oauth2/v2.0/token") == 1
    world.far.tokens.clear()
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(world.people[0], CARD, "d")
    assert raised.value.kind == "later"
    await world.platform.post(world.people[0], CARD, "d")
    assert world.far.asked.count("/entra/oauth2/v2.0/token") == 2


async def test_without_a_token_nothing_is_sent(world: TeamsWorld) -> None:
    async with aiohttp.ClientSession() as session:
        wrong = BotRegistration(APP, "SingleTenant", NORTHWIND, PASSWORD + "x", world.far.token_url)
        with pytest.raises(PlatformError, match="no_token_401_AADSTS7000215") as raised:
            await Credentials(session, wrong).build_headers()
        assert raised.value.kind == "later"
        assert PASSWORD not in repr(wrong)


@pytest.mark.parametrize(
    "body", [{}, [], {"error_codes": []}, {"error_codes": ["x"]}, {"error_codes": 5}, {"error_codes": [-1]}]
)
async def test_a_refusal_without_a_code_is_one_all_the_same(body: object) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response(body, status=400)

    app = web.Application()
    app.router.add_post("/token", refuse)
    async with TestClient(TestServer(app, host="127.0.0.1")) as entra:
        own = BotRegistration(APP, "SingleTenant", NORTHWIND, PASSWORD, str(entra.make_url("/token")))
        with pytest.raises(PlatformError, match=r"no_token_400$"):
            await Credentials(entra.session, own).build_headers()


async def test_a_managed_identity_asks_its_machine_without_a_secret() -> None:
    seen = []

    async def metadata(request: web.Request) -> web.Response:
        seen.append((dict(request.query), request.headers.get("Metadata")))
        return web.json_response({"access_token": "abc", "expires_in": "86399", "token_type": "Bearer"})

    app = web.Application()
    app.router.add_get("/metadata", metadata)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/metadata"
    async with aiohttp.ClientSession() as session:
        own = Credentials(session, BotRegistration(APP, "UserAssignedMSI", NORTHWIND, token_url=url))
        assert await own.build_headers() == await own.build_headers() == {"Authorization": "Bearer abc"}
    await runner.cleanup()
    wanted = {"api-version": "2018-02-01", "resource": "https://api.botframework.com", "client_id": APP}
    assert seen == [(wanted, "true")]


async def test_a_learned_address_off_the_list_is_never_sent_to(world: TeamsWorld) -> None:
    services = world.platform.connector.services
    async with serve_canary() as (elsewhere, hits):
        await services.learn_url(NORTHWIND, elsewhere)
        assert await services.find_url(NORTHWIND) != elsewhere
        await services.keep(f"service_url.{NORTHWIND}", elsewhere)
        services.known.clear()
        with pytest.raises(PlatformError, match="service_url_not_on_the_list"):
            await world.platform.post(world.channel, CARD, "d1")
    assert hits == []


async def test_a_redirect_is_not_followed(world: TeamsWorld) -> None:
    async with serve_canary() as (url, hits):
        world.far.fail("create", f"302:{url}")
        with pytest.raises(PlatformError) as raised:
            await world.platform.post(world.channel, CARD, "d1")
    assert raised.value.kind == "refused"
    assert hits == []


async def test_what_was_learned_of_a_tenant_is_used_by_all_processes(world: TeamsWorld) -> None:
    await world.platform.post(world.people[0], CARD, "d")
    assert world.far.asked[-1].startswith("/teams/")
    await world.hand.say(world.mri(world.people[0]), "hello")
    other = world.platform.connector.services
    other.known.clear()
    await world.platform.post(world.people[0], CARD, "d")
    assert world.far.asked[-1].startswith("/emea/")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://smba.trafficmanager.net:443/teams", True),
        ("https://SMBA.trafficmanager.net/teams", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://evil.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://evil.example\\@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net/?x=1", False),
        ("https://smba.trafficmanager.net/#x", False),
        ("https://smba.trafficmanager.net\n.evil.example/", False),
        ("https://smba。trafficmanager.net/", False),
        ("https://[::1]/", False),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1:80/", False),
        ("smba.trafficmanager.net", False),
        ("https://smba.trafficmanager.net:x/", False),
        ("", False),
    ],
)
def test_only_named_hosts_over_https(url: str, allowed: bool) -> None:
    assert AllowedHosts(frozenset({"smba.trafficmanager.net"})).may_reach(url) is allowed


async def test_a_conversation_is_paced_within_teams_limits_and_others_are_not_held_up() -> None:
    now = [0.0]
    pace = TeamsRateLimit(patience=0.0, clock=lambda: now[0])
    for _ in range(7):
        await pace.wait_turn("t", "a")
    with pytest.raises(PlatformError) as raised:
        await pace.wait_turn("t", "a")
    assert (raised.value.kind, raised.value.retry_after) == ("not_yet", 1.0)
    await pace.wait_turn("t", "b")
    now[0] = 1.0
    await pace.wait_turn("t", "a")
    with pytest.raises(PlatformError):
        await pace.wait_turn("t", "a")  # eight within two seconds


async def test_a_tenant_is_paced_over_all_its_conversations() -> None:
    pace = TeamsRateLimit(patience=0.0, clock=lambda: 0.0)
    for number in range(30):
        await pace.wait_turn("t", str(number))
    with pytest.raises(PlatformError):
        await pace.wait_turn("t", "another")
    await pace.wait_turn("other", "another")


async def test_connections_are_kept(world: TeamsWorld) -> None:
    for _ in range(5):
        await world.platform.post(world.people[0], CARD, "d")
    connector = world.platform.connector.session.connector
    assert connector
    assert sum(len(pool) for pool in connector._conns.values()) == 1


async def test_members_of_a_channel_the_bot_was_taken_from_are_a_refusal(world: TeamsWorld) -> None:
    world.far.state.chats[JOINT].has_bot = False
    with pytest.raises(PlatformError) as raised:
        await world.platform.members(world.channel)
    assert raised.value.kind == "refused"


async def test_somebody_whom_teams_does_not_know_is_a_refusal(world: TeamsWorld) -> None:
    stranger = Member("teams", "x/unknown", workspace=NORTHWIND)
    with pytest.raises(PlatformError) as raised:
        await world.platform.post(stranger, CARD, "d")
    assert raised.value.kind == "refused"


async def test_answers_that_arrive_in_several_pieces_are_read_whole(world: TeamsWorld) -> None:
    world.far.in_pieces = True
    assert set(await world.platform.members(world.channel)) == set(world.people)
    posted = await world.platform.post(world.people[0], CARD, "d1")
    assert [message.ref for message in await world.messages(world.people[0])] == [posted]
    await world.hand.say(world.mri(world.people[0]), "hello")
    assert [type(event) for event in world.inbox.taken] == [Said]
    assert await world.platform.grants.find_message_scope(world.channel) == "all"


async def test_an_answer_without_a_roster_is_no_empty_channel(world: TeamsWorld) -> None:
    world.far.fail("roster", "200")
    with pytest.raises(PlatformError) as raised:
        await world.platform.members(world.channel)
    assert raised.value.kind == "later"

"""What an operator's machines ask: does it live, is it ready, how is it doing; and what they find in the logs."""

import errno
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import text

from bot.app.cli.main import pulse
from bot.app.clock.clock import Clock
from bot.app.config.load import load_settings
from bot.app.config.schema import Web
from bot.app.platforms.slack.plugin import SlackSection
from bot.app.platforms.teams.plugin import TeamsSection
from bot.app.runtime import logs
from bot.app.runtime.health import Health
from bot.app.runtime.web import describe_address, make_application
from bot.app.runtime.worker import TickMonitor
from bot.app.wiring import assemble_bot
from storage.engine.connect import allow_writes, open_engine
from tests.databases import fresh

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def health(tmp_path: Path) -> AsyncIterator[Health]:
    with fresh("sqlite", tmp_path) as url:
        environment = {
            "DATABASE_URL": url,
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "PULSE_WEB__METRICS_TOKEN": "",
        }
        async with assemble_bot(load_settings(None, environment), Clock()) as bot:
            beat = TickMonitor(5.0)
            beat.beat()
            yield Health(bot, beat)


@pytest.fixture
async def client(health: Health) -> AsyncIterator[Client]:
    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError("canary-9b1d")

    async def refuse(_: web.Request) -> web.Response:
        logging.getLogger("bot.test").warning("refused: bad signature")
        raise web.HTTPUnauthorized

    routes = [web.post("/slack/events", refuse), web.post("/broken/{id}", fail)]
    async with TestClient(TestServer(make_application(health, routes), host="127.0.0.1")) as client:
        yield client


@pytest.fixture
def own_logging() -> Iterator[None]:
    """What a test configures ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def checks(client: Client) -> tuple[int, dict[str, bool]]:
    async with client.get("/readyz") as answer:
        return answer.status, await answer.json()


async def metrics(client: Client, **headers: str) -> str:
    async with client.get("/metrics", headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_process_in_order_is_ready_and_each_check_has_a_name(client: Client) -> None:
    names = ("store", "pages", "writer", "queue", "tick", "clock", "staying")
    assert await checks(client) == (200, dict.fromkeys(names, True))


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("", "127.0.0.1"),
    ],
)
async def test_the_address_that_a_start_names_answers(client: Client, host: str, named: str) -> None:
    """Nobody can open 0.0.0.0, and `/` is there in the sandbox alone."""
    address = describe_address(Web(host=host, port=9000), has_page=False)
    assert address == f"http://{named}:9000/readyz"
    async with client.get(address.partition(":9000")[2]) as answer:
        assert answer.status == 200
    assert describe_address(Web(host=host, port=9000), has_page=True) == f"http://{named}:9000/"


async def test_what_is_wrong_is_named(
    client: Client, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def red() -> set[str]:
        status, found = await checks(client)
        assert status == (200 if all(found.values()) else 503)
        return {name for name, ok in found.items() if not ok}

    assert health.beat
    monkeypatch.setattr(health.beat, "last", health.beat.last - 100)
    assert await red() == {"tick"}
    health.beat.beat()
    health.bot.clock.watch.see("slack", health.bot.clock.machine() + timedelta(seconds=61))
    assert await red() == {"clock"}
    health.bot.clock.watch.see("slack", health.bot.clock.machine())
    health.care.is_whole = False
    assert await red() == {"pages"}
    health.care.is_whole = True
    health.stopping = True
    assert await red() == {"staying"}
    health.stopping = False
    health.bot.store.writer.close()
    assert await red() == {"store", "writer"}
    async with client.get("/healthz") as answer:
        assert answer.status == 200


async def test_an_older_schema_is_not_ready(client: Client, health: Health) -> None:
    url = health.bot.settings.database.url.get_secret_value()
    engine = allow_writes(open_engine(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001_rounds'"))
    engine.dispose()
    assert (await checks(client))[0] == 503


async def test_metrics_count_what_happens_and_name_nobody(client: Client) -> None:
    for _ in range(3):
        await client.post("/slack/events", headers={"X-Slack-Retry-Num": "1"}, data=b"canary-9b1d")
    await client.post("/broken/canary-9b1d")
    await client.get("/canary-9b1d")
    told = await metrics(client)
    assert 'pulse_requests_total{result="refused",route="/slack/events"} 3.0' in told
    assert 'pulse_signature_failures_total{route="/slack/events"} 3.0' in told
    assert 'pulse_retries_seen_total{route="/slack/events"} 3.0' in told
    assert 'pulse_requests_total{result="failed",route="/broken/{id}"} 1.0' in told
    assert 'pulse_requests_total{result="refused",route="unknown"} 1.0' in told
    assert 'pulse_deliveries{state="unknown"} 0.0' in told
    for name in (
        "pulse_request_seconds_bucket", "pulse_queue_depth", "pulse_commit_seconds_count", "pulse_rounds_missed",
        "pulse_delivery_unknown_age_seconds", "pulse_lease_expiries_total", "pulse_tick_age_seconds",
        "pulse_clock_skew_seconds", "process_resident_memory_bytes",
    ):  # fmt: skip
        assert f"\n{name}" in told, name
    assert "canary" not in told


async def test_every_answer_forbids_what_no_answer_needs(client: Client) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/nowhere"):
        async with client.get(path) as answer:
            told = answer.headers
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Cache-Control"] == "no-store"
        assert told["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert told["Referrer-Policy"] == "no-referrer"
        assert told["Server"] == "pulse"
        assert "charset=utf-8" in told["Content-Type"]
        assert "Strict-Transport-Security" not in told  # this bot has no address yet
    async with client.request("TRACE", "/healthz") as answer:
        assert answer.status == 405


async def test_an_unexpected_error_tells_nobody_anything(client: Client) -> None:
    async with client.post("/broken/canary-9b1d") as answer:
        text = await answer.text()
    assert answer.status == 500
    assert "canary" not in text and "RuntimeError" not in text and "test_health" not in text


async def test_metrics_are_for_this_machine_or_for_the_token(client: Client, health: Health) -> None:
    told = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    for name, value in (
        *told.items(),
        *(("Host", host) for host in ("pulse.example.com", "[::1", "", "127.1.evil:80")),
    ):
        async with client.get("/metrics", headers={name: value}) as answer:
            assert answer.status == 404
    settings = health.bot.settings
    own = {"public_url": "https://pulse.example.com", "metrics_token": SecretStr("t" * 32)}
    locked = settings.model_copy(update={"web": settings.web.model_copy(update=own)})
    object.__setattr__(health.bot, "settings", locked)
    async with TestClient(TestServer(make_application(health), host="127.0.0.1")) as other:
        for wrong in ("", "Bearer ", "Bearer " + "t" * 31, "Bearer é"):
            async with other.get("/metrics", headers={"Authorization": wrong}) as answer:
                assert answer.status == 404
        assert "pulse_" in await metrics(other, Authorization="Bearer " + "t" * 32)
        async with other.get("/healthz") as answer:
            assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("reachable", "status"),
    [
        pytest.param({"web": Web(public_url="https://pulse.example.com")}, 404, id="under a public address"),
        pytest.param({"slack": SlackSection(signing_secret=SecretStr("s"))}, 404, id="for Slack's requests"),
        pytest.param({"teams": TeamsSection(app_id="a")}, 404, id="for Teams' requests"),
        pytest.param(
            {"slack": SlackSection(app_token=SecretStr("xapp-1"))}, 200, id="by nobody, in Socket Mode"
        ),
        pytest.param({}, 200, id="by nobody, in the sandbox"),
    ],
)
async def test_without_a_token_a_bot_that_can_be_reached_shows_no_metrics(
    health: Health, reachable: dict[str, object], status: int
) -> None:
    """A proxy on this machine, as nginx is by default, gives this machine's name and says nothing of anybody else."""
    object.__setattr__(health.bot, "settings", health.bot.settings.model_copy(update=reachable))
    async with (
        TestClient(TestServer(make_application(health), host="127.0.0.1")) as proxied,
        proxied.get("/metrics", headers={"Host": "127.0.0.1:8080"}) as answer,
    ):
        assert answer.status == status


async def test_a_platforms_clock_and_its_limits_are_heard(health: Health) -> None:
    async def told(_: web.Request) -> web.Response:
        at = health.bot.clock.machine() - timedelta(seconds=300)
        return web.Response(status=429, headers={"Date": at.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    app = web.Application()
    app.add_routes([web.get("/", told)])
    async with TestServer(app) as server:
        listening = [health.bot.metrics.listening_to("slack")]
        async with (
            aiohttp.ClientSession(middlewares=listening) as session,
            session.get(server.make_url("/")),
        ):
            pass
    assert health.bot.clock.watch.skew_seconds() == pytest.approx(300, abs=5)
    assert (await health.checks())["clock"] is False
    text = (await health.metrics()).decode()
    assert 'pulse_platform_answers_total{platform="slack",status="429"} 1.0' in text


async def test_every_line_of_a_request_carries_its_id_and_nothing_of_its_content(
    client: Client, own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    async with client.post("/slack/events", data=b"canary-9b1d") as answer:
        id = answer.headers["X-Request-Id"]
    await client.post("/broken/canary-9b1d")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    mine = [line["message"] for line in lines if line.get("request") == id]
    assert mine[0] == "refused: bad signature"
    assert mine[1].startswith("answered 401: /slack/events in ")
    assert "canary" not in json.dumps(lines)
    assert any(line.get("error") == "RuntimeError" and "test_health.py" in line["where"] for line in lines)


def test_every_command_logs_without_messages_of_errors_whether_it_reads_settings_or_not(
    own_logging: None,
) -> None:
    logging.getLogger().handlers.clear()
    assert CliRunner().invoke(pulse, ["keys"]).exit_code == 0
    assert [type(handler.formatter) for handler in logging.getLogger().handlers] == [logs.Quiet]


def test_what_aiohttp_and_asyncio_say_of_connections_has_no_address_and_no_flood(
    own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    for library in ("aiohttp.server", "asyncio"):
        for _ in range(500):
            try:
                raise OSError(errno.EMFILE, "Too many open files")
            except OSError as error:
                logging.getLogger(library).error("accept from %s failed", "203.0.113.7", exc_info=error)
        logging.getLogger(library).error("Error handling request from 203.0.113.7")
    told = capsys.readouterr().err
    assert "203.0.113.7" not in told
    assert told.count("met an error: OSError EMFILE") == 2 and len(told.splitlines()) == 4


def test_a_text_line_is_one_line_whatever_is_in_it(
    own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    logging.getLogger("x").warning("one\ntwo")
    words = "canary-9b1d"
    try:
        raise ValueError(words)
    except ValueError as error:
        logging.getLogger("x").error("failed", exc_info=error)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "canary" not in "".join(lines)
    assert lines[1].endswith("ValueError")

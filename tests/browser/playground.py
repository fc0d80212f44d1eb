"""Microsoft's own local client for Teams (the npm package in `package.json`), and the real bot in front of it.

The client has one tenant, six people and one person at the screen. That is the sponsor; the CRO lives in the browser
sandbox of the same bot, so that this is also an alliance across two platforms. What the client cannot do, people do
here by the requests that Teams would send.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import storage
from adapters.sandbox.cast import CRO
from adapters.sandbox.cast import PEOPLE as SANDBOX

ROOT = Path(__file__).parents[2]
CLIENT = Path(__file__).parent / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
TENANT = "8f0c0000-0000-4000-8000-000000000001"
APP = "5b3f9a52-0000-4000-8000-0000000000aa"
BOT = f"28:{APP}"
TEAM = "19:general0123456789@thread.tacv2"
JOINT = "19:joint0123456789@thread.tacv2"
NAMES = ("Anna Keller", "Carla Rossi", "Daniel Weiss", "Elif Demir", "Farah Nasser", "George Papas")
"""Anna is the sponsor's lead, and sits at the screen."""
TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""09:00 in Berlin: the first slot."""
WEEK, OPEN, UNTIL_DIGEST = timedelta(weeks=1), timedelta(hours=72), timedelta(days=6)
START = 60.0
"""Seconds that either program may take to start on a busy machine."""

ALLIANCE = f"""
[[alliance]]
key = "northwind-meridian"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
vision = "One team that brings NW-101 to patients a year earlier."
call_day = "tue"
[alliance.sponsor]
name = "Northwind Pharma"
entra = ["{TENANT}"]
leads = [{{ platform = "teams", workspace = "{TENANT}", user = "{{anna}}" }}]
[alliance.cro]
name = "Meridian CRO"
sandbox = ["{CRO.id}"]
leads = [{{ platform = "sandbox", workspace = "sandbox", user = "ben" }}]
[[alliance.channel]]
platform = "teams"
workspace = "{TENANT}"
address = "{JOINT}"
[[alliance.channel]]
platform = "sandbox"
workspace = "sandbox"
address = "joint"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
remind_hours = 0
"""


def object_id(number: int) -> str:
    return f"00000001-0000-4000-8000-{number:012d}"


@dataclass(slots=True)
class Playground:
    """`folder` holds the bot's database, its clock and both programs' logs."""

    folder: Path
    bot_port: int = field(default_factory=lambda: free_port())
    client_port: int = field(default_factory=lambda: free_port())
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.client_port}/"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.bot_port}"

    def start(self) -> None:
        self.move_to(TUESDAY - timedelta(hours=1))
        (self.folder / "alliance.toml").write_text(ALLIANCE.replace("{anna}", object_id(0)))
        (self.folder / "people.yml").write_text(json.dumps(_people()))  # JSON is YAML
        settings = self._settings()
        self._run([sys.executable, "-m", "bot", "run"], settings, self.bot_port)
        subprocess.run(
            [sys.executable, "-m", "bot", "apply", "alliance.toml"],
            cwd=self.folder,
            env=settings,
            check=True,
            capture_output=True,
        )
        client = ["node", str(CLIENT), "start", "--app-endpoint", f"{self.bot_url}/api/messages"]
        options = ["--channel-id", "msteams", "--port", str(self.client_port), "--disable-telemetry"]
        self._run([*client, *options], self._client_settings(), self.client_port)

    def stop(self) -> None:
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
            process.wait(40)

    def move_to(self, at: datetime) -> None:
        """The bot's clock."""
        fresh = self.folder / "clock.new"
        fresh.write_text(at.isoformat())
        fresh.rename(self.folder / "clock")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "pulse.sqlite3", timeout=10) as database:
            return database.execute(query).fetchall()

    def everybody_answers(self, value: Callable[[str, int], int]) -> None:
        """All but the person at the screen; `value` of a person and an item's place."""
        line, buttons = self._offered()
        for place, (round, item) in enumerate(sorted(buttons)):
            for number in range(1, len(NAMES)):
                self._press_on_teams(number, f"a|{round}|{item}|{value(NAMES[number], place)}")
            for person in (member for member in SANDBOX if member.company is CRO):
                pressed = f"a|{round}|{item}|{value(person.name, place)}"
                form = {"as": person.id, "in": "channel:joint", "line": line, "value": pressed}
                _posted(f"{self.bot_url}/sandbox/press", urllib.parse.urlencode(form).encode())

    def reply(self, words: str) -> str:
        """What Teams sends of a reply that mentions nobody, where the channel's owner let the bot read along."""
        root = str(int(time.time() * 1000))
        sent = self._activity("message", 1, f"{JOINT};messageid={root}")
        return json.dumps({**sent, "text": words, "textFormat": "plain", "entities": []})

    def is_asked(self) -> bool:
        """Is there a question to answer in the CRO's channel?"""
        return bool(self._offered()[1])

    def until(self, so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START
        while not so():
            assert time.monotonic() < deadline, f"{what}: did not happen"
            time.sleep(0.05)

    def bytes(self) -> bytes:
        """All that the bot keeps and logs."""
        kept = [path for path in self.folder.iterdir() if path.name.startswith(("pulse.sqlite3", "log"))]
        return b"".join(path.read_bytes() for path in kept)

    def _offered(self) -> tuple[str, set[tuple[str, str]]]:
        """The newest message in the CRO's channel, and (round, item) of its buttons, as an onlooker sees it."""
        page = urllib.request.urlopen(f"{self.bot_url}/?as=sam&in=channel:joint", timeout=20).read().decode()
        lines = re.findall(r'name="line" value="(\d+)"', page)
        return (lines or [""])[-1], set(re.findall(r'value="a\|([^|"]+)\|([^|"]+)\|', page))

    def _press_on_teams(self, number: int, value: str) -> None:
        pressed = {"action": {"type": "Action.Execute", "verb": "pulse", "data": {"pulse": value}}}
        sent = {**self._activity("invoke", number, JOINT), "name": "adaptiveCard/action", "value": pressed}
        told = _posted(f"{self.bot_url}/api/messages", json.dumps(sent).encode(), "application/json")
        assert "You answered" in told, told

    def _activity(self, kind: str, number: int, conversation: str) -> dict[str, Any]:
        place = {"id": conversation, "tenantId": TENANT, "conversationType": "channel", "isGroup": True}
        return {
            "type": kind,
            "id": str(uuid.uuid4()),
            "timestamp": (self.folder / "clock").read_text(),
            "channelId": "msteams",
            "serviceUrl": f"http://localhost:{self.client_port}/_connector",
            "from": {"id": object_id(number), "aadObjectId": object_id(number), "name": NAMES[number]},
            "recipient": {"id": BOT, "name": "Alliance Pulse"},
            "conversation": place,
            "channelData": {"tenant": {"id": TENANT}, "channel": {"id": JOINT}, "team": {"id": TEAM}},
        }

    def _settings(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULSE_")},
            "PYTHONPATH": str(ROOT),
            "PULSE_ENV": "test",
            "PULSE_CLOCK_FILE": str(self.folder / "clock"),
            "PULSE_DATABASE__URL": f"sqlite:///{self.folder / 'pulse.sqlite3'}",
            "PULSE_PRIVACY__SECRET": "a secret of at least thirty-two characters",
            "PULSE_PRIVACY__ENCRYPTION_KEYS": storage.make_key(),
            "PULSE_TEAMS__APP_ID": APP,
            "PULSE_TEAMS__SERVICE_HOSTS": f"localhost:{self.client_port}",
            "PULSE_SANDBOX__ENABLED": "true",
            "PULSE_WEB__PORT": str(self.bot_port),
            "PULSE_SCHEDULE__TICK_SECONDS": "0.2",
        }

    def _client_settings(self) -> dict[str, str]:
        return {
            **os.environ,
            "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(self.folder / "people.yml"),
            "M365_AGENTS_PLAYGROUND_LOGFILE": str(self.folder / "client.log"),
            "TEAMSAPPTESTER_BROWSER": "none",
        }

    def _run(self, command: list[str], settings: dict[str, str], port: int) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=settings, stdout=log, stderr=log)
        self.running.append(process)
        deadline = time.monotonic() + START
        while not _listens(port):
            log_text = (self.folder / "log.txt").read_text()
            assert process.poll() is None and time.monotonic() < deadline, log_text
            time.sleep(0.05)


def _people() -> dict[str, Any]:
    """The client's configuration; it wants five people beside the one at the screen, neither more nor fewer.

    Ids of Teams are Entra's object ids here: the client knows a personal chat by the former, the bot opens it by the
    latter, and Teams takes either.
    """
    people = [_person(number, name) for number, name in enumerate(NAMES)]
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": BOT, "name": "Alliance Pulse"},
        "currentUser": people[0],
        "users": people[1:],
        "personalChat": {"id": "a:1anna"},
        "groupChat": {"id": "19:group@thread.v2", "name": "Group chat"},
        "team": {
            "id": TEAM,
            "name": "NW-101 with Meridian",
            "aadGroupId": "00000000-0000-4000-8000-000000000031",
            "channels": [{"id": JOINT, "name": "Joint channel"}],
        },
    }


def _person(number: int, name: str) -> dict[str, str]:
    given, family = name.split()
    address = f"{given.lower()}@example.com"
    return {
        "id": object_id(number),
        "aadObjectId": object_id(number),
        "name": name,
        "givenName": given,
        "surname": family,
        "email": address,
        "userPrincipleName": address,
    }


def _posted(url: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> str:
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=20) as answer:
        told: str = answer.read().decode()
    return told


def _listens(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])

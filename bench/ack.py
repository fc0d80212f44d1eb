"""Signed answer clicks a second: the bot, a bare Bolt app, and Bolt with one async session for each answer.

    python -m bench.ack [SECONDS A SLICE] [ROUNDS]

All three run at once, each in a process of its own, and take turns at being loaded with the same clicks on a question
that the bot itself posted. The bot's acknowledgement comes after its commit (SQLite, WAL, synchronous FULL). It also
sends every private confirmation to its `response_url`: in such a rush up to three seconds later. So a slice is long,
for most of them to go out within it, at the bot's expense; the processor time counts all of them.
"""

import asyncio
import itertools
import json
import os
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import aiohttp

from bench.bolts import SECRET
from bench.load import AT_ONCE, Sink, Slice, fire, machine, request
from tests.far.blockkit import elements
from tests.far.slack import serving
from tests.far.slack_hand import Hand
from tests.far.slack_state import State, two_companies
from tests.slow.process import free_port

PORTS = {name: free_port() for name in ("bot", "bare Bolt", "session Bolt")}
_AT = "1700000000.000001"
FASTEST = 2_000
"""Clicks a second that nothing here reaches: none is sent twice."""

ALLIANCE = """
[[alliance]]
key = "bench"
name = "Bench"
timezone = "UTC"
[alliance.sponsor]
name = "Northwind"
slack = ["T0NORTHWIND"]
[alliance.cro]
name = "Meridian"
slack = ["T0MERIDIAN"]
[[alliance.channel]]
platform = "slack"
workspace = "T0NORTHWIND"
address = "C0JOINT"
[[alliance.pulse]]
key = "daily"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
time = "00:00"
"""


async def measure(seconds: float, rounds: int) -> dict[str, list[Slice]]:
    """Slices of every target, taken in turn."""
    with TemporaryDirectory() as folder:
        async with _targets(Path(folder)) as (bodies, children):
            found: dict[str, list[Slice]] = {name: [] for name in PORTS}
            for name in PORTS:
                await fire(PORTS[name], _signed(bodies, 1.0), 1.0)
                await _drained()
            for _ in range(rounds):
                for name, port in PORTS.items():
                    before = _processor_seconds(children[name])
                    part = await fire(port, _signed(bodies, seconds), seconds)
                    await _drained()
                    part.processor = _processor_seconds(children[name]) - before
                    found[name].append(part)
            _check(Path(folder), found["bot"])
            return found


def _processor_seconds(child: asyncio.subprocess.Process) -> float:
    """User and system time of a process so far; 0 where the system does not tell."""
    told = Path(f"/proc/{child.pid}/stat")
    if not told.exists():
        return 0.0
    user, system = told.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _drained() -> None:
    """Confirmations wait while there is a burst of clicks; nobody else's slice begins before they are out."""
    before = -1
    while Sink.taken != before:
        before = Sink.taken
        await asyncio.sleep(0.3)


def _signed(bodies: list[bytes], seconds: float) -> list[bytes]:
    """Clicks for so many seconds, each a little later than the one before: every one is a new answer to be stored."""
    now, count = time.time(), int(seconds * FASTEST)
    pressed = zip(range(count), itertools.cycle(bodies))
    return [
        request(SECRET, body.replace(_AT.encode(), f"{now + nth / 1e6:.6f}".encode()), int(now))
        for nth, body in pressed
    ]


@asynccontextmanager
async def _targets(folder: Path) -> AsyncIterator[tuple[list[bytes], dict[str, asyncio.subprocess.Process]]]:
    loop = asyncio.get_running_loop()
    sink = await loop.create_server(Sink, "127.0.0.1", 0)
    sink_url = f"http://127.0.0.1:{sink.sockets[0].getsockname()[1]}"
    state = two_companies(time.time, people=100)
    async with serving(state) as far, aiohttp.ClientSession() as session:
        environment = _environment(folder, far.api_url)
        await _pulse(environment, "migrate")
        (folder / "bench.toml").write_text(ALLIANCE)
        await _pulse(environment, "apply", str(folder / "bench.toml"))
        await _pulse(environment, "tick", "--now", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        bodies = _clicks(state, Hand(far, session, "", SECRET), far.base_url, sink_url)
        answering = environment | {"PULSE_SLACK__API_URL": f"{sink_url}/api/"}
        bolts = ("-m", "bench.bolts")
        children = {
            "bot": await _start(answering, "-m", "bot", "web"),
            "bare Bolt": await _start({}, *bolts, "bare", str(PORTS["bare Bolt"]), far.api_url, ""),
            "session Bolt": await _start(
                {}, *bolts, "session", str(PORTS["session Bolt"]), far.api_url, f"{folder}/session.sqlite3"
            ),
        }
        try:
            for port in PORTS.values():
                await _open(port)
            yield bodies, children
        finally:
            for child in children.values():
                if child.returncode is None:
                    child.terminate()
            await asyncio.gather(*(child.wait() for child in children.values()))
            sink.close()


def _environment(folder: Path, api_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "PULSE_WEB__PORT": str(PORTS["bot"]),
        "PULSE_SLACK__SIGNING_SECRET": SECRET,
        "PULSE_SLACK__BOT_TOKEN": "xoxb-T0NORTHWIND",
        "PULSE_SLACK__WORKSPACE": "T0NORTHWIND",
        "PULSE_SLACK__API_URL": api_url,
        "PULSE_SCHEDULE__CATCHUP_HOURS": "48",
        "PULSE_PRIVACY__SECRET": "bench " * 8,
        "PULSE_PRIVACY__ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }


def _clicks(state: State, hand: Hand, base_url: str, sink_url: str) -> list[bytes]:
    """Everybody's choice on every item, in a random order, as Slack would send it; `_AT` is when."""
    room = state.rooms["C0JOINT"]
    question = room.messages[-1]
    scale = [
        element
        for block in question.blocks
        for element in elements(block)
        if element["value"].startswith("a|")
    ]
    people = [user for user in room.members if not state.users[user].is_bot]
    bodies = []
    for user in people:
        for pressed in random.Random(user).sample(scale, 6):
            sent = hand.click_payload(user, question, pressed | {"block_id": "b1.0", "type": "button"})
            sent["actions"][0]["action_ts"] = _AT
            body = json.dumps(sent).replace(base_url, sink_url)
            bodies.append(urlencode({"payload": body}).encode())
    random.Random(7).shuffle(bodies)
    return bodies


async def _start(environment: dict[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, env=os.environ | environment)


async def _pulse(environment: dict[str, str], *arguments: str) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=os.environ | environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await child.wait():
        raise SystemExit(f"pulse {arguments[0]} failed")


async def _open(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise SystemExit(f"nothing listens on port {port}")


def _check(folder: Path, slices: list[Slice]) -> None:
    """Stop unless every acknowledged click is in the database: one row for each person and item answered."""
    with sqlite3.connect(folder / "bench.sqlite3") as database:
        (rows,) = database.execute("SELECT count(*) FROM answer").fetchone()
    print(f"rows stored by the bot: {rows}; confirmations sent: {Sink.taken}", file=sys.stderr)
    if not rows or any(part.refused for part in slices):
        raise SystemExit("the bot refused clicks or stored none")


def report(found: dict[str, list[Slice]]) -> str:
    """Rates as medians over the slices, and the ratios that matter."""
    rates = {name: statistics.median(part.rate for part in slices) for name, slices in found.items()}
    lines = [f"Answer clicks acknowledged a second, {AT_ONCE} at once, on {machine()}:"]
    for name, slices in found.items():
        times = sorted(took for part in slices for took in part.acknowledged)
        p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
        refused, processor = (
            sum(part.refused for part in slices),
            sum(part.processor for part in slices),
        )
        lines.append(
            f"  {name:13} {rates[name]:6.0f}/s   p50 {p50:5.0f} ms   p99 {p99:5.0f} ms   refused {refused}   "
            f"processor {processor / len(times) * 1000:.2f} ms each"
        )
    bare, session = (rates["bot"] / rates[name] for name in ("bare Bolt", "session Bolt"))
    lines.append(f"  bot : bare Bolt = {bare:.2f} (aim 0.9), bot : session Bolt = {session:.2f} (aim 3)")
    lines.append(
        f"  processor time a click, confirmations included: {_times(found):.2f} times the bare app's"
    )
    return "\n".join(lines)


def _times(found: dict[str, list[Slice]]) -> float:
    """Says less of speed and more of cost: what other processes do in the meantime hardly changes it."""
    bot, bare = (
        sum(match_.processor for match_ in found[name])
        / sum(len(match_.acknowledged) for match_ in found[name])
        for name in ("bot", "bare Bolt")
    )
    return bot / bare if bare else float("nan")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    print(report(asyncio.run(measure(seconds, rounds))))


if __name__ == "__main__":
    main()

"""One simulation: what happens when follows from its seed."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from tests.slow.simulation import virtual_time as virtual
from tests.slow.simulation.invariants import Observed, check, observe
from tests.slow.simulation.network import Weather
from tests.slow.simulation.people import Courier, People
from tests.slow.simulation.settings import OPEN, SLOT
from tests.slow.simulation.virtual_time import BEGIN
from tests.slow.simulation.world import World, logged, set_up

SLOT_IN = (SLOT - BEGIN).total_seconds()
CLOSES_IN = SLOT_IN + OPEN.total_seconds()
SLEEPS_IN, WAKES_IN = SLOT_IN + 600.0, CLOSES_IN - 600.0
"""Between these everything stands still, as if all machines were suspended."""
CALM_AFTER = CLOSES_IN + 240.0
"""Seconds from the beginning until nothing goes wrong any more."""
OPERATOR_IN = CALM_AFTER + 900.0
ENDS_IN = OPERATOR_IN + 500.0
"""Seconds from the beginning until all must be done: longer than a lease, the settle time and the longest waits."""
METHODS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.members", "users.info")
CALLS = ("create", "create", "send", "update", "roster", "member")
STEPS = (-75, -45, -5, 5, 45, 75)
"""Seconds by which a machine's clock jumps."""


@dataclass(slots=True)
class Plan:
    """How bad it gets."""

    weather: Weather
    refusals: float
    """How likely Slack fails a call."""
    deaths: int
    steps: int
    """How often a clock jumps."""
    doubled: float
    edits: int
    processes: int
    is_low: bool


def plan(chance: random.Random) -> Plan:
    def some(*rates: float) -> float:
        return chance.choice(rates)

    return Plan(
        weather=Weather(some(0, 0, 0.03, 0.12), some(0, 0, 0.03, 0.12), some(0, 0, 0.04, 0.1)),
        refusals=some(0, 0.1, 0.3),
        deaths=chance.choice((0, 1, 2, 3)),
        steps=chance.choice((0, 0, 1, 2)),
        doubled=some(0, 0.1, 0.3),
        edits=chance.choice((0, 0, 1, 2)),
        processes=chance.choice((1, 2)),
        is_low=chance.random() < 0.7,
    )


@dataclass(slots=True)
class Result:
    seed: int
    broken: list[str]
    """Invariants that did not hold, each with what was seen."""
    told: list[str]
    log: list[str]
    counted: dict[str, int]


def simulate(seed: int, template: Path, file: Path) -> Result:
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    file.write_bytes(template.read_bytes())
    log: list[str] = []
    with logged(log), virtual.running(seed) as loop:
        virtual.WORLD.clock_is_off = timedelta()

        async def live() -> Result:
            world = await set_up(loop, seed, file)
            world.log = log
            return await _live(world, seed)

        return loop.run_until_complete(live())


async def _live(world: World, seed: int) -> Result:
    chance, intended = world.chance, plan(random.Random(seed))
    world.tell(f"plan {intended}")
    async with aiohttp.ClientSession() as session:
        courier = Courier(world, session)
        people = People(world, courier, intended.is_low)
        observed = Observed()
        running = [
            world.loop.create_task(_keep_alive(world, name)) for name in ("a", "b")[: intended.processes]
        ]
        running.append(world.loop.create_task(people.echo()))
        running.append(world.loop.create_task(_keep_looking(world, observed)))
        _plan_faults(world, people, intended)
        _plan_people(people, chance)
        await asyncio.sleep(SLEEPS_IN)
        world.loop.passed = WAKES_IN
        await asyncio.sleep(CALM_AFTER - world.loop.passed)
        _calm_down(world, courier)
        await asyncio.sleep(OPERATOR_IN - world.loop.passed)
        await world.resolve_on_teams()
        await asyncio.sleep(ENDS_IN - world.loop.passed)
        broken = [f"{name}: {why}" for name, why in check(world, people, observed)]
        broken += [f"the far side's rules: {why}" for why in people.faults]
        broken += [f"unheard error: {why}" for why in world.loop.faults]
        for task in running:
            task.cancel()
        for owner in world.processes:
            owner.is_dead = True
        world.database.close()
    counted = {
        "acknowledged": sum(entry.status == "saved" for entry in people.attempts),
        "posts": len(world.slack.called("chat.postMessage")),
        "deaths": world.deaths,
        "steps": world.loop.steps,
    }
    return Result(seed, broken, world.told, world.log, counted)


async def _keep_alive(world: World, name: str) -> None:
    """A process, and another one after it died."""
    number = 0
    while True:
        owner = world.start(f"{name}{number}")
        owner.death = world.loop.create_future()
        await owner.death
        world.bury(owner)
        calm = world.loop.passed > CALM_AFTER
        await asyncio.sleep(1.0 if calm else world.chance.uniform(0.5, 200.0))
        number += 1


async def _keep_looking(world: World, observed: Observed) -> None:
    version = 0
    while True:
        if version != world.version():
            version = world.version()
            observe(world, observed)
        await asyncio.sleep(20.0)


def _plan_faults(world: World, people: People, intended: Plan) -> None:
    chance, network = world.chance, world.network

    async def begin() -> None:
        network.weather, people.courier.doubled = intended.weather, intended.doubled

    async def kill() -> None:
        alive = [entry for entry in world.processes if not entry.is_dead]
        if alive:
            chance.choice(alive).dies_in = int(10 ** chance.uniform(0, 3.6))

    async def step() -> None:
        world.step_clock(timedelta(seconds=chance.choice(STEPS)))

    people.start(chance.uniform(0, 300), begin)
    for _ in range(intended.deaths):
        people.start(chance.choice((SLOT_IN, chance.uniform(0, CALM_AFTER), CLOSES_IN)) - 3, kill)
    for _ in range(intended.steps):
        people.start(chance.uniform(0, CALM_AFTER - 10), step)
    for _ in range(intended.edits):
        people.start(chance.uniform(0, CALM_AFTER), lambda: _edit(world))
    if intended.refusals:
        world.slack.mix = lambda method: _refusal(chance, method, intended.refusals)
        for _ in range(chance.randint(0, 4)):
            kind = chance.choice(("429", "412", "503", "hang", "reset_before", "reset_after"))
            seconds = chance.uniform(1, 30)
            world.teams.fail(chance.choice(CALLS), kind, seconds)


def _refusal(chance: random.Random, method: str, rate: float) -> tuple[str, float] | None:
    if method not in METHODS or chance.random() >= rate:
        return None
    kinds = ("429", "429", "503", "reset_before", "reset_after", "hang", "hang_after", "late", "empty")
    kind, seconds = chance.choice(kinds), chance.uniform(1, 40)
    # Slack never says that all is well where it did nothing; only a new message's answer is checked.
    return ("503" if kind == "empty" and method != "chat.postMessage" else kind), seconds


async def _edit(world: World) -> None:
    """An operator changes the declaration around the slot."""
    (pulse,) = world.alliance.pulses
    changes: tuple[Any, ...] = (
        {"vision": f"Vision {world.chance.random()}"},
        {"pulses": (replace(pulse, time=world.chance.choice((time(9), time(9, 2), time(9, 10)))),)},
        {"pulses": (replace(pulse, items=world.chance.choice((1, 2, 3))),)},
        {"channels": tuple(reversed(world.alliance.channels))},
    )
    await world.apply(replace(world.alliance, **world.chance.choice(changes)))


def _plan_people(people: People, chance: random.Random) -> None:
    users = [entry.id for entry in people.world.slack.state.users.values() if not entry.is_bot]
    for user in users:
        low = people.is_low and people.world.slack.state.users[user].team == "T0MERIDIAN"
        for wait in _moments(chance):
            value = None if chance.random() < 0.05 else chance.choice((4, 4, 5)) - 2 * low
            nth = chance.choice((0, 0, 1, 2))
            people.start(wait, partial(people.answer_on_slack, user, value, nth))
    for mri in list(people.world.teams.state.people):
        for wait in _moments(chance):
            value, nth = chance.choice((3, 4, 5)), chance.choice((0, 1))
            people.start(wait, partial(people.answer_on_teams, mri, value, nth))
    for _ in range(chance.randint(0, 4)):
        people.start(chance.uniform(0, CALM_AFTER), partial(_chat, people, chance.choice(users)))
    for _ in range(chance.randint(0, 2)):
        people.start(_within(chance), partial(people.comment_on_slack, chance.choice(users)))
    for _ in range(chance.randint(0, 2)):
        people.start(_within(chance), partial(people.ask_on_slack, chance.choice(users)))
    if chance.random() < 0.3:
        people.start(_within(chance), partial(people.come_or_go, chance.choice(users)))


def _moments(chance: random.Random) -> Iterator[float]:
    """When somebody taps: never, once, or again after they changed their mind, also too late."""
    if chance.random() < 0.15:
        return
    first = _within(chance)
    yield first
    if chance.random() < 0.4:
        yield first + chance.choice((2.0, 5.0, chance.uniform(5, 1_500)))
    if chance.random() < 0.1:
        yield CLOSES_IN + chance.uniform(-60, 900)


def _within(chance: random.Random) -> float:
    """Soon after the question or shortly before the closing."""
    return chance.choice((chance.uniform(SLOT_IN + 5, SLEEPS_IN), chance.uniform(WAKES_IN, CLOSES_IN)))


async def _chat(people: People, user: str) -> None:
    chance = people.chance
    saying = people.world.loop.create_task(people.say_on_slack(user))
    await asyncio.sleep(chance.choice((0.5, 30.0, 300.0)))
    message = next(entry for entry in reversed(people.messages))
    if chance.random() < 0.5:
        await people.edit_on_slack(user, message)
    if chance.random() < 0.5:
        await asyncio.gather(
            people.delete_on_slack(user, message), people.edit_on_slack(user, message), return_exceptions=True
        )
    await saying


def _calm_down(world: World, courier: Courier) -> None:
    """From now on nothing goes wrong."""
    world.tell("calm")
    world.network.weather, courier.doubled = Weather(), 0.0
    world.slack.mix = None
    world.teams.faults.clear()
    for owner in world.processes:
        owner.dies_in = None
    world.step_clock(-world.clock_is_off)

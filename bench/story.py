"""The main job, end to end: `pulse run` and a strict Slack on loopback, and every number worked out a second time.

An alliance is declared from TOML, twenty people a side answer by signed clicks on the very buttons that were posted,
forty messages a round are written in its thread, rounds close, a drop is planted on the CRO's side. What the bot
releases, shows and writes into digests must equal what `bench.by_hand` makes of the clicks.

    python -m bench.story [--quick]
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from bench.by_hand import CORE, Ledger, half_up
from tests.far.slack_line import Answer
from tests.far.slack_state import Posted
from tests.slow.crowd import Click, Crowd
from tests.slow.slack_testbed import (
    FIRST_SLOT,
    KEY,
    LEADS,
    NAME,
    OPEN,
    UNTIL_DIGEST,
    WEEK,
    SlackTestbed,
    list_buttons,
    start_slack_testbed,
)

AT_ONCE = 16
"""Clicks under way at a time."""
MESSAGES = 40
"""Thread messages a round."""
MOST_MEMORY = 150.0
"""MiB."""
LONGEST_START = 3.0
"""Seconds."""
ALERT = "Meridian CRO answers lower than usual"


@dataclass(slots=True)
class Story:
    """`wrong` collects what did not come out as worked out by hand."""

    testbed: SlackTestbed
    crowd: Crowd
    ledger: Ledger
    wrong: list[str] = field(default_factory=list)
    answered: list[Answer] = field(default_factory=list)
    clicking: float = 0.0
    alerted: int | None = None
    """Round at whose closing the CRO's lead was alerted."""
    digests: int = 0

    def expect(self, so: bool, what: str) -> None:
        if not so:
            self.wrong.append(what)

    def same(self, shown: object, by_hand: object, what: str) -> None:
        self.expect(shown == by_hand, f"{what}: the bot says {shown!r}, by hand it is {by_hand!r}")

    async def ask(self, round_index: int) -> Posted:
        """The first slot is reached with `pulse tick`, the others by the bot's own clock."""
        slot = FIRST_SLOT + round_index * WEEK
        if round_index == 0:
            await self.testbed.bot.command("tick", "--now", slot.isoformat(), "--yes")
        self.testbed.clock.move_to(slot + timedelta(seconds=5))
        question = await self.testbed.question(round_index)
        self.same(len(self.testbed.from_bot()), round_index + 1, "questions in the channel")
        return question

    async def answer(self, round_index: int, question: Posted) -> None:
        self.testbed.clock.move_to(FIRST_SLOT + round_index * WEEK + timedelta(hours=1))
        clicks = self.crowd.clicks(round_index, list_buttons(question))
        began = time.perf_counter()
        self.answered += await press(self.testbed, question, clicks)
        self.clicking += time.perf_counter() - began
        for click in clicks:
            side = self.testbed.people[click.user]
            self.ledger.click(side, click.user, round_index, click.button.item, click.button.value)

    async def write(self, round_index: int, question: Posted) -> None:
        for user, text in self.crowd.messages(round_index, MESSAGES):
            await self.testbed.hand.say(user, text, thread=question.ts)

    async def close(self, round_index: int, question: Posted) -> None:
        self.testbed.clock.move_to(FIRST_SLOT + round_index * WEEK + OPEN + timedelta(seconds=5))
        await self.testbed.closed(question)
        self.ledger.close(round_index)

    async def digest(self, round_index: int) -> None:
        self.testbed.clock.move_to(FIRST_SLOT + round_index * WEEK + UNTIL_DIGEST)
        for side, lead in LEADS.items():
            await self.testbed.until(
                lambda lead=lead: self._digests(lead) > round_index, f"digest {round_index} for {lead}"
            )
            self.digests += 1
            self._read_digest(
                side, [item for item in self.testbed.told(lead) if "the week for" in item][-1], round_index
            )
        # In one place messages keep their order: an alert of this closing stands before the digest.
        if self.alerted is None and any(ALERT in item for item in self.testbed.told(LEADS["cro"])):
            self.alerted = round_index

    def _digests(self, lead: str) -> int:
        return sum("the week for" in item for item in self.testbed.told(lead))

    def _read_digest(self, side: str, card: str, round_index: int) -> None:
        for name in ("Alignment", "Your side", "Agreement between the sides"):
            self.expect(f"{name}: " in card, f"digest {round_index} for the {side} has no {name}: {card!r}")

    async def scores(self, round_index: int) -> dict[str, str]:
        """Hold every released number against the same number worked out by hand.

        Cards smooth released numbers; `tests/rules` works that out a second time.
        """
        told = json.loads(await self.testbed.bot.command("score", KEY, "--json"))
        store = self.testbed.store()
        releases = await store.closings.list_releases(KEY)
        await store.aclose()
        core = [release for release in releases if release.cell.dimension in CORE and release.cell.side]
        self.same(
            sorted(
                (str(release.cell.side), release.cell.dimension, release.round, half_up(release.value))
                for release in core
            ),
            sorted(self._released()),
            f"released numbers up to round {round_index}",
        )
        return {name: told[name]["value"] for name in ("alignment", "level", "agreement")}

    def _released(self) -> Iterable[tuple[str, str, int, int]]:
        for (side, dimension), numbers in self.ledger.numbers.items():
            for number in numbers:
                if dimension in CORE:
                    yield side, dimension, number.round, half_up(number.mean)


async def press(testbed: SlackTestbed, question: Posted, clicks: Iterable[Click]) -> list[Answer]:
    """Signed clicks, some at once; one person's in their order."""
    answers: list[Answer] = []
    room = asyncio.Semaphore(AT_ONCE)
    turns: dict[str, asyncio.Lock] = {}

    async def one(click: Click) -> None:
        async with turns.setdefault(click.user, asyncio.Lock()), room:
            answers.append(await testbed.hand.press(click.user, question, click.button.payload))

    await asyncio.gather(*(one(click) for click in clicks))
    return answers


async def play(testbed: SlackTestbed, rounds: int, drop: int, bar: "tqdm[Any]") -> Story:
    """Live through the rounds; the drop begins in round `drop`."""
    story = Story(testbed, Crowd(testbed.people, drop), Ledger(frozenset(LEADS.values())))
    await testbed.bot.command("apply", "alliance.toml")
    for round_index in range(rounds):
        bar.set_description("asking, answering, closing" if round_index < drop else "the CRO answers lower")
        question = await story.ask(round_index)
        await story.answer(round_index, question)
        await story.write(round_index, question)
        await story.close(round_index, question)
        if round_index in (0, rounds - 1):
            shown = await story.scores(round_index)
            bar.write(f"shown after round {round_index}: {shown}")
        await story.digest(round_index)
        bar.update()
    story.expect(all(item.status == 200 for item in story.answered), "not every click was acknowledged")
    story.expect(story.alerted is not None, "the planted drop was not alerted")
    story.expect((story.alerted or drop) >= drop, f"an alert in round {story.alerted}, before the drop")
    told = " ".join(testbed.told(LEADS["sponsor"]))
    story.expect(ALERT not in told, "the sponsor's lead was told of the CRO's alarm")
    await _look_into_the_database(story)
    return story


async def _look_into_the_database(story: Story) -> None:
    deliveries = json.loads(await story.testbed.bot.command("deliveries", "--json", "--limit", "10000"))
    not_sent = [delivery["slot"].partition(":")[0] for delivery in deliveries if delivery["state"] != "sent"]
    story.same(not_sent, [], "deliveries that were not sent")


async def run(quick: bool) -> int:
    rounds, drop = (12, 9) if quick else (16, 12)
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="pulse-story-") as folder,
        tqdm(total=rounds, unit=" rounds") as bar,
    ):
        async with start_slack_testbed(Path(folder), f"sqlite:///{folder}/pulse.sqlite3") as testbed:
            bar.set_description("starting the bot on an empty database")
            first = await testbed.bot.start()
            starts = [await again(testbed) for _ in range(3)]
            ready = min(starts)
            story = await play(testbed, rounds, drop, bar)
            memory = testbed.bot.memory()
            await testbed.bot.stop()
    story.expect(ready < LONGEST_START, f"ready after {ready:.2f} s")
    story.expect(memory < MOST_MEMORY, f"{memory:.0f} MiB resident")
    report(story, rounds, drop, first, ready, memory, time.perf_counter() - began)
    return 1 if story.wrong else 0


async def again(testbed: SlackTestbed) -> float:
    """Seconds that a new start takes."""
    await testbed.bot.stop()
    return await testbed.bot.start()


def report(
    story: Story, rounds: int, drop: int, first: float, ready: float, memory: float, seconds: float
) -> None:
    waits = sorted(item.seconds * 1000 for item in story.answered)
    alert = next((item for item in story.testbed.told(LEADS["cro"]) if ALERT in item), "none")
    print(f"on {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {platform.python_version()}")
    print(f"{NAME}: {rounds} rounds, {len(story.testbed.people)} people, in {seconds:.1f} s")
    print(
        f"ready after {first:.2f} s on an empty database, {ready:.2f} s on one that is there "
        f"(the best of three; aim: {LONGEST_START:.0f} s)"
    )
    print(
        f"{len(waits)} signed clicks in {story.clicking:.1f} s, {AT_ONCE} at once, Slack in the same process: "
        f"median {median(waits):.0f} ms, p99 {waits[int(len(waits) * 0.99)]:.0f} ms, worst {waits[-1]:.0f} ms"
    )
    print(
        f"the CRO's answers drop from round {drop} on; its lead was alerted at the closing of {story.alerted}:"
    )
    print("\n".join(f"    {line}" for line in alert.splitlines()[:3]))
    print(f"{story.digests} digests")
    print(f"{memory:.0f} MiB resident after the story (aim: under {MOST_MEMORY:.0f})")
    for item in story.wrong:
        print(f"WRONG: {item}", file=sys.stderr)
    print("WRONG, see above" if story.wrong else "All released numbers equal those worked out by hand.")


def main() -> None:
    options = argparse.ArgumentParser(description="The main job, end to end.")
    options.add_argument("--quick", action="store_true", help="12 rounds instead of 16")
    sys.exit(asyncio.run(run(options.parse_args().quick)))


if __name__ == "__main__":
    main()

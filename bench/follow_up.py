"""Does the follow-up say truly whether an action helped? Alliances that fell, and an action that helps or does not.

python -m bench.follow_up            the table of docs/scoring.md, about three minutes
python -m bench.follow_up --quick    a rough one
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass

from tqdm import tqdm

from bench.alarms import asked
from bot.alarms.follow_up import FIRST, LAST, Askings, find_askings, judge_follow_up
from bot.app.backtest.generate import Change, World, make_crowd, simulate_history
from bot.model.alliance import Side
from bot.model.closing import Asked

SEED = 1_700_000
"""Of the first alliance; no test uses seeds from here on."""
DONE = 12
"""Round from which an action works; people answer lower in all rounds before."""
LONGEST = 12
"""Rounds after which the last word is there."""
MOST_FALSE, LEAST_TRUE = 0.05, 0.60
"""The bounds: called better without an effect, and after half a point, within the last word."""


@dataclass(frozen=True, slots=True)
class Case:
    """An action that moves the answers of these sides by so many points of the 1–5 scale."""

    name: str
    effect: float
    sides: tuple[Side, ...] = (Side.CRO,)
    people: int = 15
    topic: bool = True
    """About one topic; else about all core questions."""


CASES = (
    Case("no effect, one side, one topic", 0.0),
    Case("no effect, both sides, one topic", 0.0, tuple(Side)),
    Case("no effect, one side, all topics", 0.0, topic=False),
    Case("no effect, one side of 8", 0.0, people=8),
    Case("+0.5, one side, one topic", 0.5),
    Case("+0.5, both sides, one topic", 0.5, tuple(Side)),
    Case("+0.5, one side, all topics", 0.5, topic=False),
    Case("+0.5, one side of 8", 0.5, people=8),
    Case("−0.5, one side, one topic", -0.5),
)


def follow_case(case: Case, number: int, rounds: tuple[Asked, ...]) -> str:
    """Return the word that leads are told: the first clear one, else the last."""
    side = case.sides[0] if len(case.sides) == 1 else None
    changes = (Change(0, side, -0.6), Change(DONE, side, case.effect))
    world = World(people=(case.people, case.people))
    history = simulate_history(make_crowd(world, SEED + number, len(rounds), changes), rounds)
    core = sorted({item.dimension for item in history.items if item.kind == "core"})
    topic = core[number % len(core)] if case.topic else ""
    found = find_askings(history, topic, 0, DONE)
    for count in range(FIRST, LAST + 1):
        word = judge_follow_up(history, case.sides, topic, Askings(found.before, found.after[:count]))
        if word in ("clearly better", "lower"):
            break
    return word or "not asked"


def main() -> None:
    options = argparse.ArgumentParser(description="Does the follow-up say truly whether an action helped?")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    alliances = 60 if options.parse_args().quick else 400
    rounds = asked(DONE + LONGEST)
    print(f"{alliances} alliances each; 0.6 points lower, and an action in round {DONE}")
    print(f"{'':34} {'better':>8} {'no clear':>9} {'lower':>7} {'too few':>8}")
    failed = False
    for case in CASES:
        words = (follow_case(case, n, rounds) for n in tqdm(range(alliances), desc=case.name, leave=False))
        found = Counter(words)
        better, *others = (
            found[word] / alliances
            for word in ("clearly better", "no clear change", "lower", "too few to say")
        )
        print(
            f"{case.name:34} {better:>8.1%} {others[0]:>9.1%} {others[1]:>7.1%} {others[2]:>8.1%}", flush=True
        )
        failed |= case.effect == 0 and better > MOST_FALSE
        failed |= case.effect > 0 and case.people >= 15 and better < LEAST_TRUE
    sys.exit("outside the bounds" if failed and alliances > 100 else 0)


if __name__ == "__main__":
    main()

"""How well do the numbers around a visible join tell an unhappy newcomer from an ordinary one?

    python -m bench.joins            the figures of docs/privacy.md, about five minutes
    python -m bench.joins --quick    a fifth of it

One person joins a side in round 20, for everybody to see. Their lead compares each topic's newest number eight rounds
later with the one before the join; the attack is the mean of these differences. An unhappy newcomer answers 1.5 points
lower than an ordinary one. The figure is the AUC: how often, of an unhappy and an ordinary newcomer, the mean points
at the right one (0.5: a coin). `held`: blocks are widened so far that no answer of the newcomer counts for eight
rounds; the lead knows that, and waits eight rounds longer.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from bench.alarms import asked
from bot.app.backtest.generate import Crowd, World, make_crowd, simulate_history
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.model.closing import Release
from bot.privacy.smoothing import smooth_releases

SEED, WEEKS, JOINED, WAIT = 960_000, 36, 20, 8
UNHAPPY = -1.5
"""Points of the 1–5 scale below an ordinary newcomer."""
SIZES = (7, 10, 15)
"""People of the side before the join."""


def make_newcomer(size: int, seed: int, unhappy: bool, held: bool) -> Crowd:
    """Return a crowd whose last person of the sponsor joins in round `JOINED`, a regular who answers."""
    people = [(f"{side}-{number}", side) for side in Side for number in range(size + (side is Side.SPONSOR))]
    crowd = make_crowd(World(leaving=0.0), seed, WEEKS, people=people)
    row = size
    crowd.present[row, : JOINED + (WAIT if held else 0)] = False
    effects, responses = crowd.effects.copy(), crowd.responses.copy()
    effects[row] += UNHAPPY if unhappy else 0.0
    responses[row] = 0.9
    return replace(crowd, effects=effects, responses=responses)


def measure_shift(crowd: Crowd, wait: int) -> float:
    """Return the mean change of the sponsor's topics as its lead reads them over the join, 0 … 100."""
    releases: list[Release] = []
    for lived in replay_rounds(simulate_history(crowd, asked(WEEKS))):
        releases += lived.outcome.releases
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    for number in smooth_releases(releases):
        cell = number.release.cell
        if cell.side is Side.SPONSOR and number.seen_from < JOINED + wait:
            (before if number.seen_from < JOINED else after)[cell.dimension] = round(number.release.value)
    moved = [after[dimension] - before[dimension] for dimension in after if dimension in before]
    return float(np.mean(moved)) if moved else 0.0


def compare(unhappy: Sequence[float], ordinary: Sequence[float]) -> float:
    """Return the AUC of a lower shift for unhappy newcomers, 0 … 1."""
    low, high = np.array(unhappy)[:, None], np.array(ordinary)[None, :]
    return float(np.mean((low < high) + 0.5 * (low == high)))


def attack_joins(size: int, held: bool, runs: int) -> float:
    """Return the AUC over `runs` unhappy and as many ordinary newcomers, each in an alliance of their own."""
    shifts: dict[bool, list[float]] = {True: [], False: []}
    for number in tqdm(range(runs), desc=f"{size} people", leave=False):
        for unhappy in (True, False):
            crowd = make_newcomer(size, SEED + 2 * number + unhappy, unhappy, held)
            shifts[unhappy].append(measure_shift(crowd, 2 * WAIT if held else WAIT))
    return compare(shifts[True], shifts[False])


def main() -> None:
    options = argparse.ArgumentParser(description="Can a newcomer's mood be read from the numbers?")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    runs = 20 if options.parse_args().quick else 100
    print(f"AUC of an unhappy newcomer against an ordinary one, {runs} alliances each")
    for size in SIZES:
        for held in (False, True):
            auc = attack_joins(size, held, runs)
            print(f"{size:3} people{' held' if held else '     '}  {auc:.2f}", flush=True)


if __name__ == "__main__":
    main()

"""Do ranges hold the value that all people of both sides together would give? Of answers, and as they are shown."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from math import erf, sqrt

import numpy as np

from bot.app.backtest.generate import (
    Change,
    World,
    draw_item_effect,
    is_holiday,
    make_crowd,
    simulate_history,
)
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.model.closing import Asked, Release
from bot.privacy.arrows import QUARTER, SOON, alliance_arrow, find_earlier, side_arrow
from bot.privacy.estimates import bound_few, estimate_cell, estimate_side
from bot.privacy.pairing import combine_sides, find_visible, find_visible_numbers, pair_cells
from bot.privacy.smoothing import smooth_releases
from bot.questions.bank import load_builtin
from bot.questions.rotation import rotate_items
from bot.scoring.answer_matrix import Floats
from bot.scoring.window import score_values

DIMENSIONS = tuple(f"d{i}" for i in range(8))
PERSON_SD, ERROR_SD, ANSWERED = 0.55, 0.63, 0.75
SEED, WEEKS, FIRST = 680_000, 60, 17
CORE = dict.fromkeys((item.dimension for item in load_builtin().core), 1.0)
ROSTERS = ((8, 8), (15, 15), (30, 30), (8, 15))
GAPS = (0.0, 0.5, 1.0)
Found = dict[str, list[float]]


def coverage(people: int, gap: float, draws: int) -> tuple[float, float]:
    """Share of intervals that hold the true alignment, and mean error in points, with a true gap (1–5 scale).

    Every person answers three quarters of eight dimensions; the sides are `people` drawn at random.
    """
    chance = np.random.default_rng([people, int(gap * 100)])
    held, errors = 0, []
    for _ in range(draws):
        effects = 3.6 + 0.25 * chance.standard_normal(len(DIMENSIONS))
        levels = effects + gap / 2, effects - gap / 2
        means = [np.array([_expected(level) for level in side]) for side in levels]
        truth = float(np.minimum(*means).mean())
        found = score_values(*(_answers(side, people, chance) for side in levels), DIMENSIONS, 1).alliance
        assert found is not None
        low, high = found.interval
        held += low <= truth <= high
        errors.append(found.alignment - truth)
    return held / draws, float(np.mean(errors))


def _answers(level: Floats, people: int, chance: np.random.Generator) -> Floats:
    persons = PERSON_SD * chance.standard_normal((people, 1))
    noise = ERROR_SD * chance.standard_normal((people, len(level)))
    options = np.clip(np.floor(level + persons + noise + 0.5), 1, 5)
    there = chance.random(options.shape) < ANSWERED
    there[np.arange(people), chance.integers(len(level), size=people)] = True
    return np.where(there, 25 * (options - 1), np.nan)


def _expected(level: float, sd: float = sqrt(PERSON_SD**2 + ERROR_SD**2)) -> float:
    """Return the mean of the options that people choose, 0 … 100."""
    above = [0.5 * (1 - erf((cut - level) / sd / sqrt(2))) for cut in (1.5, 2.5, 3.5, 4.5)]
    return 25 * sum(above)


def print_shown(alliances: int) -> None:
    """Print coverage, error and arrows of what people see, for rosters and true gaps, no test's seeds."""
    print(
        f"\nWhat is shown: share of 95 % ranges that hold the true value (half-width), {alliances} alliances × {WEEKS}"
    )
    print(
        f"{'roster, gap':>16} {'topic':>13} {'side':>13} {'alignment':>13} {'topic rmse (as released)':>25}"
        f" {'any arrow down':>15} {'divided: card (one block)':>26}"
    )
    total: Found = defaultdict(list)
    for people in ROSTERS:
        for gap in GAPS:
            found: Found = defaultdict(list)
            for number in range(alliances):
                _observe(found, people, gap, SEED + number)
            for name, values in found.items():
                total[name] += values
            _print_shown(f"{people[0]} + {people[1]}, {25 * gap:.0f}", found)
    _print_shown("all", total)


def _print_shown(name: str, found: Found) -> None:
    cells = [
        f"{np.mean(found[kind]):6.3f} ({np.mean(found[f'{kind} half']):4.1f})"
        for kind in ("topic", "side", "alignment")
    ]
    errors = [float(np.sqrt(np.mean(np.square(found[kind])))) for kind in ("error", "raw error")]
    arrow, divided, single = (float(np.mean(found[kind])) for kind in ("arrow", "divided", "single"))
    print(
        f"{name:>16} " + " ".join(f"{cell:>13}" for cell in cells) + f" {errors[0]:15.1f} ({errors[1]:4.1f})"
        f" {arrow:15.4f} {divided:17.3f} ({single:.3f})",
        flush=True,
    )


def _observe(found: Found, people: tuple[int, int], gap: float, seed: int) -> None:
    """Add what is seen of one made-up alliance, every fourth closing."""
    world = World(people=people)
    shifts = dict(zip(Side, (gap / 2, -gap / 2), strict=True))
    changes = [Change(first=0, side=side, shift=shift) for side, shift in shifts.items() if shift]
    rounds = tuple(
        Asked(
            t, rotate_items(load_builtin(), t, 3)[:3], date(2026, 1, 6) + timedelta(weeks=t), 5, is_holiday(t)
        )
        for t in range(WEEKS)
    )
    history = simulate_history(make_crowd(world, seed, WEEKS, changes), rounds)
    leads = frozenset({"sponsor-0-0", "cro-0-0"})
    releases = tuple(release for asked in replay_rounds(history, leads) for release in asked.outcome.releases)
    truth = {
        (side, item.dimension): _expected(
            world.level + draw_item_effect(item, seed, world.item_sd) + shift, _total_sd(world)
        )
        for side, shift in shifts.items()
        for item in load_builtin().core
    }
    for index in range(FIRST, WEEKS, 4):
        past = tuple(release for release in releases if release.round <= index)
        for name, value in (*_ranges(past, index, truth), *_flags(past, index)):
            found[name].append(value)


def _ranges(
    past: tuple[Release, ...], index: int, truth: dict[tuple[Side, str], float]
) -> Iterator[tuple[str, float]]:
    cells, raw = find_visible_numbers(smooth_releases(past), index), find_visible(past, index)
    for side in Side:
        mine = {c: number for c, number in cells.items() if c.side is side}
        for cell, number in mine.items():
            estimate, true = estimate_cell(number), truth[side, cell.dimension]
            yield "error", estimate.mean - true
            yield "raw error", raw[cell].value - true
            yield "topic", abs(estimate.mean - true) <= estimate.half_width()
            yield "topic half", estimate.half_width()
        if mine:
            score = estimate_side(bound_few(list(mine.values())), CORE)
            true = float(np.mean([truth[side, cell.dimension] for cell in mine]))
            yield "side", abs(score.mean - true) <= score.half_width()
            yield "side half", score.half_width()
    both = pair_cells(cells, CORE)
    if both:
        whole = combine_sides(both, CORE)
        true = float(np.mean([min(truth[side, d] for side in Side) for d in both]))
        yield "alignment", abs(whole.alignment - true) <= whole.half_width()
        yield "alignment half", whole.half_width()


def _flags(past: tuple[Release, ...], index: int) -> Iterator[tuple[str, float]]:
    """Of each lead's card: is any arrow down, and is the side called divided, by two blocks or by one?"""
    cells = find_visible(past, index)
    joint = [alliance_arrow(past, index, rounds, CORE) for rounds in (SOON, QUARTER)]
    for side in Side:
        mine = [release for cell, release in cells.items() if cell.side is side]
        arrows = [*joint, *(side_arrow(past, mine, rounds, CORE) for rounds in (SOON, QUARTER))]
        split = [release for release in mine if release.split]
        twice = [release for release in split if (old := find_earlier(past, release, 1)) and old.split]
        yield from (("arrow", "down" in arrows), ("divided", bool(twice)), ("single", bool(split)))


def _total_sd(world: World) -> float:
    parts = world.person_sd, world.occasion_sd, world.error_sd, world.round_sd
    return sqrt(sum(sd**2 for sd in parts))

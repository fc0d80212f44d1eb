"""How often the alarms are false, how soon they are true, how honest the intervals are.

    python -m bench.alarms                   the tables of docs/scoring.md, about twenty minutes
    python -m bench.alarms --quick           rough ones, about two minutes
    python -m bench.alarms --alliances 20    as many alliances in each world

Our rules run as they do live (`bot.closing.replay`: gate, memory and all) beside the rule before (a weighted mean of
people, its variance tuned both ways), a week-over-week fall and an EWMA on raw means, the last two tuned to a false
alarm in about 104 rounds in the normal world of the same run. No test uses these seeds.
"""

import argparse
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from statistics import median_low
from time import perf_counter

import numpy as np
from tqdm import tqdm

from bench import charts
from bench.before import rule_before
from bench.coverage import coverage, print_shown
from bot.alarms.baseline import LEARNING
from bot.app.backtest.generate import Change, World, is_holiday, make_crowd, simulate_history
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.model.closing import Asked
from bot.privacy.permissions import is_told
from bot.questions.bank import load_builtin
from bot.questions.rotation import rotate_items
from bot.scoring.answer_matrix import History

FIVE = ("level", "sponsor", "cro", "gap")
SEED, CHANGED_SEED, YEAR_SEED = 600_000, 650_000, 690_000
START = date(2026, 1, 6)
NEVER = 10**6


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    change: dict[str, object]
    kinds: tuple[str, ...] = FIVE
    within: int = 3
    target: str = ""
    pair: dict[str, object] = field(default_factory=dict)
    people: int = 15
    """On each roster."""
    turned: bool = False
    """One regular of the CRO answers 1 to everything from the change on."""


WORLDS: dict[str, tuple[World, float]] = {
    "normal": (World(), 104),
    "mixed sizes": (World(), 104),
    "small: 5 answers a side": (World(people=(8, 8)), 104),
    "2 % bad weeks": (World(bad_weeks=0.02), 104),
    "noisy": (World(round_sd=0.22, occasion_sd=0.35, error_sd=0.7), 52),
    "20 answers a side": (World(people=(31, 31)), 104),
    "5 against 36 people": (World(people=(5, 36)), 104),
    "weeks hang together more": (World(autocorrelation=0.5), 104),
    "half-year swing of 0.5": (World(season=0.5), 0),
}
SCENARIOS = (
    Scenario("both -0.5", {"shift": -0.5}, target="median ≤ 3, ≥ .80 within 3"),
    Scenario("both -1.0", {"shift": -1.0}, target="median ≤ 2"),
    Scenario(
        "one side -0.5", {"shift": -0.5, "side": Side.CRO}, within=6, target="median ≤ 4, ≥ .75 within 6"
    ),
    Scenario(
        "gap ±0.5, level unchanged",
        {"shift": -0.5, "side": Side.SPONSOR},
        pair={"shift": 0.5, "side": Side.CRO},
        target="median ≤ 3, ≥ .85 within 3",
    ),
    Scenario("one bad week -1.0", {"shift": -1.0, "weeks": 1}, within=4, target="≤ .15 within 4"),
    Scenario("one of 8 turns to all 1s", {}, ("cro",), 28, "≤ .30 within 28", people=8, turned=True),
    Scenario("one of 18 turns to all 1s", {}, ("cro",), 28, "≤ .12 within 28", people=18, turned=True),
    Scenario("40 % of the roster replaced", {"turnover": 0.4}, within=12, target="≤ .05 within 12"),
    Scenario(
        "one side's response halved",
        {"response": 0.5, "side": Side.SPONSOR},
        kinds=("part_sponsor",),
        target="median ≤ 3",
    ),
    Scenario(
        "one side silent",
        {"response": 0.0, "side": Side.CRO},
        kinds=("silent_cro",),
        within=2,
        target="median ≤ 2",
    ),
)


def asked(weeks: int) -> tuple[Asked, ...]:
    return tuple(
        Asked(t, rotate_items(load_builtin(), t, 3), START + timedelta(weeks=t), 5, is_holiday(t))
        for t in range(weeks)
    )


def list_alerts(history: History) -> list[tuple[int, frozenset[str]]]:
    """Rounds in which leads are told at once, with the kinds of what they are told."""
    found = (
        (lived.history.now.index, frozenset(alarm.kind for alarm in lived.outcome.alarms if is_told(alarm)))
        for lived in replay_rounds(history)
    )
    return [(index, kinds) for index, kinds in found if kinds]


def ours(history: History, kinds: tuple[str, ...] = FIVE) -> list[int]:
    """Rounds in which leads were alerted of one of these kinds."""
    return [index for index, found in list_alerts(history) if found & set(kinds)]


def before(history: History, kinds: tuple[str, ...] = FIVE) -> list[int]:
    """The same by the rule before."""
    with rule_before():
        return ours(history, kinds)


def world_of(name: str, number: int) -> World:
    world = WORLDS[name][0]
    sizes = ((8, 15), (15, 15), (23, 12), (31, 31), (8, 8), (15, 31))
    return replace(world, people=sizes[number % len(sizes)]) if name == "mixed sizes" else world


def lower_bound(rounds: int, events: int) -> float:
    """Rounds between events that they exceed with 97.5 % confidence (Poisson; Byar's approximation,
    Breslow & Day 1987, https://publications.iarc.fr/Book-And-Report-Series/Iarc-Scientific-Publications)."""
    n = events + 1
    return rounds / (n * (1 - 1 / (9 * n) + 1.96 / (3 * n**0.5)) ** 3)


def in_control(name: str, alliances: int, weeks: int) -> list[History]:
    bar = tqdm(range(alliances), desc=f"in control: {name}", leave=False)
    return [simulate_history(make_crowd(world_of(name, i), SEED + i, weeks), asked(weeks)) for i in bar]


def false_alarms(alliances: int, weeks: int) -> dict[str, float]:
    """Prints the run lengths in control; the limits of the other rules, tuned in the normal world."""
    limits: dict[str, float] = {}
    print(f"\nRounds between false alerts, {alliances} alliances × {weeks} weeks (lower 95 % bound)")
    print(
        "in all: everything that goes out at once; five: level, sides and gap; others: participation, silence, guesses"
    )
    print(
        f"{'world':26} {'in all':>12} {'five':>12} {'others':>7} {'target':>11} {'before':>7} {'EWMA':>7} {'fall':>7}"
        f" {'fall of 5':>9}"
    )
    for name, (_, target) in WORLDS.items():
        histories = in_control(name, alliances, weeks)
        alerts = [list_alerts(item) for item in tqdm(histories, desc=f"judged: {name}", leave=False)]
        old = sum(len(before(item)) for item in tqdm(histories, desc=f"before: {name}", leave=False))
        means = [charts.raw_means(history) for history in histories]
        rounds, total = alliances * (weeks - LEARNING), sum(map(len, alerts))
        five = sum(bool(kinds & set(FIVE)) for alert in alerts for _, kinds in alert)
        others = sum(bool(kinds - set(FIVE)) for alert in alerts for _, kinds in alert)
        smooth, fall = [charts.ewma_below(mean) for mean in means], [charts.falls(mean) for mean in means]
        limits = limits or {"ewma": charts.calibrated(smooth, 104), "fall": charts.calibrated(fall, 104)}
        low = lower_bound(rounds, total)
        rivals = [
            rounds / max(1, sum(len(charts.alarms(line, limit)) for line in series))
            for series, limit in ((smooth, limits["ewma"]), (fall, limits["fall"]), (fall, 5.0))
        ]
        verdict = "" if not target else "met" if low >= target else "MISSED"
        print(
            f"{name:26} {rounds / max(1, total):5.0f} ({low:4.0f}) {rounds / max(1, five):5.0f}"
            f" ({lower_bound(rounds, five):4.0f}) {rounds / max(1, others):7.0f} {target:>4.0f} {verdict:>6}"
            f" {rounds / max(1, old):7.0f} {rivals[0]:7.0f} {rivals[1]:7.0f} {rivals[2]:9.1f}",
            flush=True,
        )
    return limits


def changed(scenario: Scenario, week: int) -> list[Change]:
    spec = dict(scenario.change)
    length = spec.pop("weeks", None)
    last = week + int(str(length)) - 1 if length else float("inf")
    made = [Change(first=week, last=last, **spec)]  # type: ignore[arg-type]
    return [*made, *([Change(first=week, **scenario.pair)] if scenario.pair else [])]  # type: ignore[arg-type]


def delays(scenario: Scenario, alliances: int, weeks: int, limits: dict[str, float]) -> dict[str, list[int]]:
    """Rounds from the change to the first alarm, 1 = the first round after it, for each rule."""
    found: dict[str, list[int]] = {"ours": [], "before": [], "ewma": [], "fall": []}
    for number in tqdm(range(alliances), desc=scenario.name, leave=False):
        week = 33 + number % 12
        history = made_up(scenario, number, weeks, week)
        means = charts.raw_means(history)
        rules = {
            "ours": partial(ours, history, scenario.kinds),
            "before": partial(before, history, scenario.kinds),
            "ewma": partial(charts.alarms, charts.ewma_below(means), limits["ewma"]),
            "fall": partial(charts.alarms, charts.falls(means), limits["fall"]),
        }
        for name, rule in rules.items():
            after = [t - week + 1 for t in rule() if t >= week]
            found[name].append(after[0] if after else NEVER)
    return found


def made_up(scenario: Scenario, number: int, weeks: int, week: int) -> History:
    world = World(people=(scenario.people, scenario.people))
    people = make_crowd(
        world, CHANGED_SEED + number, weeks, changed(scenario, week) if scenario.change else ()
    )
    history = simulate_history(people, asked(weeks))
    return turn_regular(history, week) if scenario.turned else history


def turn_regular(history: History, week: int) -> History:
    """Let the person of the CRO who answered most rounds until now answer 1 to everything from `week` on."""
    columns = history.sides[Side.CRO]
    until = columns.responded[:, :week].sum(axis=1) * columns.present[:, week]
    theirs = (columns.people == int(until.argmax())) & (columns.rounds >= week)
    turned = replace(columns, values=np.where(theirs, 1.0, columns.values))
    return replace(history, sides={**history.sides, Side.CRO: turned})


def print_delays(alliances: int, weeks: int, limits: dict[str, float]) -> None:
    print(f"\nRounds to the alarm: median / share in time, {alliances} alliances × {weeks} weeks")
    print(
        f"{'change':30} {'in time':>8} {'ours':>14} {'before':>14} {'EWMA':>14} {'fall':>14}   target (ours)"
    )
    for scenario in SCENARIOS:
        found = delays(scenario, alliances, weeks, limits)
        cells = []
        for after in found.values():
            middle = median_low(after)
            share = sum(item <= scenario.within for item in after) / len(after)
            cells.append(f"{'never' if middle >= NEVER else str(middle)} / {share:.2f}")
        print(f"{scenario.name:30} {scenario.within:>8} " + " ".join(f"{c:>14}" for c in cells), end="")
        print(f"   {scenario.target}", flush=True)


def print_coverage(draws: int) -> None:
    print(f"\nInterval of alignment: share that hold the true value, and bias, {draws} draws")
    print(f"{'answers a side':>15} {'no gap':>16} {'gap 12 points':>16} {'gap 25 points':>16}")
    for people in (5, 10, 20, 30):
        cells = [coverage(people, gap, draws) for gap in (0.0, 0.5, 1.0)]
        print(f"{people:>15} " + " ".join(f"{share:8.3f} ({bias:+5.1f})" for share, bias in cells))


def print_published(runs: int) -> None:
    chance = np.random.default_rng(7)

    def mean_of(length: Callable[[Iterator[float]], int], shift: float = 0.0) -> float:
        series = (
            _endless(np.random.default_rng(seed), shift) for seed in chance.integers(1 << 40, size=runs)
        )
        return float(np.mean([length(line) for line in series]))

    print(f"\nPublished run lengths, {runs} runs")
    for smoothing, limit, published in ((0.1, 2.703, 372), (0.1, 2.814, 500), (0.2, 2.962, 500)):
        found = mean_of(partial(charts.ewma_run_length, smoothing=smoothing, limit=limit))
        print(f"  EWMA λ = {smoothing}, L = {limit}: {found:6.1f}, published {published}")
    for h, shift, published in ((4, 0.0, 168.0), (5, 0.0, 465.0), (5, 1.0, 10.4)):
        found = mean_of(partial(charts.cusum_run_length, h=h), shift)
        print(f"  CUSUM k = 0.5, h = {h}, shift {shift}: {found:6.1f}, published {published}")


def print_year(years: int) -> None:
    """Seconds in which an alliance's year is closed again, round by round, gate and alarms included."""
    histories = [simulate_history(make_crowd(World(), YEAR_SEED + i, 52), asked(52)) for i in range(years)]
    start = perf_counter()
    for history in histories:
        ours(history)
    print(f"\nOne alliance-year recomputed in {(perf_counter() - start) / years:.2f} s (target ≤ 2)")


def _endless(chance: np.random.Generator, shift: float) -> Iterator[float]:
    while True:
        yield from (chance.standard_normal(512) + shift).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer alliances: a rough picture")
    parser.add_argument(
        "--alliances", type=int, default=80, help="in each world; half as many again with a change"
    )
    arguments = parser.parse_args()
    quick, alliances = arguments.quick, arguments.alliances
    print(f"{platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}")
    limits = false_alarms(*((8, 104) if quick else (alliances, 208)))
    print_delays(*((12, 72) if quick else (alliances * 3 // 2, 72)), limits=limits)
    print_shown(4 if quick else alliances // 2)
    print_coverage(200 if quick else 2000)
    print_published(100 if quick else 3000)
    print_year(3 if quick else 10)


if __name__ == "__main__":
    main()

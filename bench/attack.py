"""How many single answers can be worked out from everything that leads are shown?

    python -m bench.attack            the table of docs/privacy.md, about half a minute
    python -m bench.attack --quick    one alliance of each world

The attacker sees every card of a side's lead for 52 rounds, knows who answered what and when, and is told how each
number leans on the one before. What may lie behind a rounded number is narrowed down in both directions of time, with
the score of the whole side as one more equation. An answer is worked out if only one value is left for it. Whoever is
said to take part knows their own answers besides. Numbers that combine both companies are not used: they rest on twice
as many answers.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from tqdm import tqdm

from bench.alarms import asked
from bot.app.backtest.generate import World, make_crowd, simulate_history
from bot.closing.replay import Lived, replay_rounds
from bot.model.alliance import Side
from bot.model.closing import Cell, Release
from bot.privacy.bands import round_half_up
from bot.privacy.estimates import FEW_TOPICS, NARROW, WIDEST, Limits
from bot.privacy.pairing import find_visible_numbers
from bot.privacy.release_gate import Block
from bot.privacy.smoothing import Smoothed, smooth_releases
from bot.questions.bank import load_builtin

SEED, WEEKS, ALLIANCES = 940_000, 52, 6
SWEEPS = 4
"""Times that what is known is carried forwards and backwards through the rounds."""
WORLDS = {
    "ordinary": World(),
    "small": World(people=(8, 8)),
    "churning": World(people=(11, 11), leaving=0.05),
    "happy and small": World(people=(8, 8), level=4.6),
}
LEADS = {side: f"{side}-0-0" for side in Side}
CORE = frozenset(item.dimension for item in load_builtin().core)


def list_attackers(people: Sequence[str], lead: str) -> dict[str, frozenset[str]]:
    """Return who knows which people's answers; `people` are the side's most regular ones without the lead."""
    return {
        "outsider": frozenset(),
        "own lead": frozenset({lead}),
        "one member": frozenset(people[:1]),
        "lead and one": frozenset({lead, *people[:1]}),
        "three members": frozenset(people[:3]),
    }


@dataclass(slots=True)
class Group:
    """The answers behind a released number: what the attacker knows of their sum, in steps 1 … 5."""

    total: int
    unknown: tuple[int, ...]
    """The true answers of those who take no part."""
    people: int
    favourable: int | None
    """How many of the unknown agree (4 or 5), where percent favourable is shown as a number."""
    sums: set[int] = field(default_factory=set)
    """Sums of all answers that fit everything seen."""

    def mean(self, total: int) -> float:
        return 25.0 * (total / self.people - 1)

    def count_derived(self) -> int:
        """Return how many of the unknown answers are certain: all of them, or none."""
        n, known = len(self.unknown), self.total - sum(self.unknown)
        if not n:
            return 0
        left = {total - known for total in self.sums}
        if len(left) > 1:
            return 0
        (rest,) = left
        low, high = _bound_answers(n, self.favourable)
        return n if n == 1 or rest in (n * low, n * high) else 0


@dataclass(slots=True)
class Number:
    """A number as it is shown: between what bounds it lies, and what it is made of."""

    group: Group
    gain: float
    """1 where it starts anew from its group."""
    before: "Number | None"
    low: float
    high: float

    def narrow(self) -> None:
        """Keep what fits: value = before + gain·(mean of the group − before)."""
        past = (self.before.low, self.before.high) if self.before else (0.0, 0.0)
        base = [(1 - self.gain) * end if self.gain < 1 else 0.0 for end in past]
        group, gain = self.group, self.gain
        group.sums = {
            total
            for total in group.sums
            if base[0] + gain * group.mean(total) <= self.high + 1e-9
            and base[1] + gain * group.mean(total) >= self.low - 1e-9
        }
        ends = [gain * group.mean(end(group.sums)) for end in (min, max)]
        self.cut(base[0] + ends[0], base[1] + ends[1])
        if self.before and self.gain < 1:
            rest = 1 - self.gain
            self.before.cut((self.low - ends[1]) / rest, (self.high - ends[0]) / rest)

    def cut(self, low: float, high: float) -> None:
        self.low, self.high = max(self.low, low), min(self.high, high)


def attack(lived: Sequence[Lived], side: Side, knows: frozenset[str], capped: bool) -> list[Group]:
    """Return all groups of that side with what this attacker knows of them at last."""
    groups: dict[tuple[Cell, int], Group] = {}
    releases: list[Release] = []
    for closing in lived:
        for block in closing.outcome.blocks:
            if block.release.cell.side is side and block.release.cell.dimension in CORE:
                groups[block.release.cell, block.release.round] = _know_group(block, knows)
                releases.append(block.release)
    numbers = smooth_releases(releases)
    raw = {(release.cell, release.round): release.value for release in releases}
    seen = _chain_numbers(numbers, groups, raw, capped)
    scores = [_list_score(numbers, closing.history.now.index) for closing in lived]
    for _ in range(SWEEPS):
        for number in (*seen.values(), *reversed(list(seen.values()))):
            number.narrow()
        for shown in scores:
            _use_score([seen[id(number)] for number in shown], sum(number.release.value for number in shown))
    return list(groups.values())


def _know_group(block: Block, knows: frozenset[str]) -> Group:
    newest = {answer.person: answer.value for answer in sorted(block.answers, key=lambda one: one.round)}
    steps = {person: round(value / 25) + 1 for person, value in newest.items()}
    unknown = tuple(step for person, step in steps.items() if person not in knows)
    known = sum(steps.values()) - sum(unknown)
    told = block.release.favourable
    share = None if told is None or not 10 < told[0] < 90 else sum(step >= 4 for step in unknown)
    low, high = _bound_answers(len(unknown), share)
    most = range(known + len(unknown) * low, known + len(unknown) * high + 1)
    return Group(sum(steps.values()), unknown, len(steps), share, set(most))


def _bound_answers(people: int, favourable: int | None) -> tuple[int, int]:
    """Return the lowest and the highest answer that anybody may have given."""
    return (4, 5) if favourable == people else (1, 3) if favourable == 0 else (1, 5)


def _chain_numbers(
    numbers: Iterable[Smoothed],
    groups: Mapping[tuple[Cell, int], Group],
    raw: Mapping[tuple[Cell, int], float],
    capped: bool,
) -> dict[int, Number]:
    """Make each number as it was shown, with the one that it leans on."""
    seen: dict[int, Number] = {}
    newest: dict[Cell, tuple[Smoothed, Number]] = {}
    for number in numbers:
        release = number.release
        past, before = newest.get(release.cell, (None, None))
        mean = raw[release.cell, release.round]
        # A number that equals its group leans on nothing; the others tell by how much they moved towards it.
        fresh = past is None or abs(release.value - mean) < 1e-12 or past.release.round == release.round
        gain = (
            1.0
            if fresh or past is None
            else (release.value - past.release.value) / (mean - past.release.value)
        )
        low, high = _read_number(release.value, NARROW if capped and release.band == 5 else WIDEST)
        made = Number(groups[release.cell, release.round], gain, before if gain < 1 else None, low, high)
        newest[release.cell], seen[id(number)] = (number, made), made
    return seen


def _read_number(value: float, limits: Limits) -> tuple[float, float]:
    """Return between what bounds a value lies that is shown as it is."""
    shown, (low, high) = round_half_up(value), limits
    if shown <= low:
        return 0.0, low + 0.5
    return (high - 0.5, 100.0) if shown >= high else (shown - 0.5, shown + 0.5)


def _list_score(numbers: Sequence[Smoothed], index: int) -> list[Smoothed]:
    """Return the numbers that the side's score is the mean of; none where it is made of them as they are told."""
    shown = list(find_visible_numbers(numbers, index).values())
    return shown if len(shown) >= FEW_TOPICS else []


def _use_score(shown: Sequence[Number], total: float) -> None:
    """Narrow each number by the side's score: the others leave it no more room."""
    if not shown:
        return
    low, high = (end * len(shown) for end in _read_number(total / len(shown), WIDEST))
    lows, highs = sum(number.low for number in shown), sum(number.high for number in shown)
    for number in shown:
        below, above = lows - number.low, highs - number.high
        number.cut(low - above if above < inf else 0.0, high - below)


def count_answers(name: str, alliances: int) -> dict[tuple[str, bool], int]:
    """Return, for each attacker with and without the narrow limits, how many answers are worked out; both sides."""
    found: dict[tuple[str, bool], int] = {}
    for number in tqdm(range(alliances), desc=name, leave=False):
        past = simulate_history(make_crowd(WORLDS[name], SEED + number, WEEKS), asked(WEEKS))
        lived = tuple(replay_rounds(past, frozenset(LEADS.values())))
        for side in Side:
            columns = past.sides[side]
            regular = sorted(zip(-columns.responded.sum(axis=1), columns.names, strict=True))
            people = [person for _, person in regular if person != LEADS[side]]
            for attacker, knows in list_attackers(people, LEADS[side]).items():
                for capped in (True, False):
                    groups = attack(lived, side, knows, capped)
                    derived = sum(group.count_derived() for group in groups)
                    found[attacker, capped] = found.get((attacker, capped), 0) + derived
    return found


def main() -> None:
    options = argparse.ArgumentParser(description="How many single answers can be worked out?")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    alliances = 1 if options.parse_args().quick else ALLIANCES
    print(f"Answers worked out for certain, {alliances} alliances × {WEEKS} rounds, both sides")
    print("as it is / if small groups ended at 10 and 90, too")
    names = list(list_attackers(["p"], "lead"))
    print(f"{'world':18} " + " ".join(f"{name:>15}" for name in names))
    for world in WORLDS:
        found = count_answers(world, alliances)
        cells = (f"{found[name, True]} / {found[name, False]}" for name in names)
        print(f"{world:18} " + " ".join(f"{cell:>15}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()

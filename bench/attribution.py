"""Do alerts name the right company? Alliances in which one side falls, or both do, and what their leads are told.

python -m bench.attribution            the table of docs/scoring.md, about four minutes
python -m bench.attribution --quick    a rough one
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tqdm import tqdm

from bench.alarms import asked
from bot.alarms.evidence import word_alarm
from bot.app.backtest.generate import Change, World, make_crowd, simulate_history
from bot.closing.replay import replay_rounds
from bot.model.alliance import Alliance, Organisation, Side
from bot.model.closing import Alarm
from bot.privacy.permissions import is_told, may_see
from bot.wording.alert import name_alarm

SEED, WEEKS = 910_000, 15
"""Of the first alliance; rounds that are followed from a fall on."""
ALLIANCE = Alliance(
    "a", "A", "UTC", Organisation("Northwind", frozenset()), Organisation("Meridian", frozenset())
)
ABOUT_ANSWERS = ("level", "sponsor", "cro")


@dataclass(frozen=True, slots=True)
class Fall:
    """`people` on each roster; the first round of the fall is `first` or one of the seven after it."""

    name: str
    shift: float
    one_sided: bool = True
    people: int = 15
    first: int = 30


FALLS = (
    Fall("one side −0.5", -0.5),
    Fall("one side −1.0", -1.0),
    Fall("one of 8 a side −1.0", -1.0, people=8),
    Fall("one side −1.0, soon", -1.0, people=9, first=9),
    Fall("both sides −0.5", -0.5, one_sided=False),
)


def follow(number: int, fall: Fall) -> Iterator[tuple[str, Side | None]]:
    """Yield what leads are told at once of lower answers after the fall, in words, with the side that fell."""
    fallen = list(Side)[number % 2] if fall.one_sided else None
    change = Change(first=fall.first + number % 8, shift=fall.shift, side=fallen)
    rounds = change.first + WEEKS
    crowd = make_crowd(World(people=(fall.people, fall.people)), SEED + number, rounds, (change,))
    for lived in replay_rounds(simulate_history(crowd, asked(rounds))):
        for alarm in lived.outcome.alarms:
            if alarm.round >= change.first and alarm.kind in ABOUT_ANSWERS and is_told(alarm):
                for reader in Side:
                    yield from ((said, fallen) for said in _read(alarm, reader))


def _read(alarm: Alarm, reader: Side) -> Iterator[str]:
    if may_see(ALLIANCE, alarm, reader):
        yield name_alarm(ALLIANCE, word_alarm(alarm, asked(1)[0].slot, reader=reader))


def judge_words(said: str, fallen: Side | None) -> str:
    """Return what a lead was told of who fell: wrong, both, a side, or nobody."""
    if "both companies" in said:
        return "wrong" if fallen else "both"
    named = [side for side in Side if ALLIANCE.organisation(side).name in said]
    if not named:
        return "nobody"
    return "wrong" if fallen and fallen not in named else "a side"


def count_words(alliances: int, fall: Fall) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in tqdm(range(alliances), desc=fall.name, leave=False):
        for said, fallen in follow(number, fall):
            found["told"] += 1
            found[judge_words(said, fallen)] += 1
            found["level"] += "alignment" in said
    return found


def main() -> None:
    options = argparse.ArgumentParser(description="Do alerts name the right company?")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    alliances = 12 if options.parse_args().quick else 120
    print(
        f"{alliances} alliances each, {WEEKS} rounds from a fall on; what both sides' leads are told at once"
    )
    print(f"{'':22} {'told':>6} {'of the level':>13} {'a side':>8} {'both':>6} {'nobody':>8} {'wrong':>7}")
    for fall in FALLS:
        found = count_words(alliances, fall)
        print(
            f"{fall.name:22} {found['told']:>6} {found['level']:>13} {found['a side']:>8} {found['both']:>6}"
            f" {found['nobody']:>8} {found['wrong']:>7}",
            flush=True,
        )


if __name__ == "__main__":
    main()

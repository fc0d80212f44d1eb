"""Do alerts name the right company? Alliances in which one side falls, or both do, and what their leads are told.

python -m bench.attribution            the table of docs/scoring.md, about four minutes
python -m bench.attribution --quick    a rough one
"""

import argparse
from collections import Counter
from collections.abc import Iterator

from tqdm import tqdm

from bench.alarms import asked
from bot.alarms.evidence import word_alarm
from bot.app.backtest.generate import Change, World, make_crowd, simulate_history
from bot.closing.replay import replay_rounds
from bot.model.alliance import Alliance, Organisation, Side
from bot.model.closing import Alarm
from bot.privacy.permissions import is_told, may_see
from bot.wording.alert import name_alarm

SEED, WEEKS, FIRST = 910_000, 52, 30
ALLIANCE = Alliance(
    "a", "A", "UTC", Organisation("Northwind", frozenset()), Organisation("Meridian", frozenset())
)
ABOUT_ANSWERS = ("level", "sponsor", "cro")
SCENARIOS: dict[str, tuple[float, bool]] = {
    "one side −0.5": (-0.5, True),
    "one side −1.0": (-1.0, True),
    "both sides −0.5": (-0.5, False),
}


def follow(number: int, shift: float, one_sided: bool) -> Iterator[tuple[str, Side | None]]:
    """Yield what leads are told at once of lower answers after the fall, in words, with the side that fell."""
    fallen = list(Side)[number % 2] if one_sided else None
    change = Change(first=FIRST + number % 8, shift=shift, side=fallen)
    for lived in replay_rounds(
        simulate_history(make_crowd(World(), SEED + number, WEEKS, (change,)), asked(WEEKS))
    ):
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


def count_words(alliances: int, shift: float, one_sided: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for number in tqdm(range(alliances), leave=False):
        for said, fallen in follow(number, shift, one_sided):
            found["told"] += 1
            found[judge_words(said, fallen)] += 1
            found["level"] += "alignment" in said
    return found


def main() -> None:
    options = argparse.ArgumentParser(description="Do alerts name the right company?")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    alliances = 12 if options.parse_args().quick else 120
    print(
        f"{alliances} alliances, 15 people a side, a fall around round {FIRST}, {WEEKS} rounds; both sides' leads"
    )
    print(f"{'':18} {'told':>6} {'of the level':>13} {'a side':>8} {'both':>6} {'nobody':>8} {'wrong':>7}")
    for name, (shift, one_sided) in SCENARIOS.items():
        found = count_words(alliances, shift, one_sided)
        print(
            f"{name:18} {found['told']:>6} {found['level']:>13} {found['a side']:>8} {found['both']:>6}"
            f" {found['nobody']:>8} {found['wrong']:>7}",
            flush=True,
        )


if __name__ == "__main__":
    main()

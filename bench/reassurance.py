"""Do digests reassure leads while answers are still low, and do alerts name the right company?

    python -m bench.reassurance            the table of docs/scoring.md, about five minutes
    python -m bench.reassurance --quick    a rough one

Simulated alliances fall by half a point in round 20; every week's digest is written as it would go out.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tqdm import tqdm

from bench.alarms import asked
from bot.alarms.baseline import LEARNING
from bot.alarms.mood_trend import MoodSeen
from bot.app.backtest.generate import Change, World, make_crowd, simulate_history
from bot.closing.replay import Lived, replay_rounds
from bot.model.alliance import Alliance, Organisation, Side
from bot.model.closing import Release
from bot.model.commands import RaisedAlarm
from bot.privacy.board import make_board
from bot.privacy.permissions import is_told, may_hear_of, may_see
from bot.questions.bank import load_builtin
from bot.use_cases.alert import list_open_alerts
from bot.wording.digest import Week, summarise_week

WEEKS, FIRST = 52, 20
SEED = 70_000
ALLIANCE = Alliance(
    "a", "A", "UTC", Organisation("Northwind", frozenset()), Organisation("Meridian", frozenset())
)
SCENARIOS = {
    "both fall and stay low": (Change(first=FIRST, shift=-0.5),),
    "one side falls and stays low": (Change(first=FIRST, shift=-0.5, side=Side.CRO),),
    "both fall and recover in round 36": (Change(first=FIRST, shift=-0.5, last=35),),
}
ABOUT_ANSWERS = ("level", "sponsor", "cro")
QUIET = MoodSeen(None, "")


@dataclass(frozen=True, slots=True)
class Said:
    """Hold the news for one side's lead after one closing."""

    side: Side
    low: bool
    """People of this side answer lower than before round 20."""
    alerted: bool
    """This lead has been alerted since round 20."""
    news: str
    recovered: tuple[str, ...]


def follow(number: int, changes: tuple[Change, ...]) -> Iterator[Said]:
    """Live an alliance's year; tell what its leads read each week."""
    releases: list[Release] = []
    raised: list[RaisedAlarm] = []
    for week in replay_rounds(
        simulate_history(make_crowd(World(), SEED + number, WEEKS, changes), asked(WEEKS))
    ):
        releases += week.outcome.releases
        now = week.history.now
        raised += [RaisedAlarm("", "a", alarm, now.slot, frozenset()) for alarm in week.outcome.alarms]
        yield from (_tell(week, tuple(releases), raised, side, changes) for side in Side)


def _tell(
    one: Lived,
    releases: tuple[Release, ...],
    raised: list[RaisedAlarm],
    side: Side,
    changes: tuple[Change, ...],
) -> Said:
    now, is_open = one.history.now, frozenset(one.outcome.state.episodes)
    mine = [this for this in raised if may_see(ALLIANCE, this.alarm, side)]
    opened = list_open_alerts(ALLIANCE, raised, is_open, side, now.slot - timedelta(days=4))
    low = any(change.is_touching(side, now.index) for change in changes)
    alerted = any(
        this.alarm.round >= FIRST and this.alarm.kind in ABOUT_ANSWERS and is_told(this.alarm)
        for this in mine
    )
    over = tuple(
        end.kind
        for end in one.outcome.recoveries
        if end.kind in ABOUT_ANSWERS and may_hear_of(ALLIANCE, end.kind, side)
    )
    if opened or not (low and alerted):
        # The first line names what is open.
        return Said(side, low, alerted, "", over)
    week = Week(
        view=make_board(releases, now.index, load_builtin()).for_lead(side),
        pooled=False,
        learning=now.index < LEARNING,
        closed=now.slot,
        rates=(),
        opened=opened,
        alarms=(),
        mood=QUIET,
        comments=(),
        missed=(),
    )
    return Said(side, low, alerted, summarise_week(ALLIANCE, week), over)


def count(alliances: int, changes: tuple[Change, ...]) -> Counter[str]:
    """Count digests while answers are low after the alert, and what was said in them."""
    found: Counter[str] = Counter()
    for number in tqdm(range(alliances), leave=False):
        for said in follow(number, changes):
            if said.low and said.alerted:
                found["digests"] += 1
                found["wrong"] += said.news.startswith("Nothing unusual")
                found["too early"] += len(said.recovered)
            elif said.alerted:
                found["told"] += len(said.recovered)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description="Wrong reassurances after an alert.")
    options.add_argument("--quick", action="store_true", help="fewer alliances")
    alliances = 8 if options.parse_args().quick else 60
    print(f"{alliances} alliances, 15 people a side, −0.5 from round {FIRST} on, {WEEKS} rounds")
    print(
        f"{'':36} {'digests while low':>18} {'reassuring':>11} {'over too early':>15} {'over, rightly':>14}"
    )
    for name, changes in SCENARIOS.items():
        found = count(alliances, changes)
        print(
            f"{name:36} {found['digests']:>18} {found['wrong']:>11} {found['too early']:>15} {found['told']:>14}"
        )


if __name__ == "__main__":
    main()

"""The rules a second time, from docs/scoring.md alone: plain Python, no array, no line shared with the product.

    python -m tests.rules.independent     writes data/golden_robust.json anew

Slow and literal on purpose: what is compared with it is the product's arithmetic, not this one's elegance.
"""

import json
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from statistics import mean, median
from typing import Any

from bot.model.alliance import Item, Side
from bot.model.closing import Asked, Record, Release
from tests.rules.histories import golden_record

GOLDEN = Path(__file__).parent / "data" / "golden_robust.json"
PERSON, OCCASION, ERROR, ROUND = 0.30, 0.0625, 0.42, 0.0225
KAPPA = ERROR / PERSON
LIMITS = {"alert": 7.0, "watch": 4.0}
CHARTS = {"level": -0.5, "sponsor": -0.5, "cro": -0.5, "gap_sponsor_lower": -0.7, "gap_cro_lower": 0.7}
SHOWN_SINCE = {"P5": ["67", "71"], "P6": ["67", "71", "71"], "P7": ["≤20"], "P10": ["50", "63", "63"]}
"""Texts of the privacy cases that numbers leaning on their past, and the limits of small groups, have changed."""
Rows = list[tuple[int, str, str, float]]
"""(round, person, item, value 1–5 turned)."""
Usual = tuple[dict[str, float], dict[str, int], dict[str, float], dict[str, int], int]


def list_rows(record: Record, side: Side) -> Rows:
    """One side's answers with reverse-keyed ones turned."""
    turned = {item.id: item.reverse for round in record.asked for item in round.items}
    return sorted(
        (
            answer.round,
            answer.person,
            answer.item,
            float(6 - answer.value if turned[answer.item] else answer.value),
        )
        for answer in record.answers
        if answer.side is side
    )


def fit_usual(rows: Rows, now: int) -> Usual:
    """Fit item and person effects on the rounds now − 28 … now − 3, in three sweeps."""
    past = [row for row in rows if max(0, now - 28) <= row[0] <= now - 3]
    items, people = {row[2] for row in past}, {row[1] for row in past}
    item_counts = {k: sum(row[2] == k for row in past) for k in items}
    person_counts = {i: sum(row[1] == i for row in past) for i in people}
    a, b = dict.fromkeys(people, 0.0), dict.fromkeys(items, 0.0)
    for _ in range(3):
        b = {k: mean(x - a[i] for _, i, item, x in past if item == k) for k in items}
        a = {
            i: sum(x - b[k] for _, who, k, x in past if who == i) / (person_counts[i] + KAPPA) for i in people
        }
    return b, item_counts, a, person_counts, len({row[0] for row in past})


def locate(residuals: Sequence[float], variances: Sequence[float]) -> float:
    """Locate where most residuals are: the biweight at 4.685, five steps from the median."""
    centre = median(residuals)
    for _ in range(5):
        weights = []
        for r, q in zip(residuals, variances, strict=True):
            u = (r - centre) / (4.685 * sqrt(q))
            weights.append((1 - u * u) ** 2 / q if -1 < u < 1 else 0.0)
        if sum(weights):
            centre = sum(w * r for w, r in zip(weights, residuals, strict=True)) / sum(weights)
    return centre


def deviate(rows: Rows, usual: Usual, now: int, item: str = "") -> tuple[float, float, int] | None:
    """Compute d, its untuned variance and how many people it rests on; of one item if it is named."""
    b, item_counts, a, person_counts, rounds = usual
    given: dict[str, list[float]] = {}
    for t, i, k, x in rows:
        if t == now and item in ("", k) and item_counts.get(k, 0) >= 5:
            given.setdefault(i, []).append(x - b[k])
    if not given:
        return None
    q = [
        OCCASION + ERROR / len(xs) + PERSON * KAPPA / (person_counts.get(i, 0) + KAPPA)
        for i, xs in given.items()
    ]
    d = locate([mean(xs) - a.get(i, 0.0) for i, xs in given.items()], q)
    noise = 1 / sum(1 / each for each in q)
    if item:
        v = ROUND + noise + (OCCASION + ERROR + PERSON) / item_counts[item] + ROUND * (8 / 3) / rounds
    else:
        v = (ROUND + noise) * (1 + 1 / rounds)
    return d, v, len(given)


def tune(seen: Mapping[int, tuple[float, float]], now: int, v: float) -> float:
    """Widen v by how far the side's earlier deviations were off, never narrow it."""
    z = [min(d * d / w, 9.0) for t, (d, w) in seen.items() if max(0, now - 28) <= t <= now - 3]
    return v * max(1.0, (12 + sum(z)) / (12 + len(z)))


class Chart:
    """A log-likelihood CUSUM with what it has summed since it left 0."""

    def __init__(self, delta: float, cap: float) -> None:
        self.delta, self.cap = delta, cap
        self.s, self.start, self.weight, self.total = 0.0, -1, 0.0, 0.0

    def add(self, now: int, d: float, v: float) -> None:
        """Add one round."""
        self.s += min((self.delta * d - self.delta**2 / 2) / v, self.cap)
        if self.s <= 0:
            self.s, self.start, self.weight, self.total = 0.0, -1, 0.0, 0.0
            return
        self.start = now if self.start < 0 else self.start
        self.weight, self.total = self.weight + 1 / v, self.total + d / v


class Judge:
    """One history, round by round."""

    def __init__(self, record: Record) -> None:
        self.rows = {side: list_rows(record, side) for side in Side}
        self.seen: dict[Side, dict[int, tuple[float, float]]] = {side: {} for side in Side}
        self.runs = {
            run: {name: Chart(delta, 0.6 * LIMITS[run]) for name, delta in CHARTS.items()} for run in LIMITS
        }
        self.topics: dict[str, Chart] = {}
        self.last: dict[str, int] = {}
        self.out: dict[str, Any] = {"S": [], "alerts": []}
        self.out |= {f"{name}_{side}": [] for side in Side for name in ("d", "v_used")}

    def judge_round(self, asked: Asked) -> None:
        """Judge one round on all charts."""
        now = asked.index
        usual = {side: fit_usual(self.rows[side], now) for side in Side} if now >= 8 else {}
        moves = list_moves(self.use_deviations(usual, now))
        for run in self.runs:
            self.advance(run, moves, now)
        for item in asked.items if usual else ():
            self.judge_topic(item, usual, now)

    def use_deviations(self, usual: Mapping[Side, Usual], now: int) -> dict[Side, tuple[float, float]]:
        """Note both sides' deviations; return those of three people or more, tuned."""
        used = {}
        for side in Side:
            found = deviate(self.rows[side], usual[side], now) if usual else None
            self.out[f"d_{side}"].append(found and found[0])
            self.out[f"v_used_{side}"].append(None)
            if found and found[2] >= 3:
                used[side] = found[0], tune(self.seen[side], now, found[1])
                self.out[f"v_used_{side}"][-1] = used[side][1]
                self.seen[side][now] = found[:2]
        return used

    def advance(self, run: str, moves: Mapping[str, tuple[float, float]], now: int) -> None:
        """Add a round to the five charts of a run, and note its alarms."""
        charts = self.runs[run]
        for name, (d, v) in moves.items():
            charts[name].add(now, d, v)
        if run == "alert":
            self.out["S"].append([chart.s for chart in charts.values()])
        above = {name: chart for name, chart in charts.items() if chart.s > LIMITS[run]}
        if above and now >= self.last.get(run, -9) + 4:
            self.last[run] = now
            self.out["alerts"] += [write_alarm(run, name, chart, now) for name, chart in above.items()]
            for chart in charts.values():
                chart.s = 0.0

    def judge_topic(self, item: Item, usual: Mapping[Side, Usual], now: int) -> None:
        """Add a round to a topic's chart where five people or more of both sides answered it."""
        pair = [deviate(self.rows[side], usual[side], now, item.id) for side in Side]
        found = [move for move in pair if move and move[2] >= 5]
        if len(found) < 2:
            return
        chart = self.topics.setdefault(item.dimension, Chart(-0.8, float("inf")))
        chart.add(now, mean(d for d, _, _ in found), sum(v for _, v, _ in found) / 4)
        if chart.s > 6 and now >= self.last.get(item.dimension, -9) + 4:
            self.last[item.dimension], chart.s = now, 0.0
            self.out["alerts"].append([now, f"dim:{item.dimension}", "", ""])


def judge_history(record: Record) -> dict[str, Any]:
    """Judge every round of a history: deviations, variances, sums of the five charts and alarms."""
    judge = Judge(record)
    for asked in record.asked:
        judge.judge_round(asked)
    return {**judge.out, "alerts": sorted({tuple(row) for row in judge.out["alerts"]}, key=str)}


def list_moves(used: Mapping[Side, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """List what each of the five charts is told of a round: d and its variance."""
    moves = {side.value: move for side, move in used.items()}
    if len(used) == 2:
        (s, vs), (c, vc) = used[Side.SPONSOR], used[Side.CRO]
        moves |= {"level": ((s + c) / 2, (vs + vc) / 4)}
        moves |= dict.fromkeys(("gap_sponsor_lower", "gap_cro_lower"), (s - c, vs + vc))
    return moves


def write_alarm(run: str, name: str, chart: Chart, now: int) -> list[object]:
    """Write an alarm as the golden lists do."""
    if run == "watch":
        return [now, "watch", "", ""]
    kind = "gap" if name.startswith("gap") else name
    return [now, kind, chart.start, round(chart.total / chart.weight, 2)]


Key = tuple[Side | None, str]


class Smoother:
    """Released numbers in information form: precisions add up, drift takes them away."""

    def __init__(self) -> None:
        people = {5: 6.5, 10: 13.0, 20: 26.0}
        self.week = ROUND * 625
        self.noise = {band: (OCCASION + ERROR) * 625 / n + self.week for band, n in people.items()}
        self.value: dict[Key, float] = {}
        self.precision: dict[Key, float] = {}
        self.at: dict[Key, int] = {}
        self.news: list[tuple[int, Key, Release, float, float]] = []

    def add(self, release: Release) -> None:
        """Add one release."""
        key, index, r = (release.cell.side, release.cell.dimension), release.round, self.noise[release.band]
        prior = 0.0
        if self.precision.get(key, 0.0) > 0:
            before = 1 / self.precision[key] + 3.0 * (index - self.at[key])
            size = release.value - self.value[key]
            self.news.append((index, key, release, size, before + r))
            prior = 1 / before if abs(size) <= 3.5 * sqrt(before + r) else 0.0
        self.precision[key], self.at[key] = prior + 1 / r, index
        self.value[key] = (prior * self.value.get(key, 0.0) + release.value / r) / self.precision[key]

    def restart(self, side: Side | None, index: int) -> None:
        """Begin a side anew where its news of three rounds were further off than chance explains."""
        own = [new for new in self.news if new[1][0] is side and new[0] > index - 3]
        if len(own) < 4:
            return
        spread = sum(new[4] - self.week for new in own) / len(own) ** 2
        spread += self.week / len({new[0] for new in own})
        if abs(mean(new[3] for new in own)) <= 3.5 * sqrt(spread):
            return
        self.precision |= {key: 0.0 for key in self.precision if key[0] is side}
        for _, key, release, _, _ in own:
            self.value[key], self.precision[key] = release.value, 1 / self.noise[release.band]
        self.news = [new for new in self.news if new[1][0] is not side]


def smooth_cells(releases: Sequence[Release], now: int) -> dict[Key, float]:
    """Return what each cell shows at `now`."""
    smoother = Smoother()
    for index in range(now + 1):
        for release in releases:
            if release.round == index:
                smoother.add(release)
        for side in (Side.SPONSOR, Side.CRO, None):
            smoother.restart(side, index)
    return {key: value for key, value in smoother.value.items() if now - smoother.at[key] <= 8}


def main() -> None:
    """Write the golden file anew."""
    names = json.loads((GOLDEN.parent / "golden_alert.json").read_text())["pipeline"]
    golden = {name: judge_history(golden_record(name)) for name in names}
    GOLDEN.write_text(json.dumps(golden, indent=None) + "\n")


if __name__ == "__main__":
    main()

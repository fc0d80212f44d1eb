"""Re-estimate the planning constants of the alarms from real answers.

    python -m bench.constants responses.csv

`responses.csv` as for `pulse backtest`, twelve rounds of ten alliances or more. Prints the four variances of
the model x = item + person + side's round + person's round + error on the 1–5 scale, by the method of moments
(Searle, Casella & McCulloch 1992, Variance Components, https://doi.org/10.1002/9780470316856), beside those the
rules plan with. Reverse-keyed items need no turning: a variance does not mind.
"""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.scoring.answer_matrix import Floats, Ints
from bot.scoring.variances import ERROR_VAR, OCCASION_VAR, PERSON_VAR, ROUND_VAR


def variances(answers: Sequence[tuple[str, str, str, str, float]]) -> tuple[float, float, float, float]:
    """Error, occasion, person and round variance of (side, person, round, item, value); names are unique."""
    sides, people, rounds, items, values = zip(*answers, strict=True)
    person, item = _codes(people), _codes(list(zip(sides, items, strict=True)))
    visit = _codes(list(zip(people, rounds, strict=True)))
    x = np.array(values, dtype=float)
    for _ in range(20):
        x = x - _means(item, x - _means(person, x)[person])[item]
    visits = np.bincount(visit)
    spread = x - _means(visit, x)[visit]
    error = float((spread**2).sum()) / float(len(x) - len(visits))
    first = np.unique(visit, return_index=True)[1]
    who, when = person[first], _codes(list(zip(sides, rounds, strict=True)))[first]
    y = _means(visit, x)
    effect, weeks = np.zeros(person.max() + 1), np.zeros(when.max() + 1)
    for _ in range(20):
        effect = _means(who, y - weeks[when])
        weeks = _means(when, y - effect[who])
    rest = y - effect[who] - weeks[when]
    noise = float((rest**2).sum()) / (len(y) - len(effect) - len(weeks) + 1)
    occasion = noise - error * float((1 / visits).mean())
    person_var = float(effect.var(ddof=1)) - noise * float((1 / np.bincount(who)).mean())
    round_var = float(weeks.var(ddof=1)) - noise * float((1 / np.bincount(when)).mean())
    return error, occasion, person_var, round_var


def _codes(labels: Sequence[object]) -> Ints:
    table: dict[object, int] = {}
    return np.array([table.setdefault(label, len(table)) for label in labels])


def _means(groups: Ints, values: Floats) -> Floats:
    means: Floats = np.bincount(groups, values) / np.maximum(np.bincount(groups), 1)
    return means


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.constants responses.csv")
    with Path(sys.argv[1]).open(newline="", encoding="utf-8-sig") as file:
        answers = [
            (
                f"{r['alliance']}/{r['side']}",
                f"{r['alliance']}/{r['person']}",
                r["week"],
                r["item"],
                float(r["value"]),
            )
            for r in csv.DictReader(file)
            if r["value"]
        ]
    names = ("error", "occasion", "person", "round")
    planned = (ERROR_VAR, OCCASION_VAR, PERSON_VAR, ROUND_VAR)
    print(f"{'variance':10} {'found':>8} {'planned':>8}")
    for name, found, plan in zip(names, variances(answers), planned, strict=True):
        print(f"{name:10} {found:8.4f} {plan:8.4f}")


if __name__ == "__main__":
    main()

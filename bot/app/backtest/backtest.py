"""`pulse backtest`: any history through the very same scores, gate and alarms, as lines of JSON."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from bot.app.backtest.csv_tables import Row, TableError, joined
from bot.app.backtest.load_history import Tables, history, weeks_asked
from bot.app.backtest.parallel import in_order
from bot.app.backtest.report import alarm_line, sentence, week_line
from bot.closing.replay import replay
from bot.model.alliance import Side
from bot.privacy.release_gate import FLOOR
from bot.scoring.answer_matrix import Floats
from bot.scoring.window import WINDOW, change, core_dimensions, score_values, side_values

SPREAD_FROM = 100_000
"""Answers from which starting further processes pays."""


@dataclass(frozen=True, slots=True)
class Task:
    """One alliance's rows of each table."""

    tables: Tables
    alliance: str
    answers: list[Row]
    posts: list[Row] | None
    roster: list[Row] | None
    minimum: int
    """The privacy threshold k."""
    as_json: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One alliance's lines."""

    text: str
    weeks: int
    answers: int


def run(
    responses: Path,
    posts: Path | None,
    roster: Path | None,
    out: TextIO,
    as_json: bool,
    minimum: int = FLOOR,
    progress: bool = True,
) -> int:
    """Write a line for each alliance and week, and one for each alarm; how many weeks. Raises TableError.

    `minimum` is the privacy threshold k that is tried, at least 5.
    """
    tables = Tables.at(responses, posts, roster)
    rows, ordered = tables.responses.count()
    if not rows:
        raise TableError(f"{responses}: there are no answers in it")
    with ExitStack() as stack:
        bar = stack.enter_context(
            tqdm(
                total=rows,
                unit=" answers",
                unit_scale=True,
                desc="replaying",
                disable=None if progress else True,
            )
        )
        others = [
            one.by_alliance(stack, one.count()[1]) if one else None for one in (tables.posts, tables.roster)
        ]
        leading = tables.responses.by_alliance(stack, ordered)
        tasks = (
            Task(tables, alliance, answers, asked, people, minimum, as_json)
            for alliance, answers, (asked, people) in joined(leading, others)
        )
        weeks = 0
        for judged in in_order(judge, tasks, spread=rows > SPREAD_FROM):
            out.write(judged.text)
            weeks += judged.weeks
            bar.update(judged.answers)
    return weeks


def judge(task: Task) -> Judged:
    """One alliance, from its rows to its lines."""
    lines = list(_lines(task))
    text = "".join(
        (json.dumps(one, ensure_ascii=False) if task.as_json else sentence(one)) + "\n" for one in lines
    )
    return Judged(text, sum("alarm" not in one for one in lines), len(task.answers))


def _lines(task: Task) -> Iterator[dict[str, Any]]:
    asked = weeks_asked(task.tables, task.answers, task.posts)
    past = history(task.tables, asked, task.answers, task.roster, task.minimum)
    dimensions, windows = core_dimensions(past), deque[Mapping[Side, Floats]](maxlen=WINDOW + 1)
    for lived in replay(past):
        windows.append(side_values(lived.history))
        then, now = windows[0], windows[-1]
        found = score_values(now[Side.SPONSOR], now[Side.CRO], dimensions, task.minimum)
        full = len(windows) > WINDOW
        changes = {side: change(then[side], now[side]) if full else None for side in Side}
        week = asked.weeks[lived.history.place]
        yield week_line(task.alliance, week, found, changes, lived)
        for alarm in lived.outcome.alarms:
            yield alarm_line(task.alliance, week, alarm, asked.weeks[alarm.start_round])

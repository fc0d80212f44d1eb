"""Run any history through the same scores, gate and alarms as live rounds, as lines of JSON: `pulse backtest`."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from bot.app.backtest.csv_tables import Row, TableError, join_tables
from bot.app.backtest.load_history import Tables, load_asking, load_history
from bot.app.backtest.parallel import map_in_order
from bot.app.backtest.report import alarm_line, week_line, write_sentence
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.privacy.release_gate import FLOOR
from bot.scoring.answer_matrix import Floats
from bot.scoring.window import WINDOW, core_dimensions, measure_change, score_values, side_values

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
class AllianceLines:
    """One alliance's lines."""

    text: str
    weeks: int
    answers: int


def run_backtest(
    responses: Path,
    posts: Path | None,
    roster: Path | None,
    out: TextIO,
    as_json: bool,
    minimum: int = FLOOR,
    progress: bool = True,
) -> int:
    """Write a line for each alliance and week, and one for each alarm; return the number of weeks.

    Raises TableError.

    `minimum` is the privacy threshold k that is tried, at least 5.
    """
    tables = Tables.name_files(responses, posts, roster)
    rows, ordered = tables.responses.count_rows()
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
            table.group_rows(stack, table.count_rows()[1]) if table else None
            for table in (tables.posts, tables.roster)
        ]
        leading = tables.responses.group_rows(stack, ordered)
        tasks = (
            Task(tables, alliance, answers, asked, people, minimum, as_json)
            for alliance, answers, (asked, people) in join_tables(leading, others)
        )
        weeks = 0
        for judged in map_in_order(replay_task, tasks, spread=rows > SPREAD_FROM):
            out.write(judged.text)
            weeks += judged.weeks
            bar.update(judged.answers)
    return weeks


def replay_task(task: Task) -> AllianceLines:
    """Turn one alliance's rows into its lines."""
    lines = list(_list_lines(task))
    text = "".join(
        (json.dumps(line, ensure_ascii=False) if task.as_json else write_sentence(line)) + "\n"
        for line in lines
    )
    return AllianceLines(text, sum("alarm" not in line for line in lines), len(task.answers))


def _list_lines(task: Task) -> Iterator[dict[str, Any]]:
    asked = load_asking(task.tables, task.answers, task.posts)
    past = load_history(task.tables, asked, task.answers, task.roster, task.minimum)
    dimensions, windows = core_dimensions(past), deque[Mapping[Side, Floats]](maxlen=WINDOW + 1)
    for lived in replay_rounds(past):
        windows.append(side_values(lived.history))
        then, now = windows[0], windows[-1]
        found = score_values(now[Side.SPONSOR], now[Side.CRO], dimensions, task.minimum)
        full = len(windows) > WINDOW
        changes = {side: measure_change(then[side], now[side]) if full else None for side in Side}
        week = asked.weeks[lived.history.place]
        yield week_line(task.alliance, week, found, changes, lived)
        for alarm in lived.outcome.alarms:
            yield alarm_line(task.alliance, week, alarm, asked.weeks[alarm.start_round])

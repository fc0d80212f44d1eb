"""Run any history through the same scores, gate and alarms as live rounds, as lines of JSON: `pulse backtest`."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Never, TextIO

from tqdm import tqdm

from bot.app.backtest.csv_tables import TableError
from bot.app.backtest.load_history import Rows, Tables, load_asking, load_history
from bot.app.backtest.report import alarm_line, week_line, write_sentence
from bot.closing.replay import replay_rounds
from bot.model.alliance import Side
from bot.privacy.release_gate import FLOOR
from bot.scoring.answer_matrix import Floats
from bot.scoring.window import WINDOW, core_dimensions, measure_change, score_values, side_values


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
    answers = tables.responses.load_groups()
    if not answers:
        raise TableError(f"{responses}: there are no answers in it")
    posted, people = (table.load_groups() if table else None for table in (tables.posts, tables.roster))
    alliances = sorted({*answers, *(posted or ()), *(people or ())})
    weeks = 0
    with _open_bar(sum(map(len, answers.values())), progress) as bar:
        for alliance in alliances:
            rows = Rows.pick(alliance, answers, posted, people)
            lines = list(_list_lines(tables, alliance, rows, minimum))
            out.writelines(_write_line(line, as_json) for line in lines)
            weeks += sum("alarm" not in line for line in lines)
            bar.update(len(rows.answers))
    return weeks


def _open_bar(total: int, progress: bool) -> "tqdm[Never]":
    """Show how many of the answers are done; without `progress` nothing, and nothing where no terminal is."""
    disable = None if progress else True
    return tqdm(total=total, unit=" answers", unit_scale=True, desc="replaying", disable=disable)


def _write_line(line: Mapping[str, Any], as_json: bool) -> str:
    return (json.dumps(line, ensure_ascii=False) if as_json else write_sentence(line)) + "\n"


def _list_lines(tables: Tables, alliance: str, rows: Rows, minimum: int) -> Iterator[dict[str, Any]]:
    asked = load_asking(tables, rows)
    past = load_history(tables, asked, rows, minimum)
    dimensions, windows = core_dimensions(past), deque[Mapping[Side, Floats]](maxlen=WINDOW + 1)
    for lived in replay_rounds(past):
        windows.append(side_values(lived.history))
        then, now = windows[0], windows[-1]
        found = score_values(now[Side.SPONSOR], now[Side.CRO], dimensions, minimum)
        full = len(windows) > WINDOW
        changes = {side: measure_change(then[side], now[side]) if full else None for side in Side}
        week = asked.weeks[lived.history.place]
        yield week_line(alliance, week, found, changes, lived)
        for alarm in lived.outcome.alarms:
            yield alarm_line(alliance, week, alarm, asked.weeks[alarm.start_round])

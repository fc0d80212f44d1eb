"""Commands for trying the rules on one's own data, or on made-up data."""

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from bot.app.backtest import backtest as replayed
from bot.app.backtest import simulate as simulated
from bot.app.backtest.csv_tables import TableError
from bot.app.backtest.generate import Change
from bot.app.cli import options
from bot.model.alliance import Side
from bot.mood import Mood, read
from bot.privacy.release_gate import FLOOR


@click.command("mood")
@options.as_json
def read_moods(as_json: bool) -> None:
    """Read texts from standard input, one a line; print the mood of each, and how many could be read.

    JSON lines, except to a terminal without --json.
    """
    unread: Counter[str] = Counter()
    read_lines = 0
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        found, read_lines = _describe_mood(line), read_lines + 1
        unread.update([str(found["reason"])] if "reason" in found else [])
        if as_json or not sys.stdout.isatty():
            options.show_json(found)
        else:
            click.echo(
                f"{found['label']:9} {_check_number(found['polarity'])} {_check_number(found['confidence'])}  {line}"
            )
    reasons = "".join(f"; {reason}: {count}" for reason, count in unread.most_common())
    click.echo(f"{read_lines - unread.total()} of {read_lines} texts could be read{reasons}", err=True)


@click.command("backtest")
@click.argument("responses", type=options.existing_file)
@click.option(
    "--posts",
    type=options.existing_file,
    help="What was asked when: alliance,week,item,dimension,reverse,holiday.",
)
@click.option(
    "--roster", type=options.existing_file, help="Who was there when: alliance,side,person,from_week,to_week."
)
@click.option(
    "--minimum",
    default=FLOOR,
    show_default=True,
    type=click.IntRange(FLOOR),
    help="Privacy threshold to try: people of a side behind a number.",
)
@options.as_json
def replay_survey(
    responses: Path, posts: Path | None, roster: Path | None, minimum: int, as_json: bool
) -> None:
    """Replay a history through the same scoring, privacy gate and alarms.

    RESPONSES is a CSV file with the columns alliance,side,person,week,item,value.
    """
    try:
        replayed.run_backtest(responses, posts, roster, sys.stdout, as_json, minimum)
    except TableError as error:
        raise click.ClickException(str(error)) from None


@click.command("simulate")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--alliances", default=10, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--weeks", default=52, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--drop-week", type=click.IntRange(0), help="From this week on one side, or both, answer lower."
)
@click.option("--drop-side", type=click.Choice([side.value for side in Side]), help="Default: both sides.")
@click.option("--drop", default=-0.5, show_default=True, help="By how many points of the answer scale.")
def make_survey(
    folder: Path,
    alliances: int,
    weeks: int,
    seed: int,
    drop_week: int | None,
    drop_side: str | None,
    drop: float,
) -> None:
    """Write made-up answers into FOLDER, as the tables that `pulse backtest` reads. The same seed, the same tables."""
    side = Side(drop_side) if drop_side else None
    changes = [Change(first=drop_week, side=side, shift=drop)] if drop_week is not None else []
    answers = simulated.simulate_tables(folder, alliances, weeks, seed, changes=changes)
    click.echo(f"{answers} answers of {alliances} alliances in {folder}")


def _describe_mood(text: str) -> dict[str, object]:
    found = read(text)
    if isinstance(found, Mood):
        return {**asdict(found), "label": found.label.value}
    return {"label": "abstained", "polarity": None, "confidence": None, "reason": found.reason}


def _check_number(value: object) -> str:
    return f"{value:+.2f}" if isinstance(value, float) else "  –  "

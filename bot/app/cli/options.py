"""Options and output that commands share."""

import json
import os
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.app.config.load import load_settings
from bot.app.config.schema import Settings
from bot.app.runtime import logs
from bot.model.alliance import Alliance

T = TypeVar("T")
_YEARS = range(1970, 9000)
"""Leaves room for what lies ahead of a tick, and behind it."""

file = click.Path(path_type=Path, dir_okay=False)
existing_file = click.Path(path_type=Path, dir_okay=False, exists=True)
config = click.option(
    "--config", "config_path", type=file, help="TOML file; default: config.toml if it is there."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def read_settings(config_path: Path | None) -> Settings:
    """Read what is in force, and log as it says. Raises BadSettings."""
    default = Path("config.toml")
    found = load_settings(config_path or (default if default.exists() else None), os.environ)
    logs.configure(found.logs.format, found.logs.level)
    return found


def wait_for(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run asynchronous work to its end."""
    import asyncio  # not for commands that only read settings

    return asyncio.run(work())


def show_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def parse_time(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Parse an ISO time; without a zone it is UTC."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("write an ISO time, for example 2026-11-24T09:00+01:00") from None
    if not _YEARS.start <= at.year < _YEARS.stop:
        raise click.BadParameter(f"write a time between the years {_YEARS.start} and {_YEARS.stop}")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def report_no_alliance(key: str | None, known: Sequence[Alliance]) -> click.ClickException:
    keys = ", ".join(alliance.key for alliance in known) or "none; `pulse apply FILE.toml` declares them"
    return click.ClickException(f"no alliance {key!r}; known: {keys}")

"""What a bot takes into memory when it starts, and a command before it does anything."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.app.cli.catalogue import list_entries
from tests.timing import measure_child_cpu

HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "matplotlib",
    "botbuilder",
    "msal",
    "alembic",
    "psycopg",
    "slack_sdk",
    "jwt",
    "jinja2",
    "holidays",
)
"""Installed or not, a bot on SQLite, on no platform and with a current schema, is not to import them.

None of its alliances names a country.
"""


UNNEEDED = {
    "--version": ("pydantic", "sqlalchemy", "aiohttp", "numpy", "asyncio", "bot.model", "bot.app.config"),
    "--help": ("pydantic", "sqlalchemy", "aiohttp", "numpy", "asyncio", "bot.model", "bot.app.config"),
    "config show": (
        "sqlalchemy",
        "aiohttp",
        "numpy",
        "asyncio",
        "cryptography",
        "bot.use_cases",
        "bot.guard",
    ),
}
"""Command → what it is not to import."""
ENOUGH = 0.5
"""Seconds of CPU time; 1.7 when every command imported what any command needs."""


def import_without(names: Iterable[str], words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `pulse WORDS` where these modules end the program, installed or not."""
    script = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {tuple(names)!r}:
            raise SystemExit(f"{{name}} was imported")
sys.meta_path.insert(0, Refuse())
sys.argv = ["pulse", *{words.split()!r}]
from bot.app.cli.main import main
main()
"""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=folder, capture_output=True, text=True
    )


def test_a_bot_starts_without_what_it_does_not_use(tmp_path: Path) -> None:
    for name in HEAVY:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), "."])}
    modules = ", ".join(sorted({f"bot.app.cli.{entry.module}" for _, entry in list_entries()}))
    started = subprocess.run(
        [sys.executable, "-c", f"import {modules}"], env=environment, capture_output=True, text=True
    )
    assert started.returncode == 0, started.stderr[-2_000:]


@pytest.mark.parametrize("words", UNNEEDED)
def test_a_command_that_opens_nothing_starts_without_what_a_bot_needs(words: str, tmp_path: Path) -> None:
    done = import_without(UNNEEDED[words], words, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", UNNEEDED)
def test_a_command_that_opens_nothing_is_quick(words: str) -> None:
    took = measure_child_cpu([sys.executable, "-m", "bot", *words.split()], enough=ENOUGH)
    assert took < ENOUGH

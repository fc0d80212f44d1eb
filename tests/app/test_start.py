"""What a bot takes into memory when it starts."""

import os
import subprocess
import sys
from pathlib import Path

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
)
"""Installed or not, a bot on SQLite, on no platform and with a current schema, is not to import them."""


def test_it_starts_without_what_it_does_not_use(tmp_path: Path) -> None:
    for name in HEAVY:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), "."])}
    started = subprocess.run(
        [sys.executable, "-c", "import bot.app.cli.main"], env=environment, capture_output=True, text=True
    )
    assert started.returncode == 0, started.stderr[-2_000:]

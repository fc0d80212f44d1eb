"""Each import contract of `pyproject.toml` notices an import that it forbids."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

SEEDS = {
    "The outer ring knows everything; adapters and storage do not know each other; the core knows neither": (
        "bot/use_cases/ask.py",
        "import storage.store",
    ),
    "Inside the core everything points one way": ("bot/scoring/scores.py", "import bot.alarms.judge"),
    "The words of the field build on each other one way": ("bot/model/alliance.py", "import bot.model.cards"),
    "SQL lives in storage": ("bot/app/wiring.py", "import sqlalchemy"),
    "Platforms do not know each other; what they share knows none of them": (
        "adapters/shared/text.py",
        "import adapters.slack.formats",
    ),
    "Inside storage everything points one way": ("storage/engine/writer.py", "import storage.rounds.rounds"),
    "Slack's libraries are at home in its adapter": ("adapters/shared/text.py", "import slack_sdk"),
    "Microsoft's libraries are at home in its adapter": ("adapters/slack/api.py", "import botbuilder.core"),
    "TextBlob is at home in the mood reading": ("bot/wording/score.py", "import textblob"),
    "The outer ring alone has a clock that ticks, a command line and metrics": (
        "bot/use_cases/ask.py",
        "import apscheduler",
    ),
    "What is parsed, rendered and ruled talks to nobody": ("bot/alarms/judge.py", "import asyncio"),
}
"""Contract → a module, and a line that it must not hold."""


def read_contracts() -> list[str]:
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def list_broken(tree: Path) -> set[str]:
    """Run the linter on a tree; the names of the contracts that it finds broken."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter], cwd=tree, capture_output=True, text=True, timeout=120, env=os.environ | {"COLUMNS": "300"}
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("bot", "adapters", "storage"):
        shutil.copytree(name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "*.tsv"))
    shutil.copy("pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_has_a_seed() -> None:
    assert read_contracts() == list(SEEDS)


def test_each_seeded_import_breaks_its_contract(tree: Path) -> None:
    assert list_broken(tree) == set()
    for contract, (module, line) in SEEDS.items():
        file = tree / module
        clean = file.read_text(encoding="utf-8")
        file.write_text(f"{clean}\n{line}\n", encoding="utf-8")
        assert contract in list_broken(tree), f"{module}: {line}"
        file.write_text(clean, encoding="utf-8")

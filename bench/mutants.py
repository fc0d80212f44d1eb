"""Would the tests notice? Breaks the code in one place at a time and runs the quick tests that should go red.

    python -m bench.mutants [--most N] [FILE …]

Works on a copy of the tree, with all that guards slots, deliveries, tokens, signatures and privacy unless files are
named. What no test notices is printed with its line. With `--most` a sample is drawn, always the same, where a file has
more places than that. Exits with 1 where a file falls below `ENOUGH`.

Tests run in a process forked from one that holds the libraries already: first without PostgreSQL, and only what
survives that with it.
"""

import argparse
import atexit
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
from tqdm import tqdm

from bench.mutation import Mutant, mutants

ENOUGH = 0.85
"""Share of a file's mutants that tests have to notice."""
TESTS = {
    # slots
    "bot/rules/slots.py": ("rules/test_slots.py", "walks/test_ask.py"),
    "bot/walks/ask.py": ("walks/test_ask.py",),
    # deliveries
    "bot/walks/deliver.py": ("walks/test_deliver.py", "walks/test_deliver_faults.py"),
    "storage/outbox.py": ("storage/test_outbox.py", "walks/test_deliver.py", "walks/test_follow.py"),
    "storage/leases.py": ("storage/test_leases.py",),
    # tokens
    "adapters/teams/token.py": ("adapters/teams/test_token.py", "adapters/teams/test_door.py"),
    "adapters/teams/keys.py": ("adapters/teams/test_token.py",),
    "adapters/teams/hosts.py": ("adapters/teams/test_token.py", "adapters/teams/test_platform.py"),
    # signatures, and who may send a form
    "adapters/slack/guard.py": ("adapters/slack/test_guard.py",),
    "adapters/slack/install.py": ("adapters/slack/test_installations.py",),
    "adapters/sandbox/guard.py": ("adapters/sandbox/test_page.py",),
    # privacy: who belongs where and sees what, which numbers and words leave, and what is deleted
    "bot/rules/permissions.py": ("walks/test_welcome.py", "walks/test_answer.py", "walks/test_alert.py"),
    "bot/rules/pseudonym.py": ("walks/test_answer.py",),
    "bot/rules/gate.py": ("rules/test_privacy_cases.py", "rules/test_kept_apart.py", "rules/test_board.py"),
    "bot/rules/comments.py": ("rules/test_comments.py",),
    "bot/rules/board.py": ("rules/test_kept_apart.py", "rules/test_board.py", "rules/test_surface.py"),
    "bot/rules/shown.py": ("rules/test_privacy_cases.py", "rules/test_board.py", "rules/test_surface.py"),
    "bot/rules/alarms.py": ("rules/test_participation.py", "rules/test_golden_alarms.py"),
    "bot/rules/evidence.py": ("rules/test_evidence.py", "rules/test_surface.py"),
    "bot/rules/closing.py": ("rules/test_kept_apart.py", "rules/test_auditor.py"),
    "bot/walks/charter.py": ("walks/test_charter.py",),
    "storage/deletion.py": ("storage/test_deletion.py",),
    "storage/departures.py": ("storage/test_deletion.py",),
}
"""Where a mutant is made → the tests, below tests/, that are to notice it."""
LIBRARIES = [
    "aiohttp.web",
    "botbuilder.core.teams",
    "cryptography.fernet",
    "hypothesis.strategies",
    "jsonschema",
    "numpy",
    "psycopg",
    "pydantic",
    "pytest_asyncio.plugin",
    "slack_bolt.async_app",
    "sqlalchemy.dialects.postgresql",
    "sqlmodel",
]
OPTIONS = (
    "-qx",
    "-pno:cacheprovider",
    "-pno:xdist",
    "-Wignore::pytest.PytestAssertRewriteWarning",
    "--hypothesis-seed=1",
)
TREES = ("bot", "adapters", "storage", "tests", "bench")
START = 30.0
"""Seconds that a run may take besides ten times what it takes without a fault; then it counts as having noticed."""

_forks = multiprocessing.get_context("forkserver")


def survivors(tree: Path, file: str, most: int | None) -> tuple[int, list[Mutant]]:
    """How many were tried, and those that no test noticed."""
    source = (tree / file).read_text()
    found = list(mutants(source))
    tried = found if most is None else random.Random(file).sample(found, min(most, len(found)))
    began = time.monotonic()
    if not _pass(tree, file, 600.0):
        raise SystemExit(f"{file}: its tests fail without any change")
    longest = START + 10 * (time.monotonic() - began)
    alive = []
    for one in tqdm(sorted(tried, key=lambda one: one.line), desc=file, leave=False, disable=None):
        (tree / file).write_text(one.text)
        if _pass(tree, file, longest):
            alive.append(one)
    (tree / file).write_text(source)
    return len(tried), alive


def _pass(tree: Path, file: str, longest: float) -> bool:
    kinds = ("not postgres", "postgres") if file.startswith("storage/") else ("not postgres",)
    return all(_pass_of_kind(tree, file, kind, longest) for kind in kinds)


def _pass_of_kind(tree: Path, file: str, kind: str, longest: float) -> bool:
    run = _forks.Process(target=_test, args=(str(tree), kind, [f"tests/{one}" for one in TESTS[file]]))
    run.start()
    run.join(longest)
    if run.exitcode is None and run.pid is not None:
        os.killpg(run.pid, signal.SIGKILL)
        run.join()
    return run.exitcode in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def _test(tree: str, kind: str, files: list[str]) -> None:
    os.setsid()
    os.chdir(tree)
    sys.path.insert(0, tree)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    code = pytest.main([*OPTIONS, "-k", kind, *files])
    atexit._run_exitfuncs()  # A fork leaves without them, and a PostgreSQL server would stay.
    os._exit(code)


def main() -> None:
    options = argparse.ArgumentParser(description="Would the tests notice a fault?")
    options.add_argument("--most", type=int, help="mutants of a file at most, drawn by chance")
    options.add_argument("files", nargs="*", metavar="FILE", help="instead of all")
    given = options.parse_args()
    _forks.set_forkserver_preload(LIBRARIES)
    below = []
    with tempfile.TemporaryDirectory(prefix="pulse-mutants-") as folder:
        for part in TREES:
            shutil.copytree(part, Path(folder) / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy("pyproject.toml", folder)
        for file in given.files or TESTS:
            tried, alive = survivors(Path(folder), file, given.most)
            print(f"{file}: {tried - len(alive)} of {tried} noticed", flush=True)
            for one in alive:
                print(f"  line {one.line}: {one.what}", flush=True)
            if len(alive) > tried * (1 - ENOUGH):
                below.append(file)
    if below:
        raise SystemExit(f"below {ENOUGH:.0%}: {', '.join(below)}")


if __name__ == "__main__":
    main()

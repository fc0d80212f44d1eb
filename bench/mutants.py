"""Would the tests notice? Breaks the code in one place at a time and runs the quick tests that should go red.

    python -m bench.mutants [--most N] [--jobs N] [FILE …]

Takes all that guards slots, deliveries, tokens, signatures and privacy, unless files are named. What no test notices is
printed with its line. With `--most` a sample is drawn, always the same, where a file has more places than that. Exits
with 1 where a file falls below `ENOUGH`.

A file's tests are collected once. Each mutant is tried in a fork, in which the functions of the file have its code.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from inspect import getmembers_static
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop as run_all
from tqdm import tqdm

from bench.mutation import Mutant, mutants

ENOUGH = 0.85
"""Share of a file's mutants that tests have to notice."""
TESTS = {
    # slots
    "bot/schedule.py": ("rules/test_slots.py", "use_cases/test_ask.py"),
    "bot/use_cases/ask.py": (
        "use_cases/test_ask.py",
        "use_cases/test_follow.py",
        "use_cases/test_welcome.py",
    ),
    # deliveries
    "bot/use_cases/deliver.py": (
        "use_cases/test_deliver.py",
        "use_cases/test_deliver_faults.py",
        "use_cases/test_follow.py",
        "adapters/slack/test_echo.py",
    ),
    "storage/outbox/claims.py": (
        "storage/test_outbox.py",
        "storage/test_outcomes.py",
        "use_cases/test_deliver_faults.py",
    ),
    "storage/outbox/outbox.py": (
        "storage/test_outbox.py",
        "storage/test_outcomes.py",
        "use_cases/test_deliver_faults.py",
        "use_cases/test_follow.py",
        "storage/test_restore.py",
    ),
    "storage/outbox/enqueue.py": (
        "storage/test_outbox.py",
        "storage/test_outcomes.py",
        "use_cases/test_follow.py",
        "storage/test_restore.py",
        "storage/test_retention.py",
    ),
    "storage/outbox/outcomes.py": (
        "storage/test_outbox.py",
        "storage/test_outcomes.py",
        "use_cases/test_deliver_faults.py",
    ),
    "storage/coordination/leases.py": ("storage/test_leases.py",),
    # tokens
    "adapters/teams/verify.py": ("adapters/teams/test_token.py", "adapters/teams/test_door.py"),
    "adapters/teams/signing_keys.py": ("adapters/teams/test_keys.py", "adapters/teams/test_token.py"),
    "adapters/teams/allowed_hosts.py": ("adapters/teams/test_hosts.py",),
    # signatures, and who may send a form
    "adapters/shared/request_body.py": ("adapters/slack/test_guard.py",),
    "adapters/slack/verify.py": ("adapters/slack/test_guard.py",),
    "adapters/slack/oauth_pages.py": ("adapters/slack/test_installations.py",),
    "adapters/sandbox/verify.py": ("adapters/sandbox/test_guard.py",),
    # privacy: who belongs where and sees what, which numbers and words leave, and what is deleted
    "bot/privacy/permissions.py": ("rules/test_permissions.py",),
    "bot/privacy/pseudonym.py": ("rules/test_pseudonym.py",),
    "bot/privacy/release_gate.py": (
        "rules/test_release.py",
        "rules/test_privacy_cases.py",
        "rules/test_kept_apart.py",
        "rules/test_board.py",
    ),
    "bot/privacy/comment_gate.py": ("rules/test_comments.py",),
    "bot/privacy/board.py": ("rules/test_lead_view.py", "rules/test_kept_apart.py", "rules/test_board.py"),
    "bot/privacy/published.py": ("rules/test_shown.py", "rules/test_board.py"),
    "bot/alarms/judge.py": (
        "rules/test_named.py",
        "rules/test_participation.py",
        "rules/test_golden_alarms.py",
    ),
    "bot/alarms/evidence.py": ("rules/test_evidence.py", "rules/test_surface.py"),
    "bot/closing/close_round.py": ("rules/test_privacy_cases.py", "rules/test_kept_apart.py"),
    "bot/use_cases/charter.py": ("use_cases/test_charter.py",),
    "storage/data_rights/erasure.py": ("storage/test_deletion.py", "storage/test_retention.py"),
    "storage/data_rights/departures.py": ("storage/test_deletion.py", "storage/test_retention.py"),
}
"""Where a mutant is made → the tests, below tests/, that are to notice it."""
OPTIONS = ("-qx", "-pno:cacheprovider", "-pno:xdist", "--hypothesis-seed=1")
START = 20.0
"""Seconds that a run may take besides three times what it takes without a fault; then it counts as having noticed."""
DATABASES = 3
"""On PostgreSQL, at most, that one test uses at a time."""


@dataclass(slots=True)
class Trial:
    """A plugin of pytest, which tries the collected tests on each mutant of a file instead of running them once."""

    file: str
    most: int | None
    tried: int = 0
    alive: list[Mutant] = field(default_factory=list)
    is_sound: bool = False
    """The tests pass without a fault."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        found = list(mutants(Path(self.file).read_text()))
        if self.most is not None and self.most < len(found):
            found = sorted(random.Random(self.file).sample(found, self.most), key=lambda mutant: mutant.line)
        module = import_module(self.file.removesuffix(".py").replace("/", "."))
        databases = any("postgres" in item.name for item in session.items)
        if databases:
            _serve()
        began = time.monotonic()
        self.is_sound = _passes(session, lambda: None, 600.0)
        longest = START + 3 * (time.monotonic() - began)
        for item_ in tqdm(found if self.is_sound else (), desc=self.file, leave=False, disable=None):
            if _passes(session, partial(exchange, module, item_.text), longest):
                self.alive.append(item_)
        self.tried = len(found)
        return True


def _serve() -> None:
    """Start PostgreSQL here, with databases for the forks to empty and use again."""
    from tests.databases import fresh

    with ExitStack() as stack:
        for _ in range(DATABASES):
            stack.enter_context(fresh("postgres", Path(tempfile.gettempdir())))


def _passes(session: pytest.Session, prepare: Callable[[], None], longest: float) -> bool:
    fork = os.fork()
    if fork == 0:
        try:
            _leave_the_parent_alone()
            os._exit(_outcome(session, prepare))
        finally:
            os._exit(1)
    until = time.monotonic() + longest
    while time.monotonic() < until:
        done, status = os.waitpid(fork, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.killpg(fork, signal.SIGKILL)
    os.waitpid(fork, 0)
    return False


def _leave_the_parent_alone() -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _outcome(session: pytest.Session, prepare: Callable[[], None]) -> int:
    """0 where no test noticed, or the code does not fit into the function, as without its only `super()`."""
    try:
        prepare()
    except ValueError:
        return 0
    try:
        run_all(session)
    except session.Failed:
        return 1
    return 1 if session.testsfailed else 0


def exchange(module: ModuleType, text: str) -> None:
    """Give the module's functions the code that they would have with this source."""
    codes = dict(_codes(compile(text, module.__file__ or "", "exec")))
    for function in _functions(module, module.__name__):
        function.__code__ = codes[function.__qualname__]


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const.co_qualname, const
            yield from _codes(const)


def _functions(owner: object, module: str) -> Iterator[FunctionType]:
    for _, member in getmembers_static(owner):
        one: Any = getattr(member, "fget", member)
        one = getattr(one, "__wrapped__", one)
        if getattr(one, "__module__", "") != module:
            continue
        if isinstance(one, FunctionType) and one.__code__.co_filename.endswith(".py"):
            yield one
        elif isinstance(one, type):
            yield from _functions(one, module)


def survivors(file: str, most: int | None) -> Trial:
    trial = Trial(file, most)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    pytest.main([*OPTIONS, *(f"tests/{test}" for test in TESTS[file])], plugins=[trial])
    return trial


def main() -> None:
    options = argparse.ArgumentParser(description="Would the tests notice a fault?")
    options.add_argument("--most", type=int, help="mutants of a file at most, drawn by chance")
    options.add_argument("--jobs", type=int, default=1, help="files at a time")
    options.add_argument("files", nargs="*", metavar="FILE", help="instead of all")
    given = options.parse_args()
    below, tried, alive = [], 0, 0
    with get_context("spawn").Pool(given.jobs, maxtasksperchild=1) as pool:
        for item in pool.imap(partial(survivors, most=given.most), given.files or TESTS):
            if not item.is_sound:
                raise SystemExit(f"{item.file}: its tests fail without any fault")
            _tell(item)
            tried, alive = tried + item.tried, alive + len(item.alive)
            if len(item.alive) > item.tried * (1 - ENOUGH):
                below.append(item.file)
    print(f"all: {tried - alive} of {tried} noticed")
    if below:
        raise SystemExit(f"below {ENOUGH:.0%}: {', '.join(below)}")


def _tell(one: Trial) -> None:
    print(f"{one.file}: {one.tried - len(one.alive)} of {one.tried} noticed", flush=True)
    for mutant in one.alive:
        print(f"  line {mutant.line}: {mutant.what}", flush=True)


if __name__ == "__main__":
    main()

"""Does each test that `SECURITY.md` names notice when what it stands for is broken?

    python -m bench.breaks [--jobs N] [WORD …]

`breaks.toml` lists the breaks: a file, what stands there once, what takes its place, and the test that must go red.
Each is made in a copy of the tree, where that test alone is run. With WORDs, only breaks with one of them in their row,
file or test. Prints what survives, and ends with 1 if anything does, if a test is red without a break, or if a break no
longer fits its file.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path

import pytest

LIST = Path("bench/breaks.toml")
LIBRARIES = (
    "aiohttp", "alembic.command", "apscheduler.schedulers.asyncio", "botbuilder.schema", "click",
    "cryptography.fernet", "hypothesis", "jinja2", "jwt", "numpy", "prometheus_client", "psycopg", "pydantic",
    "pytest_asyncio", "slack_bolt.async_app", "slack_sdk.web.async_client", "sqlalchemy", "textblob",
)  # fmt: skip
"""Imported once for all runs: they take nine tenths of the time that a test of ours takes to start."""
OPTIONS = (
    "-qx", "-pno:cacheprovider", "-pno:xdist", "--hypothesis-seed=1", "--hypothesis-profile=first",
    "-Wignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
"""One example that fails is enough: making it small takes longer than finding it."""
LONGEST = 600.0
"""Seconds that a test may take with a break; one that hangs has noticed."""
TOLD = "told.txt"
"""Where a run writes what it says."""
GREEN, RED, NOT_RUN = 0, 1, 3
"""What pytest ends with: https://docs.pytest.org/en/stable/reference/exit-codes.html"""


@dataclass(frozen=True, slots=True)
class Break:
    row: str
    """Of SECURITY.md, or what else promises it."""
    file: str
    find: str
    put: str
    test: str
    """Below tests/, as `file::test`."""

    def __str__(self) -> str:
        return f"{self.row}: {self.file} → {self.test}"


def read_breaks(path: Path = LIST) -> tuple[Break, ...]:
    """Raises TypeError for a key that is missing or unknown."""
    return tuple(Break(**entry) for entry in tomllib.loads(path.read_text())["break"])


def find_misfits(breaks: Iterable[Break], root: Path = Path()) -> list[str]:
    """Say which breaks no longer fit: the text does not stand there exactly once, or there is no such test."""
    return [f"{each}: {why}" for each in breaks for why in _find_faults(each, root)]


def _find_faults(entry: Break, root: Path) -> Iterator[str]:
    source, test = root / entry.file, root / "tests" / entry.test.partition("::")[0]
    if not source.is_file():
        yield "there is no such file"
    elif (count := source.read_text().count(entry.find)) != 1:
        yield f"its text stands there {count} times, not once:\n    {entry.find.strip()}"
    elif not _compiles(source.read_text().replace(entry.find, entry.put), source):
        yield "the broken file is no Python"
    name = entry.test.partition("::")[2]
    if not test.is_file() or f"def {name}(" not in test.read_text():
        yield "there is no such test"


def _compiles(text: str, path: Path) -> bool:
    if path.suffix != ".py":
        return True
    try:
        compile(text, str(path), "exec")
    except SyntaxError:
        return False
    return True


@contextmanager
def copy_tree() -> Iterator[Path]:
    """A copy of what git knows of or would add, as it stands in this folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder:
        for name in filter(None, listed):
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if Path(name).is_file():
                shutil.copy2(name, target)
        yield Path(folder)


@dataclass(frozen=True, slots=True)
class Running:
    """A fork that runs tests."""

    child: int
    until: float

    def poll(self) -> int | None:
        """Return what pytest ended with, `RED` if it took too long, None while it runs."""
        done, status = os.waitpid(self.child, os.WNOHANG)
        if done:
            self._kill()  # what the tests started and left
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() < self.until:
            return None
        self._kill()
        os.waitpid(self.child, 0)
        return RED

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.child, signal.SIGKILL)

    def wait(self) -> int:
        while (ended := self.poll()) is None:
            time.sleep(0.05)
        return ended


def start_tests(root: Path, tests: Sequence[str]) -> Running:
    """Run these tests in that copy, in a fork that has the libraries and nothing of the project."""
    child = os.fork()
    if child:
        return Running(child, time.monotonic() + LONGEST)
    ended = NOT_RUN
    try:
        ended = _run_pytest(root, tests)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)


def _run_pytest(root: Path, tests: Sequence[str]) -> int:
    os.setsid()
    told = os.open(root / TOLD, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(told, 1)
    os.dup2(told, 2)
    os.chdir(root)
    os.environ["PYTHONPATH"] = str(root)
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] == "bench"]:
        del sys.modules[name]
    return int(pytest.main([*OPTIONS, *(f"tests/{name}" for name in tests)]))


def check_without_breaks(tests: Sequence[str]) -> None:
    """Raise SystemExit if one is red as the code stands. Each folder's run apart: a browser leaves its loop running."""
    with copy_tree() as root:
        for _, together in groupby(tests, lambda test: test.partition("/")[0]):
            if start_tests(root, list(together)).wait() != GREEN:
                print((root / TOLD).read_text()[-4000:], file=sys.stderr)
                raise SystemExit("one of the named tests is red without a break")


def try_breaks(breaks: Sequence[Break], jobs: int) -> list[Break]:
    """Try each in one of `jobs` copies, saying how it went; those that were not noticed."""
    left: list[Break] = []
    with ExitStack() as stack:
        free = [stack.enter_context(copy_tree()) for _ in range(jobs)]
        waiting, running = list(reversed(breaks)), list[tuple[Break, Path, str, Running]]()
        while waiting or running:
            while waiting and free:
                entry, root = waiting.pop(), free.pop()
                whole = write_break(root, entry)
                running.append((entry, root, whole, start_tests(root, [entry.test])))
            time.sleep(0.05)
            for entry, root, whole, tests in list(running):
                if (ended := tests.poll()) is None:
                    continue
                running.remove((entry, root, whole, tests))
                (root / entry.file).write_text(whole)
                free.append(root)
                if not is_noticed(entry, root, ended):
                    left.append(entry)
    return left


def write_break(root: Path, entry: Break) -> str:
    """Break the file there; return what it was."""
    source = root / entry.file
    whole = source.read_text()
    source.write_text(whole.replace(entry.find, entry.put))
    return whole


def is_noticed(entry: Break, root: Path, ended: int) -> bool:
    """Say how it went. A test that could not run has noticed nothing."""
    told = (root / TOLD).read_text()
    # A test that failed may leave something open, over which pytest itself stumbles in the end.
    is_red = ended == RED or "\nFAILED tests/" in told
    outcome = "noticed" if is_red else "survived" if ended == GREEN else "not run"
    print(f"{outcome:<9} {entry}", flush=True)
    if outcome == "not run":
        print(told[-2000:], file=sys.stderr)
    return is_red


def main() -> None:
    options = argparse.ArgumentParser(description="Does each named test notice its break?")
    options.add_argument("--jobs", type=int, default=1, help="breaks at a time")
    options.add_argument("words", nargs="*", metavar="WORD", help="only breaks with one of them")
    given = options.parse_args()
    breaks = read_breaks()
    if misfits := find_misfits(breaks):
        raise SystemExit("\n".join(["These breaks no longer fit; mend bench/breaks.toml:", *misfits]))
    chosen = [each for each in breaks if not given.words or any(word in str(each) for word in given.words)]
    for library in LIBRARIES:
        import_module(library)
    check_without_breaks(sorted({each.test for each in chosen}))
    left = try_breaks(chosen, given.jobs)
    print(f"{len(chosen) - len(left)} of {len(chosen)} breaks noticed")
    if left:
        raise SystemExit("not noticed:\n" + "\n".join(map(str, left)))


if __name__ == "__main__":
    main()

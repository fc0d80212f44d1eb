"""The simulation: its invariants hold, a seed replays, and bugs that were put in on purpose are found."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.slow.simulation.breaks import BREAKS

SEEDS = int(os.environ.get("PULSE_SIMULATIONS", "2000"))
PART, AT_ONCE = 50, 2
"""Seeds of one process, and processes: what the dead leave in memory is ten megabytes a seed."""
FOUND_WITHIN = 100
"""Seeds in which a bug that was put in must show."""
PATIENCE = 3_600.0
"""Seconds: a busy machine is waited for."""


def test_the_twelve_invariants_hold_in_every_simulation() -> None:
    parts = [f"{first}:{min(first + PART, SEEDS + 1)}" for first in range(1, SEEDS + 1, PART)]
    with ThreadPoolExecutor(AT_ONCE) as workers:
        ended = list(workers.map(_simulate, parts))
    failed = [told for code, told in ended if code]
    assert not failed, "\n".join(failed)
    assert sum(_seeds(told) for _, told in ended) == SEEDS


def _simulate(seeds: str) -> tuple[int, str]:
    running = _begin(seeds)
    told, _ = running.communicate(timeout=PATIENCE)
    return running.returncode, told


@pytest.mark.parametrize("name", BREAKS)
def test_a_bug_that_was_put_in_is_found(name: str) -> None:
    running = _begin("--break", name, f"1:{FOUND_WITHIN + 1}")
    told, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1, told
    assert re.search(rf"^seed \d+: {BREAKS[name].found_as}: ", told, re.MULTILINE), told
    assert re.search(
        r"^replay: python -m tests\.slow\.simulation .*\d+ +\(commit .+\)$", told, re.MULTILINE
    ), told


def test_a_seed_replays_to_the_letter() -> None:
    first, second = (_begin("19").communicate(timeout=PATIENCE)[0] for _ in range(2))
    assert _without_times(first) == _without_times(second)
    assert "is dead" in first, "this seed was to hold a death"


def _begin(*given: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.slow.simulation", *given]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _seeds(told: str) -> int:
    found = re.search(r"^(\d+) seeds, 0 failed", told, re.MULTILINE)
    return int(found.group(1)) if found else 0


def _without_times(told: str) -> str:
    """What is left is all that happened, in order; libraries log addresses of objects."""
    return re.sub(r"[\d.]+ s, [\d.]+ s of the processor|0x[0-9a-f]+", "", told)

"""Many simulations, one after the other."""

import gc
import logging
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.util import LRUCache

from bot.app.clock import clock_care
from bot.app.runtime import database_care, memory_tuning, worker
from bot.mood import warm_up
from storage.engine import connect, writer
from tests.far import teams, teams_hand
from tests.slow.simulation import virtual_time as virtual
from tests.slow.simulation.breaks import BREAKS
from tests.slow.simulation.story import Result, simulate
from tests.slow.simulation.template import make_template, ramdisk

_SECONDS = virtual.real_monotonic


def prepare() -> None:
    """Let what would need threads or rest in earnest time do without."""
    virtual.replace_datetime()
    writer.wake = virtual.soon
    writer.GATHER = 0.0
    worker.IDLE, clock_care.LOOK, database_care.SIGN = 150.0, 300.0, 300.0  # seconds
    teams.problems = teams_hand.problems = lambda _: []  # validating a card takes longer than all else
    _share_compiled_statements()
    sys.unraisablehook = lambda _: None  # what is left of the dead complains when it is cleared away
    logging.raiseExceptions = False
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # names objects by their addresses
    memory_tuning.clear_away = lambda: None
    logging.captureWarnings(True)
    warm_up()


def _share_compiled_statements() -> None:
    """Every process of every simulation would compile the same hundred statements anew."""
    shared: LRUCache[Any, Any] = LRUCache(2_000)
    make = connect.create_engine

    def made(*given: Any, **named: Any) -> Any:
        engine = make(*given, **named)
        engine._compiled_cache = shared
        return engine

    connect.create_engine = made


def main(given: Sequence[str]) -> None:
    """`[--break NAME] SEED | FROM:TO`. Exits with 1 where an invariant does not hold."""
    broken_by = given[1] if given and given[0] == "--break" else ""
    seeds = _seeds(given[2 if broken_by else 0 :])
    prepare()
    folder = ramdisk()
    try:
        template = make_template(folder)
        if broken_by:
            BREAKS[broken_by].put_in(template)
        failures = _run(seeds, folder, template, broken_by)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.flush()
    os._exit(1 if failures else 0)


def _run(seeds: Sequence[int], folder: Path, template: Path, broken_by: str) -> int:
    """How many failed; where a bug was put in, it ends with the first."""
    began, cpu = _SECONDS(), time.process_time()
    total: Counter[str] = Counter()
    gc.collect()
    gc.freeze()
    gc.disable()
    for seed in seeds:
        result = simulate(seed, template, folder / "simulated.sqlite3")
        gc.collect()
        total.update(result.counted, seeds=1, failed=int(bool(result.broken)))
        if result.broken or len(seeds) == 1:
            _show(result, len(seeds) == 1, broken_by)
        if result.broken and broken_by:
            break
        if total["seeds"] % 50 == 0:
            print(f"{total['seeds']} seeds", file=sys.stderr, flush=True)
    print(
        f"{total['seeds']} seeds, {total['failed']} failed, {_SECONDS() - began:.1f} s, "
        f"{time.process_time() - cpu:.1f} s of the processor: {total['acknowledged']} answers acknowledged, "
        f"{total['posts']} posts on Slack, {total['deaths']} deaths, {total['steps']} steps",
        flush=True,
    )
    return total["failed"]


def _show(result: Result, whole: bool, broken_by: str) -> None:
    if whole:
        print("\n".join([*result.told, "", *result.log, ""]))
    for why in result.broken:
        print(f"seed {result.seed}: {why}")
    if result.broken:
        given = f"--break {broken_by} {result.seed}" if broken_by else str(result.seed)
        print(f"replay: python -m tests.slow.simulation {given}   (commit {_commit()})", flush=True)


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _seeds(given: Sequence[str]) -> list[int]:
    found: list[int] = []
    for entry in given:
        first, _, last = entry.partition(":")
        found += range(int(first), int(last)) if last else [int(first)]
    return found

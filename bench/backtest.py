"""How long a backtest takes, and whether its memory grows with the number of alliances.

    python -m bench.backtest            one million answers, about a minute
    python -m bench.backtest --quick    a tenth of that

`pulse backtest` runs as a lead would run it, on made-up alliances of a year, once on a quarter of them and once on all;
beside it, in the same run, the mere reading of the table by Python's csv module.
"""

import argparse
import csv
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.backtest import simulate

ALLIANCES = 348
"""Of about fifteen people a side, asked three questions a week: a million answers a year."""
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Run:
    answers: int
    seconds: float
    reading: float
    """Seconds for the mere reading of the table."""
    peak: float
    """MiB of all processes together, at most."""
    largest: float
    """MiB of the largest process."""


def measure(folder: Path, alliances: int) -> Run:
    answers = simulate.simulate_tables(folder, alliances, WEEKS, seed=3)
    reading = read_alone(folder / "responses.csv")
    command = [sys.executable, "-m", "bot", "backtest", str(folder / "responses.csv"), "--json"]
    command += ["--posts", str(folder / "posts.csv"), "--roster", str(folder / "roster.csv")]
    start, peak, largest = time.perf_counter(), 0.0, 0.0
    with (folder / "lines.jsonl").open("w") as out, subprocess.Popen(command, stdout=out) as process:
        while process.poll() is None:
            sizes = [resident(pid) for pid in family(process.pid)]
            peak, largest = max(peak, sum(sizes)), max([largest, *sizes])
            time.sleep(0.1)
        seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"pulse backtest ended with {process.returncode}")
    return Run(answers, seconds, reading, peak, largest)


def read_alone(table: Path) -> float:
    start = time.perf_counter()
    with table.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - start


def family(pid: int) -> Iterator[int]:
    """A process and its descendants (Linux)."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def resident(pid: int) -> float:
    """MiB; 0 for a process that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers")
    alliances = ALLIANCES // 10 if parser.parse_args().quick else ALLIANCES
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(
        f"{'alliances':>10} {'answers':>9} {'seconds':>8} {'times reading':>14} {'MiB, all':>9} {'largest':>8}"
    )
    for number in (alliances // 4, alliances):
        with TemporaryDirectory() as folder:
            one = measure(Path(folder), number)
        print(
            f"{number:>10} {one.answers:>9} {one.seconds:8.1f} {one.seconds / one.reading:14.0f}"
            f" {one.peak:9.0f} {one.largest:8.0f}"
        )


if __name__ == "__main__":
    main()

"""How long a backtest takes, and how much memory.

    python -m bench.backtest            one million answers, about three minutes
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
    processor: float
    """Seconds of processor time, which do not depend on what else the machine does."""
    reading: float
    """Seconds of processor time for the mere reading of the table."""
    peak: float
    """MiB at most."""


def measure(folder: Path, alliances: int) -> Run:
    answers = simulate.simulate_tables(folder, alliances, WEEKS, seed=3)
    reading = read_alone(folder / "responses.csv")
    command = [sys.executable, "-m", "bot", "backtest", str(folder / "responses.csv"), "--json"]
    command += ["--posts", str(folder / "posts.csv"), "--roster", str(folder / "roster.csv")]
    start = time.perf_counter()
    with (folder / "lines.jsonl").open("w") as out, subprocess.Popen(command, stdout=out) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"pulse backtest ended with {process.returncode}")
    seconds, processor = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    return Run(answers, seconds, processor, reading, usage.ru_maxrss / 1024)


def read_alone(table: Path) -> float:
    start = time.process_time()
    with table.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers")
    alliances = ALLIANCES // 10 if parser.parse_args().quick else ALLIANCES
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(
        f"{'alliances':>10} {'answers':>9} {'seconds':>8} {'processor':>9} {'times reading':>14} {'MiB':>6}"
    )
    for number in (alliances // 4, alliances):
        with TemporaryDirectory() as folder:
            run = measure(Path(folder), number)
        ratio = run.processor / run.reading
        print(
            f"{number:>10} {run.answers:>9} {run.seconds:8.1f} {run.processor:9.1f} {ratio:14.0f} {run.peak:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""Thousands of channels in twenty workspaces asked at nine o'clock by three workers on PostgreSQL, and by one.

    python -m bench.workers [CHANNELS [WORKSPACES]]        (default 2,000; the promise is about 10,000)

Slack enforces its limits (five messages a second in a workspace, one a second in a channel; more is answered 429), so
that nobody can be faster than `the limits allow`. In one channel of twenty people answer meanwhile. Aims: nothing lost
or doubled, the work spread evenly, and three workers sooner done than one where one is not fast enough.
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from bench.load import machine
from tests.slow.fleet import Fleet, fan_out

WORKERS = (3, 1)
ANSWERING = 0.05


def report(fleet: Fleet) -> str:
    seconds = sorted(fleet.acknowledged)
    return (
        f"{len(fleet.shares)} workers: asked everywhere in {fleet.took:.1f} s = {fleet.channels / fleet.took:.0f} "
        f"posts/s, {fleet.took / fleet.allowed:.2f} times the {fleet.allowed:.1f} s that the limits allow\n"
        f"  lost {fleet.lost}, doubled {fleet.doubled}, refused for coming too fast {fleet.limited}; "
        f"Slack's answers to each {fleet.shares}\n"
        f"  {len(seconds)} answers meanwhile, {fleet.kept} kept: acknowledged p50 "
        f"{statistics.median(seconds) * 1000:.0f} ms, p99 {fleet.slowest * 1000:.0f} ms"
    )


def main() -> None:
    channels = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    workspaces = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    print(f"{channels:,} channels in {workspaces} workspaces, on {machine()}")
    failed = False
    for workers in WORKERS:
        with tempfile.TemporaryDirectory() as folder:
            fleet = asyncio.run(fan_out(Path(folder), channels, workspaces, workers, ANSWERING))
        print(report(fleet), flush=True)
        failed |= bool(fleet.lost or fleet.doubled or fleet.refused)
    sys.exit(failed)


if __name__ == "__main__":
    main()

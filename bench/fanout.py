"""Five hundred channels in five workspaces asked at once, on a Slack that enforces its limits.

    python -m bench.fanout [CHANNELS]

Slack takes five messages a second in a workspace, one a second in a channel, and a few more after a rest
(https://docs.slack.dev/apis/web-api/rate-limits); what is more is answered 429. Meanwhile two people answer every
question within seconds. Aims: over within 1.15 times the time that the limits allow, nothing lost or doubled, and
answers acknowledged within 300 ms (p99).
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from bench.load import machine
from tests.slow.fleet import Fleet, fan_out

WORKSPACES = 5


def report(fleet: Fleet) -> str:
    median = statistics.median(fleet.acknowledged) * 1000
    return (
        f"{fleet.channels} channels in {fleet.workspaces} workspaces, on {machine()}:\n"
        f"  asked everywhere in {fleet.took:.1f} s = {fleet.took / fleet.allowed:.2f} times the {fleet.allowed:.1f} s "
        f"that the limits allow (aim 1.15)\n"
        f"  lost {fleet.lost}, doubled {fleet.doubled}, refused for coming too fast {fleet.limited}\n"
        f"  {len(fleet.acknowledged)} answers meanwhile, {fleet.kept} kept: acknowledged p50 {median:.0f} ms, "
        f"p99 {fleet.slowest * 1000:.0f} ms (aim 300)"
    )


def main() -> None:
    channels = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        fleet = asyncio.run(fan_out(Path(folder), channels, WORKSPACES))
    print(report(fleet))
    if fleet.lost or fleet.doubled or fleet.refused or fleet.kept < len(fleet.acknowledged):
        sys.exit(1)


if __name__ == "__main__":
    main()

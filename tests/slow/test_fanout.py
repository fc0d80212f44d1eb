"""Many channels in five workspaces, all asked at once; bench/fanout.py has the whole size and the aims."""

from pathlib import Path

from tests.slow.fleet import fan_out

SLACK = 3.0
"""Seconds of grace for a busy machine, and for the start, which weighs more here."""


async def test_every_channel_is_asked_once_as_fast_as_the_limits_allow(tmp_path: Path) -> None:
    fleet = await fan_out(tmp_path, channels=150, workspaces=5)
    assert (fleet.lost, fleet.doubled, fleet.limited) == (0, 0, 0)
    assert fleet.allowed < fleet.took < 1.15 * fleet.allowed + SLACK
    assert (len(fleet.acknowledged), fleet.refused, fleet.kept) == (300, 0, 300)
    assert fleet.slowest < SLACK

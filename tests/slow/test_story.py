"""The main job, end to end, as `python -m bench.story --quick` plays it: every number is worked out twice."""

from pathlib import Path

from tqdm import tqdm

from bench.story import LONGEST_START, play
from tests.slow.slack_testbed import start_slack_testbed


async def test_what_the_bot_shows_is_what_people_clicked(tmp_path: Path) -> None:
    async with start_slack_testbed(tmp_path, f"sqlite:///{tmp_path}/pulse.sqlite3") as testbed:
        assert (
            await testbed.bot.start() < 5 * LONGEST_START
        )  # a bound for busy machines; bench/story.py has the aim
        with tqdm(total=12, disable=True) as bar:
            story = await play(testbed, rounds=12, drop=9, bar=bar)
    assert story.wrong == []
    assert story.digests == 24

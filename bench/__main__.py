"""Every measurement, one after another.

python -m bench [--quick]
"""

import argparse
import subprocess
import sys
from importlib.util import find_spec

SCRIPTS = {
    "story": ("The main job, end to end", ()),
    "ack": ("Answer clicks a second, stored before they are acknowledged", ("aiosqlite",)),
    "fanout": ("Five hundred channels asked at once, within Slack's limits", ()),
    "workers": ("Thousands of channels asked at once by three workers, and by one", ()),
    "scale": ("A thousand alliances beside ten", ()),
    "teams_send": ("A message to Teams: processor time, beside the SDK's", ()),
    "alarms": ("Alarms: how often false, how soon true", ()),
    "attribution": ("Alarms: is the right company named?", ()),
    "follow_up": ("Actions: is it told truly whether they helped?", ()),
    "reassurance": ("Digests: nobody is reassured while answers are low", ()),
    "attack": ("Privacy: answers that can be worked out", ()),
    "backtest": ("Backtest: a million answers, and memory", ()),
    "sizing": ("Room and time that the data needs", ()),
    "guard": ("Guard: what is stopped, missed and stopped wrongly", ("sklearn",)),
    "mood": ("Mood: agreement with people", ("sklearn", "vaderSentiment")),
}
"""Module → heading, and the packages that it needs besides the bot's own."""
QUICK = {
    "story": ["--quick"],
    "ack": ["1", "2"],
    "fanout": ["150"],
    "workers": ["300"],
    "scale": ["200"],
    "teams_send": ["50", "3"],
    "alarms": ["--quick"],
    "attribution": ["--quick"],
    "follow_up": ["--quick"],
    "reassurance": ["--quick"],
    "attack": ["--quick"],
    "backtest": ["--quick"],
    "sizing": ["50000"],
    "guard": ["--quick"],
    "mood": ["--quick"],
}


def run(name: str, quick: bool) -> int:
    """The script's exit code; 0 for one that is left out, with the reason."""
    heading, needs = SCRIPTS[name]
    print(f"\n{heading}\n{'=' * len(heading)}", flush=True)
    missing = [package for package in needs if find_spec(package) is None]
    if missing:
        print(f"left out: {' and '.join(missing)} not installed; `make bench` installs what it needs")
        return 0
    return subprocess.run([sys.executable, "-m", f"bench.{name}", *(QUICK[name] if quick else [])]).returncode


def main() -> None:
    options = argparse.ArgumentParser(description="Every measurement, one after another.")
    options.add_argument("--quick", action="store_true", help="rougher figures, sooner")
    quick = options.parse_args().quick
    failed = [name for name in SCRIPTS if run(name, quick)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()

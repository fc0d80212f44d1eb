"""Commands for trying the rules on one's own data."""

import sys
from dataclasses import asdict

import click

from bot.app.commands import options
from bot.mood import Mood, read


@click.command()
@options.as_json
def mood(as_json: bool) -> None:
    """Read texts from standard input, one a line; print the mood of each as a JSON line."""
    del as_json  # the output is JSON either way
    for line in sys.stdin:
        found = read(line.rstrip("\n"))
        if isinstance(found, Mood):
            options.show_json(
                {"label": found.label.value, **{k: v for k, v in asdict(found).items() if k != "label"}}
            )
        else:
            options.show_json(
                {"label": "abstained", "polarity": None, "confidence": None, "reason": found.reason}
            )


COMMANDS = (mood,)

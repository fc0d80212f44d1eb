"""The command for trying the guard on one's own sentences."""

import sys
from collections import Counter

import click

from bot.app.cli import options
from bot.guard import find_concern, is_read_in_full


@click.command("guard")
@options.as_json
def read_concerns(as_json: bool) -> None:
    """Read texts from standard input, one a line; print what the guard finds in each.

    It stores nothing. JSON lines, except to a terminal without --json. docs/guard.md says how much it misses.
    """
    counts: Counter[str] = Counter()
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        found = _describe_concern(line)
        counts.update(["texts", *([str(found["step"])] if found["step"] else [])])
        if as_json or not sys.stdout.isatty():
            options.show_json(found)
        else:
            click.echo(f"{found['concern'] or '–':10} {found['step'] or '–':4}  {line}")
    click.echo(f"{counts['texts']} texts: {counts['hard']} refused, {counts['soft']} held", err=True)


def _describe_concern(text: str) -> dict[str, object]:
    found, is_read = find_concern(text), is_read_in_full(text)
    if found is None:
        return {"concern": None, "step": None, "noticed": [], "confidence": None, "read_in_full": is_read}
    return {
        "concern": found.concern,
        "step": found.step,
        "noticed": list(found.noticed),
        "confidence": found.confidence,
        "read_in_full": is_read,
    }

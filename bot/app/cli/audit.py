"""Commands for whoever checks on operators and leads: is the log whole, and what is in it."""

import sys
from pathlib import Path

import click

from bot.app.cli import options
from bot.app.config.schema import Settings
from bot.app.wiring import open_bot
from bot.model.audit import AuditEntry
from storage import Verdict


@click.group()
def audit() -> None:
    """Read and verify the log of looks and changes."""


@audit.command("verify")
@options.config
@options.as_json
@click.option("--expect", help="NUMBER:MAC as an earlier run printed it, kept elsewhere.")
def verify_log(config_path: Path | None, as_json: bool, expect: str | None) -> None:
    """Check that no entry was changed, removed or added. Exit code 1 if one was.

    Keep the last line somewhere else from time to time: it alone shows that somebody put back
    an old copy of the whole database.
    """
    settings = options.read_settings(config_path)
    kept = _keep_entries(expect)
    verdict = options.wait_for(lambda: _verify_log(settings, kept))
    head = f"{verdict.head.seq}:{verdict.head.mac}"
    if as_json:
        faults = list(verdict.faults)
        options.show_json({"entries": verdict.entries, "faults": faults, "head": head})
    else:
        for fault in verdict.faults:
            click.echo(f"FAIL  {fault}")
        if not verdict.faults:
            click.echo(f"{verdict.entries} entries, all as they were written. To keep elsewhere:\n{head}")
    if verdict.faults:
        sys.exit(1)


@audit.command("show")
@options.config
@options.as_json
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
def show_log(config_path: Path | None, as_json: bool, limit: int) -> None:
    """List the newest entries. People are keyed pseudonyms, the same for the same person in one alliance."""
    settings = options.read_settings(config_path)
    entries = options.wait_for(lambda: _read_newest(settings, limit))
    for entry in entries:
        if as_json:
            row = {"at": entry.at.isoformat(), "act": entry.act, "alliance": entry.alliance, "by": entry.by}
            options.show_json({**row, "detail": entry.detail})
        else:
            words = (entry.at.isoformat(timespec="seconds"), entry.act, entry.alliance or "–", entry.by)
            click.echo("  ".join((*words, entry.detail.replace("\n", "; "))))


def _keep_entries(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, mac = text.partition(":")
    if not number.isdecimal() or len(number) > 18 or len(mac) != 64:
        raise click.BadParameter("write NUMBER:MAC as `pulse audit verify` printed it", param_hint="--expect")
    return int(number), mac


async def _verify_log(settings: Settings, kept: tuple[int, str] | None) -> Verdict:
    async with open_bot(settings) as bot:
        return await bot.store.audit.verify_chain(kept)


async def _read_newest(settings: Settings, limit: int) -> tuple[AuditEntry, ...]:
    async with open_bot(settings) as bot:
        return await bot.store.audit.list_newest(limit)

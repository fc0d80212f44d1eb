"""Commands for whoever checks on operators and leads: is the log whole, and what is in it."""

import sys
from pathlib import Path

import click

from bot.app.cli import options
from bot.app.cli.data_rights import find_person
from bot.app.config.schema import Settings
from bot.app.platforms import PLUGINS
from bot.app.runtime.operator import name_operator, note_by_operator
from bot.app.wiring import open_bot
from bot.model.alliance import Member
from bot.model.audit import AuditEntry
from bot.privacy.pseudonym import make_pseudonym
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


@audit.command("who")
@options.config
@click.argument("pseudonym")
@click.option("--platform", type=click.Choice([plugin.name for plugin in PLUGINS]))
@click.option("--user", required=True, help="The person's id on that platform; of an operator the account.")
@click.option("--workspace", help="Slack team or Entra tenant of the person; needed on Teams.")
def identify_person(
    config_path: Path | None, pseudonym: str, platform: str | None, user: str, workspace: str | None
) -> None:
    """Say whether PSEUDONYM, as `pulse audit show` prints it, is that person. The question goes into the log too.

    It is for the case in which an entry must be explained. Only pseudonyms of the log are taken: nobody learns of an
    answer, a comment or a message whose it is. Exit code 1: it is somebody else.
    """
    settings = options.read_settings(config_path)
    is_operator = pseudonym.startswith(_OPERATOR)
    who = None if is_operator else find_person(platform, user, workspace)
    entries = options.wait_for(lambda: _identify_person(settings, pseudonym, who or user))
    if not entries:
        click.echo("It is somebody else.")
        sys.exit(1)
    first, last = entries[-1].at, entries[0].at
    click.echo(
        f"It is {user}. Entries: {len(entries)}, from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
    )


_OPERATOR = "operator:"


async def _identify_person(settings: Settings, pseudonym: str, who: Member | str) -> tuple[AuditEntry, ...]:
    """Return the entries of the pseudonym if it is that person, none if not; note that it was asked, and the outcome.

    Raises click.ClickException where no entry has that pseudonym.
    """
    async with open_bot(settings) as bot:
        entries = await bot.store.audit.list_by(pseudonym)
        alliance = entries[0].alliance if entries else ""
        is_theirs = bool(entries) and _name_person(bot.secret, alliance, who) == pseudonym
        outcome = ("it is" if is_theirs else "it is not") if entries else "refused, no such entry"
        asked = pseudonym if entries else "a pseudonym"
        await bot.store.audit.note(note_by_operator(bot, "identify", alliance, f"{asked}: {outcome}"))
    if not entries:
        raise click.ClickException(
            "no entry of the log is by that pseudonym; copy it from `pulse audit show`"
        )
    return entries if is_theirs else ()


def _name_person(secret: bytes, alliance: str, who: Member | str) -> str:
    if isinstance(who, str):
        return name_operator(secret, who)
    return f"member:{make_pseudonym(secret, alliance, who, 'audit')}"


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

"""Commands that keep the data safe: back up, restore, new keys, organisations that left, the audit log."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from bot.app.cli import options
from bot.app.cli.data_rights import read_erasures
from bot.app.clock.clock import machine_now
from bot.app.config.schema import Settings
from bot.app.platforms import PLUGINS
from bot.app.runtime.operator import name_operator, note_by_operator
from bot.app.runtime.retention_job import retention_terms
from bot.app.wiring import open_bot, read_keys, read_secret
from bot.model.alliance import Alliance
from bot.model.audit import AuditEntry
from bot.privacy.permissions import find_company_side
from bot.wording.dates import format_day
from storage import NotDone, Progress, Restored, Secrets, Unreadable, Vault, create_backup, restore_backup


@click.command("backup")
@options.config
@click.argument("path", type=options.file)
def back_up_database(config_path: Path | None, path: Path) -> None:
    """Write the whole database to PATH, an SQLite file, while the bot runs.

    Names and comments stay encrypted in the backup. Keep the keys somewhere else.
    """
    settings = options.read_settings(config_path)
    options.wait_for(lambda: _note_backup(settings))
    with _open_progress_bar("rows") as bar:
        try:
            create_backup(settings.database.url.get_secret_value(), path, _show_progress_on(bar))
        except NotDone as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Backed up to {path}: {path.stat().st_size / 2**20:.1f} MiB.")


@click.command("restore")
@options.config
@click.argument("path", type=options.existing_file)
@click.option("--replace", is_flag=True, help="Delete everything in the database first.")
@click.option(
    "--erasures",
    "file",
    type=options.existing_file,
    help="A list of `pulse erasures`, newer than the backup.",
)
def restore_database(config_path: Path | None, path: Path, replace: bool, file: Path | None) -> None:
    """Restore the database from the backup PATH. Stop the bot first.

    People erased since the backup stay erased. Messages that may have been sent since are looked up, or listed by
    `pulse deliveries --state unknown`. They are never sent again on a guess.
    """
    settings = options.read_settings(config_path)
    secret = read_secret(settings)
    secrets = Secrets(Vault(read_keys(settings)), secret)
    entry = AuditEntry("restore", "", name_operator(secret), machine_now(), "")
    erasures = read_erasures(file) if file else []
    with _open_progress_bar("rows") as bar:
        try:
            done = restore_backup(
                settings.database.url.get_secret_value(),
                path,
                secrets,
                entry,
                erasures,
                replace=replace,
                progress=_show_progress_on(bar),
            )
        except NotDone as error:
            raise click.ClickException(str(error)) from None
    _show_restored(done)


def _show_restored(done: Restored) -> None:
    click.echo(f"Restored: {sum(done.rows.values())} rows in {len(done.rows)} tables.")
    if done.erased:
        told = ", ".join(f"{kind} {count}" for kind, count in done.erased.items())
        click.echo(f"Erased again, as it was since the backup: {told}.")
    if done.unsure:
        click.echo(f"Deliveries that may have been sent since the backup: {done.unsure}.")
    click.echo(
        "These, and what was due since the backup, are looked up before they are sent; what cannot be looked up "
        "waits in `pulse deliveries --state unknown`."
    )


@click.command("rotate-keys")
@options.config
@click.option("--check", is_flag=True, help="Only say whether the old keys can go; exit code 1 if not.")
def rotate_keys(config_path: Path | None, check: bool) -> None:
    """Seal everything with the first of privacy.encryption_keys; safe to interrupt and to repeat.

    First put the new key before the old one, for every process, and start them anew. Then run this. Take the old
    key away when it says that you can.
    """
    settings = options.read_settings(config_path)
    try:
        left = options.wait_for(lambda: _count_old_seals(settings) if check else _rotate_keys(settings))
    except Unreadable as error:
        raise click.ClickException(f"{error}; add the key it was sealed with, and run this again") from None
    if left:
        click.echo(
            f"{left} values are still sealed with an older key: run `pulse rotate-keys`; keep all keys."
        )
        sys.exit(1)
    click.echo("Everything is sealed with the first key. The others can be taken away from all processes.")


@click.command("departed")
@options.config
@click.option(
    "--platform",
    type=click.Choice([plugin.name for plugin in PLUGINS if plugin.is_left_by_companies]),
    required=True,
)
@click.option("--organisation", required=True, help="Slack team or enterprise id, or Entra tenant id.")
@click.option("--returned", is_flag=True, help="It is back: keep what is still there.")
def note_departure(config_path: Path | None, platform: str, organisation: str, returned: bool) -> None:
    """Say that a company removed the bot, where the platform does not: retention.departed_days later it is erased.

    The company must be one that an alliance names. --returned takes it back.
    """
    settings = options.read_settings(config_path)
    click.echo(options.wait_for(lambda: _note_departure(settings, platform, organisation, returned)))


@click.command("retention")
@options.config
@options.as_json
@click.option("--yes", is_flag=True, help="Delete all of it now; the time shown is right.")
def apply_retention(config_path: Path | None, as_json: bool, yes: bool) -> None:
    """Show how much was kept longer than [retention] says; with --yes delete all of it.

    A worker deletes it too, once a day, but a tenth of each kind at most, and only while the clock can be believed.
    """
    settings = options.read_settings(config_path)
    now, rows = options.wait_for(lambda: _delete_outdated(settings, yes))
    if as_json:
        options.show_json({"now": now, "deleted" if yes else "over": rows})
        return
    told = ", ".join(f"{kind} {count}" for kind, count in rows.items()) or "nothing"
    click.echo(f"It is {now:%Y-%m-%d %H:%M} UTC. {'Deleted' if yes else 'Over'}: {told}.")
    if rows and not yes:
        click.echo("If that time is right, `pulse retention --yes` deletes all of it.")


async def _delete_outdated(settings: Settings, yes: bool) -> tuple[datetime, dict[str, int]]:
    async with open_bot(settings) as bot:
        now, kept = bot.clock.now(), retention_terms(settings.retention)
        if not yes:
            return now, await bot.store.retention.count_expired(kept, now)
        await bot.store.audit.note(note_by_operator(bot, "retention", detail="by hand"))
        return now, await bot.store.retention.delete_expired(kept, now)


async def _note_backup(settings: Settings) -> None:
    async with open_bot(settings) as bot:
        await bot.store.audit.note(note_by_operator(bot, "backup"))


async def _count_old_seals(settings: Settings) -> int:
    async with open_bot(settings) as bot:
        return await bot.store.rotation.count_old()


async def _rotate_keys(settings: Settings) -> int:
    async with open_bot(settings) as bot:
        await bot.store.audit.note(note_by_operator(bot, "rotate-keys"))
        with _open_progress_bar("values") as bar:
            bar.total = await bot.store.rotation.count_values()
            async for looked, _ in bot.store.rotation.rotate_values():
                bar.update(looked)
                await asyncio.sleep(0)
        return await bot.store.rotation.count_old()


async def _note_departure(settings: Settings, platform: str, organisation: str, returned: bool) -> str:
    """Note it; return what happens now, and how to undo it. Raises click.ClickException for an unknown company."""
    rules = next(plugin.ids for plugin in PLUGINS if plugin.name == platform)
    company = rules.normalise(organisation)
    async with open_bot(settings) as bot:
        name = _find_company(await bot.store.alliances.list_all(), platform, company)
        asked = f"{'returned' if returned else 'departed'}: {platform}"
        detail = f"{asked} {company[:64]}" if name else f"{asked} unknown company: refused"
        await bot.store.audit.note(note_by_operator(bot, "retention", detail=detail))
        if not name:
            raise click.ClickException(
                f"no alliance names the company {company} on {platform}, so nothing was noted; copy its id from the "
                "file that declares the alliance"
            )
        if returned:
            await bot.store.departures.cancel_departure(platform, company)
            return f"Noted: {name} is back, and what is still there of it stays."
        await bot.store.departures.record_departure(platform, company, bot.clock.now())
        gone = await bot.store.departures.list_pending()
    since = next(left.at for left in gone if (left.platform, left.organisation) == (platform, company))
    day = format_day((since + timedelta(days=settings.retention.departed_days)).date())
    return (
        f"Noted: everything of {name} ({company}) is erased on {day}. To undo this before then:\n"
        f"  pulse departed --platform {platform} --organisation {company} --returned\n"
        "An answer from its side undoes it too."
    )


def _find_company(alliances: Sequence[Alliance], platform: str, organisation: str) -> str:
    """Return the name of the company that an alliance knows by that id; empty if none does."""
    for alliance in alliances:
        if side := find_company_side(alliance, platform, organisation):
            return alliance.organisation(side).name
    return ""


def _open_progress_bar(unit: str) -> "tqdm[Any]":
    return tqdm(unit=f" {unit}", unit_scale=True, disable=None, leave=False)


def _show_progress_on(bar: "tqdm[Any]") -> Progress:
    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done)

    return show

"""Commands for setting the bot up: secrets, what platforms want to know of it, settings, the doctor."""

import json
import re
import secrets
import sys
from pathlib import Path
from typing import Literal

import click

from adapters.slack.manifest import Mode
from adapters.slack.manifest import manifest as slack_manifest
from adapters.teams.identity import GUID
from adapters.teams.manifest import Wishes
from adapters.teams.manifest import package as teams_package
from bot.app.cli import options
from bot.app.config.load import masked
from storage import new_key


@click.command(short_help="Is everything there? Says what is missing, and what to do.")
@options.config
@options.as_json
@click.option("--slack", "only", flag_value="slack", help="Only what concerns Slack.")
@click.option("--teams", "only", flag_value="teams", help="Only what concerns Microsoft Teams.")
def doctor(config_path: Path | None, as_json: bool, only: Literal["slack", "teams"] | None) -> None:
    """Is everything there that the bot needs? Says what is missing and what to do."""
    settings = options.settings(config_path)
    from bot.app.doctor.checks import examine  # with all that either platform needs

    findings = options.wait_for(lambda: examine(settings, only))
    if as_json:
        options.show_json(
            [{"check": one.check, "ok": one.ok, "advice": "" if one.ok else one.advice} for one in findings]
        )
    else:
        for one in findings:
            click.echo(f"{'ok  ' if one.ok else 'FAIL'}  {one.check}{'' if one.ok else ': ' + one.advice}")
    if not all(one.ok for one in findings):
        sys.exit(1)


@click.group()
def config() -> None:
    """The configuration."""


@config.command()
@options.config
@options.as_json
def show(config_path: Path | None, as_json: bool) -> None:
    """What is in force: file, environment and defaults; secrets masked."""
    values = masked(options.settings(config_path))
    if as_json:
        options.show_json(values)
        return
    for section, keys in values.items():
        for key, value in keys.items():
            click.echo(f"{section}.{key} = {value!r}")


@click.group()
def manifest() -> None:
    """What to register the bot with, at a platform."""


@manifest.command()
@click.option("--url", default="https://pulse.example.com", show_default=True, help="Public https address.")
@click.option("--mode", type=click.Choice(["single", "oauth", "socket"]), default="single", show_default=True)
def slack(url: str, mode: Mode) -> None:
    """The Slack app manifest, as JSON: create the app from it."""
    if not url.startswith("https://"):
        raise click.UsageError("--url: Slack only sends to https addresses")
    click.echo(json.dumps(slack_manifest(mode, url), indent=2, ensure_ascii=False))


@manifest.command()
@options.config
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--url", default="https://pulse.example.com", show_default=True, help="Public https address.")
@click.option("--partner", is_flag=True, help="For the registration of teams_partner, not of teams.")
@click.option("--mentions-only", is_flag=True, help="Do not ask for all messages of the channel.")
@click.option("--slash", is_flag=True, help="Commands after a slash too, where Teams has them already.")
def teams(
    config_path: Path | None, file: Path, url: str, partner: bool, mentions_only: bool, slash: bool
) -> None:
    """The Teams app package, written to FILE (a .zip): upload it in the Teams admin centre."""
    if not url.startswith("https://"):
        raise click.UsageError("--url: Teams only sends to https addresses")
    settings = options.settings(config_path)
    app_id = (settings.teams_partner if partner else settings.teams).app_id
    section = "teams_partner" if partner else "teams"
    if not app_id:
        raise click.UsageError(f"{section}.app_id is not set: register the bot first, see docs/teams.md")
    if not re.fullmatch(GUID, app_id.lower()):
        raise click.UsageError(f"{section}.app_id: must be an id like 00000000-0000-0000-0000-000000000000")
    file.write_bytes(teams_package(app_id, url, Wishes(reads_channel=not mentions_only, slash=slash)))
    click.echo(f"Written to {file}.")


@click.command()
def keys() -> None:
    """Fresh secrets, as lines for the environment. Keep them: without them nothing can be read again."""
    click.echo(f"PULSE_PRIVACY__SECRET={secrets.token_urlsafe(48)}")
    click.echo(f"PULSE_PRIVACY__ENCRYPTION_KEYS={new_key()}")


COMMANDS = (keys, manifest, config, doctor)

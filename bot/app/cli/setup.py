"""Commands for setting the bot up: secrets, what platforms want to know of it, settings, the doctor."""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.app.cli import options
from bot.app.config.load import masked
from bot.app.platforms import PLUGINS
from storage import new_key

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def only_one_platform(command: Decorated) -> Decorated:
    """Add an option for each platform that the doctor can look at by itself."""
    for plugin in reversed(PLUGINS):
        if plugin.manifest:
            words = f"Only what concerns {plugin.title}."
            command = click.option(f"--{plugin.name}", "only", flag_value=plugin.name, help=words)(command)
    return command


@click.command(short_help="Is everything there? Says what is missing, and what to do.")
@options.config
@options.as_json
@only_one_platform
def doctor(config_path: Path | None, as_json: bool, only: str | None) -> None:
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


for plugin in PLUGINS:
    if plugin.manifest:
        manifest.add_command(plugin.manifest)


@click.command()
def keys() -> None:
    """Fresh secrets, as lines for the environment. Keep them: without them nothing can be read again."""
    click.echo(f"PULSE_PRIVACY__SECRET={secrets.token_urlsafe(48)}")
    click.echo(f"PULSE_PRIVACY__ENCRYPTION_KEYS={new_key()}")


COMMANDS = (keys, manifest, config, doctor)

"""The command that shows the settings in force. It opens nothing, so it needs neither database nor platform."""

from pathlib import Path

import click

from bot.app.cli import options
from bot.app.config.load import mask_secrets


@click.group()
def config() -> None:
    """Show the configuration."""


@config.command("show")
@options.config
@options.as_json
def show_config(config_path: Path | None, as_json: bool) -> None:
    """Print the settings in force: file, environment and defaults. Secrets are masked."""
    values = mask_secrets(options.read_settings(config_path))
    if as_json:
        options.show_json(values)
        return
    for section, keys in values.items():
        for key, value in keys.items():
            click.echo(f"{section}.{key} = {value!r}")

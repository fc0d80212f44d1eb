"""Options that the manifest commands of all platforms share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # it imports the platforms
    from bot.app.config.schema import Settings

config = click.option(
    "--config", "config_path", type=click.Path(path_type=Path, dir_okay=False), help="Default: config.toml."
)
public_url = click.option("--url", help="Public https address of the bot. Default: web.public_url.")


def choose_public_url(url: str | None, settings: Settings) -> str:
    """Return the address to which a platform sends: the option's, or else that of the settings.

    Raises UsageError if there is none, or if it is not https.
    """
    found = url or settings.web.public_url
    if not found:
        raise click.UsageError("the bot's address is not known: set web.public_url, or add --url https://…")
    if not found.startswith("https://"):
        key = "--url" if url else "web.public_url"
        raise click.UsageError(f"{key}: must begin with https://, because platforms only send there")
    return found

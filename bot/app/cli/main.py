"""The command line: `pulse …`, the same as `python -m bot …`. Exit code 0: done, 1: not done, 2: asked wrongly."""

import click

from bot.app.cli import audit, operate
from bot.app.cli import backtest as measure
from bot.app.cli import data_rights as people
from bot.app.cli import data_safety as keep
from bot.app.cli import guard as free_text
from bot.app.cli import run as processes
from bot.app.cli import setup as prepare
from bot.app.config.section import BadSettings
from bot.app.runtime import logs
from bot.ports import StoreUnavailable

_LOOK = "Is database.url right, does its server run and let this user in, is there room on the disk?"


class _Group(click.Group):
    """Expected failures are one line on standard error, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.UsageError(f"settings cannot be used\n{error}") from None
        except StoreUnavailable as error:
            raise click.ClickException(f"{error}. {_LOOK}") from None
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="alliance-pulse")
def pulse() -> None:
    """Alliance Pulse: how well a sponsor and its CRO work together, from inside their joint channel."""
    logs.configure()


for theme in (prepare, processes, operate, people, keep, audit, measure, free_text):
    for command in theme.COMMANDS:
        pulse.add_command(command)


def main() -> None:
    pulse()

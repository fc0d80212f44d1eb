"""The command line: `pulse …`, the same as `python -m bot …`. Exit code 0: done, 1: not done, 2: asked wrongly."""

import sys

import click

from bot.app.commands import measure, operate, processes
from bot.app.settings import BadSettings
from bot.ports import StoreUnavailable


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="alliance-pulse")
def pulse() -> None:
    """Alliance Pulse: how well a sponsor and its CRO work together, from inside their joint channel."""


for command in (*processes.COMMANDS, *operate.COMMANDS, *measure.COMMANDS):
    pulse.add_command(command)


def main() -> None:
    """Run the command line; expected failures are one line on standard error, never a traceback."""
    try:
        pulse.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except BadSettings as error:
        click.echo(f"Settings cannot be used.\n{error}", err=True)
        sys.exit(2)
    except StoreUnavailable as error:
        click.echo(f"The database cannot be used: {error}", err=True)
        sys.exit(1)

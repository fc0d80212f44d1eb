"""Say expected failures in one line on standard error, never in a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.app.config.section import BadSettings

_LOOK = "Is database.url right, does its server run and let this user in, is there room on the disk?"


@contextmanager
def explain_failures() -> Iterator[None]:
    """Turn wrong settings into exit code 2, and a database or file that cannot be used into exit code 1."""
    try:
        yield
    except BadSettings as error:
        raise click.UsageError(f"settings cannot be used\n{error}") from None
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    except Exception as error:
        from bot.ports import StoreUnavailable  # most commands that need no store do not fail

        if not isinstance(error, StoreUnavailable):
            raise
        raise click.ClickException(f"{error}. {_LOOK}") from None

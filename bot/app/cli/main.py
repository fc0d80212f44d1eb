"""The command line: `pulse …`, the same as `python -m bot …`. Exit code 0: done, 1: not done, 2: asked wrongly.

Nothing that a command needs is imported before the command is known: `--help` and `--version` need click alone.
"""

import os
from importlib import import_module

import click

from bot.app.cli.catalogue import TOPICS, list_entries


class _Pulse(click.Group):
    """A group that knows its commands by name, and imports the one that is called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of that name."""
        entry = dict(list_entries()).get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        found = getattr(import_module(f"bot.app.cli.{entry.module}"), entry.function)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by topic."""
        for topic, entries in TOPICS.items():
            with formatter.section(topic):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])

    def invoke(self, ctx: click.Context) -> object:
        from bot.app.cli.failures import explain_failures

        with explain_failures():
            return super().invoke(ctx)


@click.group(
    cls=_Pulse,
    commands={name: click.Command(name, short_help=entry.help) for name, entry in list_entries()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="alliance-pulse")
def pulse() -> None:
    """Alliance Pulse: how well a sponsor and its CRO work together, from inside their joint channel."""
    from bot.app.runtime import logs

    logs.configure()


def main() -> None:
    """Run the command line without plugins of pydantic, which would see the secrets and cost 60 ms of every start.

    See https://docs.pydantic.dev/latest/concepts/plugins/.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    pulse()

"""The command that takes back what a lead said about a company."""

from pathlib import Path

import click

from bot.app.cli import options
from bot.app.config.schema import Settings
from bot.app.runtime.operator import note_by_operator, reread_rosters
from bot.app.wiring import open_bot
from bot.privacy.bands import report_moved
from bot.use_cases.claim import Home, withdraw_claim


@click.command("unmap")
@options.config
@click.argument("alliance")
@click.argument("company", metavar="PLATFORM:ID")
def unmap_company(config_path: Path | None, alliance: str, company: str) -> None:
    """Take back a lead's word that COMPANY (for example teams:guests-of-…) belongs to a side of ALLIANCE.

    Its people's answers wait again, and the leads are told. For what a declaration says, change it and `pulse apply`.
    """
    settings = options.read_settings(config_path)
    platform, _, organisation = company.partition(":")
    moved = options.wait_for(lambda: _unmap_company(settings, alliance, (platform, organisation)))
    if moved is None:
        raise click.ClickException(f"no lead of {alliance} has claimed {company}; nothing was changed")
    click.echo(report_moved(alliance, moved) or "Taken back. No answer changed side.")


async def _unmap_company(settings: Settings, key: str, home: Home) -> int | None:
    async with open_bot(settings) as bot:
        alliance = await bot.store.alliances.find_by_key(key)
        if alliance is None:
            raise options.report_no_alliance(key, await bot.store.alliances.list_all())
        entry = note_by_operator(bot, "unmap", key, f"{':'.join(home)}"[:100])
        moved = await withdraw_claim(bot.store, alliance, home, bot.secret, entry)
        if moved is not None:
            moved += (await reread_rosters(bot, {key})).get(key, 0)
        return moved

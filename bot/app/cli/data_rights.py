"""Commands for people's rights: a copy of what is kept about somebody, its end, and the end of an alliance."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from bot.app.cli import options
from bot.app.config.alliances import LeadTable, check_lead, to_member
from bot.app.config.schema import Settings
from bot.app.platforms import PLUGINS
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import note_by_operator
from bot.app.wiring import open_bot
from bot.model.alliance import Alliance, Member
from bot.model.delivery import Delivery
from bot.privacy.pseudonym import make_pseudonym
from bot.wording.data_rights import report_data_copy
from storage import Erasure

_ERASURE = TypeAdapter(Erasure)
_platform = click.option("--platform", type=click.Choice([plugin.name for plugin in PLUGINS]))
_user = click.option("--user", help="The person's id on that platform, for example U0ANNA.")
_workspace = click.option("--workspace", help="Slack team or Entra tenant of the person; needed on Teams.")
_alliance = click.option("--alliance", help="Only in this alliance. Default: all alliances.")


@click.command("erase", short_help="Erase a person, or a whole alliance.")
@options.config
@options.as_json
@_platform
@_user
@_workspace
@_alliance
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_data(
    config_path: Path | None,
    as_json: bool,
    platform: str | None,
    user: str | None,
    workspace: str | None,
    alliance: str | None,
    yes: bool,
) -> None:
    """Erase a person (--platform, --user), or a whole alliance (--alliance alone).

    Numbers that were released stay as they were released. A whole alliance needs the consent of a lead of each
    side first: one writes "propose erase" to the bot, the other agrees.
    """
    settings = options.read_settings(config_path)
    if user is None and platform is None:
        if alliance is None:
            raise click.UsageError("say whom (--platform and --user) or which alliance (--alliance)")
        _ask_to_confirm(yes, f"the whole alliance {alliance}")
        done = options.wait_for(lambda: _erase_alliance(settings, alliance))
        _show_erased(done, (), as_json)
        click.echo("If a file still declares it, take it out there too, or it begins anew.", err=True)
        return
    who = _find_person(platform, user, workspace)
    _ask_to_confirm(yes, f"{user} on {platform} from {alliance or 'every alliance'}")
    done, kept = options.wait_for(lambda: _erase_person(settings, who, alliance))
    _show_erased(done, kept, as_json)
    if done.get("lead"):
        click.echo("They were a lead: take them out of the file that declares the alliance too.", err=True)


@click.command("subject-data", short_help="Print everything stored about a person, as JSON.")
@options.config
@_platform
@_user
@_workspace
@_alliance
def subject_data(
    config_path: Path | None,
    platform: str | None,
    user: str | None,
    workspace: str | None,
    alliance: str | None,
) -> None:
    """Print everything stored about a person, as JSON. Give it to that person and to nobody else.

    The bot tells the person, privately, that this copy was made.
    """
    settings = options.read_settings(config_path)
    who = _find_person(platform, user, workspace)
    options.show_json(options.wait_for(lambda: _copy_data(settings, who, alliance)))


@click.command("erasures", short_help="List what was erased, as pseudonyms.")
@options.config
@click.option("--apply", "file", type=options.existing_file, help="Erase again what this file lists.")
def list_erasures(config_path: Path | None, file: Path | None) -> None:
    """List what was erased, as JSON lines of pseudonyms. Keep the list apart from the backups."""
    settings = options.read_settings(config_path)
    if file:
        wanted = read_erasures(file)
        done = options.wait_for(lambda: _erase_again(settings, wanted))
        _show_erased(done, (), as_json=False)
        return
    for erasure in options.wait_for(lambda: _read_erasures(settings)):
        click.echo(_format_erasure(erasure))


def _ask_to_confirm(yes: bool, what: str) -> None:
    """Ask; raise click.Abort unless the answer is yes."""
    if not yes:
        click.confirm(f"This cannot be undone. Erase {what}?", abort=True)


def read_erasures(file: Path) -> list[Erasure]:
    """Read a list of erasures; raise click.ClickException that names a wrong line."""
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                found.append(_ERASURE.validate_json(line))
            except ValidationError:
                raise click.ClickException(f"{file}:{number}: not a line of `pulse erasures`") from None
    return found


def _format_erasure(erasure: Erasure) -> str:
    return _ERASURE.dump_json(erasure).decode()


def _show_erased(done: dict[str, int], kept: Sequence[Erasure], as_json: bool) -> None:
    if as_json:
        options.show_json(
            {"erased": done, "keep": [json.loads(_format_erasure(erasure)) for erasure in kept]}
        )
        return
    told = ", ".join(f"{kind} {count}" for kind, count in done.items() if count)
    click.echo(f"Erased: {told}." if told else "Nothing was there to erase.")
    if kept:
        click.echo("Kept as pseudonyms, to be erased again after a restore; see `pulse erasures`.")


def _find_person(platform: str | None, user: str | None, workspace: str | None) -> Member:
    if platform is None or not user:
        raise click.UsageError("say whom: --platform and --user")
    rules = next(plugin.ids for plugin in PLUGINS if plugin.name == platform)
    if rules.needs_workspace and not workspace:
        raise click.UsageError("--workspace: on this platform the person's tenant or workspace is needed too")
    lead = LeadTable(platform=platform, workspace=workspace or "-", user=user)
    try:
        return to_member(check_lead(lead, {platform: rules}), rules, ())
    except ValueError as error:
        raise click.UsageError(f"--user: {error}") from None


async def _find_alliances(bot: Bot, key: str | None) -> tuple[Alliance, ...]:
    everywhere = await bot.store.alliances.list_all()
    found = tuple(alliance for alliance in everywhere if key in (None, alliance.key))
    if not found:
        raise options.report_no_alliance(key, everywhere)
    return found


async def _erase_person(
    settings: Settings, who: Member, key: str | None
) -> tuple[dict[str, int], tuple[Erasure, ...]]:
    async with open_bot(settings) as bot:
        keys = [alliance.key for alliance in await _find_alliances(bot, key)]
        return await bot.store.subject_data.erase_member(
            who, keys, note_by_operator(bot, "erase", key or "", "a person")
        )


async def _erase_alliance(settings: Settings, key: str) -> dict[str, int]:
    async with open_bot(settings) as bot:
        await _find_alliances(bot, key)
        if not await bot.store.proposals.may_erase(key, bot.clock.now()):
            raise click.ClickException(
                f"deleting {key} needs both sides: one lead writes “propose erase {key}” to the bot, and a lead "
                "of the other side agrees; then run this again within 14 days of the proposal"
            )
        return await bot.store.subject_data.erase_alliance(
            key, note_by_operator(bot, "erase", key, "the whole alliance")
        )


async def _copy_data(settings: Settings, who: Member, key: str | None) -> list[dict[str, Any]]:
    async with open_bot(settings) as bot:
        found = await _find_alliances(bot, key)
        entry = note_by_operator(bot, "subject-data", key or "")
        told = [card for card in (_tell_person(bot, alliance, who) for alliance in found) if card]
        return await bot.store.subject_data.copy_member(
            who, [alliance.key for alliance in found], told, entry
        )


def _tell_person(bot: Bot, alliance: Alliance, who: Member) -> Delivery | None:
    """Nobody's data is looked at behind their back."""
    workspace = next(
        (channel.workspace for channel in alliance.channels if channel.platform == who.platform), None
    )
    if workspace is None:
        return None
    at = bot.clock.machine()
    to = Member(who.platform, who.id, workspace=workspace)
    slot = f"copied:{at:%Y-%m-%dT%H:%M}:{make_pseudonym(bot.secret, alliance.key, who, 'delivery')}"
    return Delivery(slot, alliance.key, to, report_data_copy(alliance))


async def _read_erasures(settings: Settings) -> tuple[Erasure, ...]:
    async with open_bot(settings) as bot:
        return await bot.store.subject_data.list_erasures()


async def _erase_again(settings: Settings, wanted: Sequence[Erasure]) -> dict[str, int]:
    async with open_bot(settings) as bot:
        entry = note_by_operator(bot, "erase", "", f"again: {len(wanted)} entries of a list")
        return await bot.store.subject_data.erase_again(wanted, entry)


COMMANDS = (erase_data, subject_data, list_erasures)

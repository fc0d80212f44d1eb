"""Commands for people's rights: a copy of what is kept about somebody, its end, and the end of an alliance."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from bot.app.cli import options
from bot.app.cli.data_copy import copy_data, find_alliances
from bot.app.config.alliances import LeadTable, check_lead, to_member
from bot.app.config.schema import Settings
from bot.app.platforms import PLUGINS
from bot.app.runtime.operator import note_by_operator
from bot.app.wiring import open_bot
from bot.model.alliance import Member
from storage import Erasure

_ERASURE = TypeAdapter(Erasure)
_platform = click.option("--platform", type=click.Choice([plugin.name for plugin in PLUGINS]))
_user = click.option("--user", help="The person's id on that platform, for example U0ANNA.")
_workspace = click.option("--workspace", help="Slack team or Entra tenant of the person; needed on Teams.")
_alliance = click.option("--alliance", help="Only in this alliance. Default: all alliances.")


@click.command("erase")
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
    who = find_person(platform, user, workspace)
    _ask_to_confirm(yes, f"{user} on {platform} from {alliance or 'every alliance'}")
    done, kept = options.wait_for(lambda: _erase_person(settings, who, alliance))
    _show_erased(done, kept, as_json)
    if done.get("lead"):
        click.echo("They were a lead: take them out of the file that declares the alliance too.", err=True)


@click.command("subject-data")
@options.config
@options.as_json
@_platform
@_user
@_workspace
@_alliance
@click.option("--out", type=click.Path(path_type=Path), help="The file to write, for example data.html.")
@click.option("--left", is_flag=True, help="The person has left the chat: show a passphrase here, once.")
def subject_data(
    config_path: Path | None,
    as_json: bool,
    platform: str | None,
    user: str | None,
    workspace: str | None,
    alliance: str | None,
    out: Path | None,
    left: bool,
) -> None:
    """Make an encrypted copy of everything stored about a person who asked for it. Send the file to that person.

    A person asks by writing "my data" to the bot, and gets a passphrase that nobody else sees. Without --user, list
    who asked. For somebody who has left the chat, --left shows the passphrase here, once: give it to that person by
    another way than the file. The bot tells the person, privately, that this copy was made.
    """
    settings = options.read_settings(config_path)
    if platform is None and user is None:
        _show_requests(options.wait_for(lambda: _list_requests(settings)), as_json)
        return
    who = find_person(platform, user, workspace)
    if out is None:
        raise click.UsageError("--out: name the file to write; nothing of it is shown here")
    passphrase = options.wait_for(lambda: copy_data(settings, who, alliance, out, left))
    click.echo(f"Wrote {out}, encrypted. Send it to {user} and to nobody else, then delete it.")
    if passphrase:
        click.echo(f"Passphrase, shown only now: {passphrase}")


def _show_requests(requests: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        options.show_json(requests)
        return
    for request in requests:
        click.echo(
            f"{request['asked_at']}  --platform {request['platform']} --user {request['user']}"
            f" --workspace {request['workspace']}"
        )
    if not requests:
        click.echo("Nobody has asked for a copy of their data.")


@click.command("erasures")
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


def find_person(platform: str | None, user: str | None, workspace: str | None) -> Member:
    """Return the person of that account. Raises click.UsageError where it is not said whom, or not as it is written."""
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


async def _erase_person(
    settings: Settings, who: Member, key: str | None
) -> tuple[dict[str, int], tuple[Erasure, ...]]:
    async with open_bot(settings) as bot:
        keys = [alliance.key for alliance in await find_alliances(bot, key)]
        return await bot.store.subject_data.erase_member(
            who, keys, note_by_operator(bot, "erase", key or "", "a person")
        )


async def _erase_alliance(settings: Settings, key: str) -> dict[str, int]:
    async with open_bot(settings) as bot:
        await find_alliances(bot, key)
        if not await bot.store.proposals.may_erase(key, bot.clock.now()):
            raise click.ClickException(
                f"deleting {key} needs both sides: one lead writes “propose erase {key}” to the bot, and a lead "
                "of the other side agrees; then run this again within 14 days of the proposal"
            )
        return await bot.store.subject_data.erase_alliance(
            key, note_by_operator(bot, "erase", key, "the whole alliance")
        )


async def _list_requests(settings: Settings) -> list[dict[str, str]]:
    async with open_bot(settings) as bot:
        requests = await bot.store.copy_requests.list_requests(bot.clock.now())
    return [
        {
            "asked_at": request.at.isoformat(timespec="minutes"),
            "platform": request.member.platform,
            "user": request.member.id,
            "workspace": request.member.workspace,
        }
        for request in requests
    ]


async def _read_erasures(settings: Settings) -> tuple[Erasure, ...]:
    async with open_bot(settings) as bot:
        return await bot.store.subject_data.list_erasures()


async def _erase_again(settings: Settings, wanted: Sequence[Erasure]) -> dict[str, int]:
    async with open_bot(settings) as bot:
        entry = note_by_operator(bot, "erase", "", f"again: {len(wanted)} entries of a list")
        return await bot.store.subject_data.erase_again(wanted, entry)

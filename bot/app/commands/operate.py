"""Commands for operators and leads: declare, look, export, check."""

import csv
import json
import secrets
import sys
from pathlib import Path
from typing import Literal

import click

from adapters.slack.manifest import Mode
from adapters.slack.manifest import manifest as slack_manifest
from adapters.teams.manifest import Wishes
from adapters.teams.manifest import package as teams_package
from bot.app.bot import Bot
from bot.app.commands import options
from bot.app.operator import declare, noted
from bot.app.settings import Settings, declared, masked
from bot.app.wiring import opened
from bot.cards import plain
from bot.model import Alliance
from bot.ports import DeliveryState
from bot.walks.score import figures, table
from bot.walks.score import score as score_card
from storage import new_key

COLUMNS = ("alliance", "date", "side", "dimension", "state", "value", "range", "people", "reason")
"""Of an export."""


@click.command()
@options.config
@options.as_json
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
def apply(config_path: Path | None, as_json: bool, file: Path | None) -> None:
    """Declare the alliances of FILE (default: of the configuration); prints the difference."""
    settings = options.settings(config_path)
    alliances = [table.alliance() for table in (declared(file) if file else settings.alliance)]
    if not alliances:
        raise click.UsageError(f"no [[alliance]] in {file or 'the configuration'}; see config.example.toml")
    differences = options.wait_for(lambda: _declare(settings, alliances))
    if as_json:
        options.show_json(list(differences))
    else:
        click.echo("\n".join(differences) or "Nothing to change.")


@click.command()
@options.config
@options.as_json
@click.argument("alliance")
def score(config_path: Path | None, as_json: bool, alliance: str) -> None:
    """What every member may see of ALLIANCE."""
    settings = options.settings(config_path)
    if as_json:
        options.show_json(options.wait_for(lambda: _figures(settings, alliance)))
    else:
        click.echo(options.wait_for(lambda: _score(settings, alliance)))


@click.command()
@options.config
@options.as_json
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
def deliveries(config_path: Path | None, as_json: bool, state: str | None, limit: int) -> None:
    """What went out, what waits, and what nobody knows about: no text, no person."""
    settings = options.settings(config_path)
    rows = options.wait_for(lambda: _deliveries(settings, state, limit))
    if as_json:
        options.show_json(rows)
        return
    for row in rows:
        click.echo(
            "  ".join(
                str(row[key]) for key in ("changed_at", "state", "platform", "alliance", "id", "reason")
            )
        )
    if not rows:
        click.echo("No deliveries.")


@click.command()
@options.config
@options.as_json
def missed(config_path: Path | None, as_json: bool) -> None:
    """Slots that passed while nobody could ask: alliance and local date."""
    settings = options.settings(config_path)
    rows = options.wait_for(lambda: _missed(settings))
    if as_json:
        options.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['date']}  {row['alliance']}")
    if not rows:
        click.echo("None.")


@click.command()
@options.config
@click.argument("delivery")
@click.option(
    "--sent/--resend", "sent", default=None, help="It stands in the channel; or it does not: post it."
)
def resolve(config_path: Path | None, delivery: str, sent: bool | None) -> None:
    """Say of a delivery whose outcome is unknown what you saw in the channel."""
    if sent is None:
        raise click.UsageError("say --sent or --resend, after looking in the channel")
    settings = options.settings(config_path)
    if not options.wait_for(lambda: _resolve(settings, delivery, sent)):
        raise click.ClickException(f"no delivery {delivery} of unknown outcome; see `pulse deliveries`")
    click.echo("Noted.")


@click.command()
@options.config
@options.as_json
@click.argument("alliance")
def export(config_path: Path | None, as_json: bool, alliance: str) -> None:
    """What both sides' leads could see after each closing, as CSV or JSON: never an answer, a person or a comment."""
    settings = options.settings(config_path)
    rows = options.wait_for(lambda: _table(settings, alliance))
    if as_json:
        options.show_json(rows)
        return
    out = csv.DictWriter(sys.stdout, COLUMNS)
    out.writeheader()
    out.writerows(rows)


@click.command()
@options.config
@options.as_json
@click.option("--slack", "only", flag_value="slack", help="Only what concerns Slack.")
@click.option("--teams", "only", flag_value="teams", help="Only what concerns Microsoft Teams.")
def doctor(config_path: Path | None, as_json: bool, only: Literal["slack", "teams"] | None) -> None:
    """Is everything there that the bot needs? Says what is missing and what to do."""
    settings = options.settings(config_path)
    from bot.app.doctor import examine  # with all that either platform needs

    findings = options.wait_for(lambda: examine(settings, only or ""))
    if as_json:
        options.show_json([{"check": one.check, "ok": one.ok, "advice": one.advice} for one in findings])
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


@manifest.command()
@click.option("--url", default="https://pulse.example.com", show_default=True, help="Public https address.")
@click.option("--mode", type=click.Choice(["single", "oauth", "socket"]), default="single", show_default=True)
def slack(url: str, mode: Mode) -> None:
    """The Slack app manifest, as JSON: create the app from it."""
    if not url.startswith("https://"):
        raise click.UsageError("--url: Slack only sends to https addresses")
    click.echo(json.dumps(slack_manifest(mode, url), indent=2, ensure_ascii=False))


@manifest.command()
@options.config
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--url", default="https://pulse.example.com", show_default=True, help="Public https address.")
@click.option("--partner", is_flag=True, help="For the registration of teams_partner, not of teams.")
@click.option("--mentions-only", is_flag=True, help="Do not ask for all messages of the channel.")
@click.option("--slash", is_flag=True, help="Commands after a slash too, where Teams has them already.")
def teams(
    config_path: Path | None, file: Path, url: str, partner: bool, mentions_only: bool, slash: bool
) -> None:
    """The Teams app package, written to FILE (a .zip): upload it in the Teams admin centre."""
    if not url.startswith("https://"):
        raise click.UsageError("--url: Teams only sends to https addresses")
    settings = options.settings(config_path)
    app_id = (settings.teams_partner if partner else settings.teams).app_id
    if not app_id:
        section = "teams_partner" if partner else "teams"
        raise click.UsageError(f"{section}.app_id is not set: register the bot first, see docs/teams.md")
    file.write_bytes(teams_package(app_id, url, Wishes(reads_channel=not mentions_only, slash=slash)))
    click.echo(f"Written to {file}.")


@click.command()
def keys() -> None:
    """Fresh secrets, as lines for the environment. Keep them: without them nothing can be read again."""
    click.echo(f"PULSE_PRIVACY__SECRET={secrets.token_urlsafe(48)}")
    click.echo(f"PULSE_PRIVACY__ENCRYPTION_KEYS={new_key()}")


async def _declare(settings: Settings, alliances: list[Alliance]) -> tuple[str, ...]:
    async with opened(settings) as bot:
        return await declare(bot, alliances)


async def _known(bot: Bot, key: str) -> Alliance:
    alliance = await bot.store.alliance(key)
    if alliance is None:
        raise options.no_alliance(key, await bot.store.alliances())
    return alliance


async def _score(settings: Settings, key: str) -> str:
    async with opened(settings) as bot:
        alliance = await _known(bot, key)
        await bot.store.audit.note(noted(bot, "score", key, "member"))
        return plain(await score_card(bot.store, alliance, None))


async def _figures(settings: Settings, key: str) -> dict[str, object]:
    async with opened(settings) as bot:
        alliance = await _known(bot, key)
        await bot.store.audit.note(noted(bot, "score", key, "member"))
        return await figures(bot.store, alliance)


async def _deliveries(settings: Settings, state: str | None, limit: int) -> list[dict[str, object]]:
    async with opened(settings) as bot:
        found = await bot.store.deliveries(DeliveryState(state) if state else None, limit)
    return [
        {
            "id": one.id,
            "slot": one.slot,
            "alliance": one.alliance,
            "platform": one.platform,
            "state": one.state.value,
            "attempts": one.attempts,
            "reason": one.reason,
            "changed_at": one.changed_at.isoformat(),
        }
        for one in found
    ]


async def _missed(settings: Settings) -> list[dict[str, str]]:
    async with opened(settings) as bot:
        return [
            {"alliance": one.key, "date": day.isoformat()}
            for one in await bot.store.alliances()
            for day in await bot.store.missed(one.key)
        ]


async def _resolve(settings: Settings, delivery: str, sent: bool) -> bool:
    async with opened(settings) as bot:
        await bot.store.audit.note(noted(bot, "resolve", detail="sent" if sent else "posted again"))
        return await bot.store.resolve(delivery, sent, bot.clock.now())


async def _table(settings: Settings, key: str) -> list[dict[str, object]]:
    async with opened(settings) as bot:
        alliance = await _known(bot, key)
        await bot.store.audit.note(noted(bot, "export", key))
        return list(await table(bot.store, alliance))


COMMANDS = (apply, score, deliveries, missed, resolve, export, doctor, config, keys, manifest)

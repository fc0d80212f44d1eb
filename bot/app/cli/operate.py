"""Commands for operators: declare, look, export, say what became of a delivery."""

import csv
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bot.app.cli import options
from bot.app.config.load import load_alliances
from bot.app.config.schema import Settings
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import (
    announce_question,
    declare_alliances,
    list_warnings,
    note_by_operator,
    preview_alliances,
)
from bot.app.wiring import open_bot
from bot.guard import find_concern
from bot.model.alliance import Alliance
from bot.model.cards import Choices, to_plain_text
from bot.model.delivery import DeliveryState
from bot.use_cases.close import close_seen_question
from bot.use_cases.score import figures, table
from bot.use_cases.score import score as score_card
from bot.wording.figures import EXPORT_COLUMNS

MANY = 5
"""Deliveries that are unknown at once, from which on the way to resolve them together is told."""
_ID = re.compile(r"[0-9a-f]{32}")
"""Of a delivery."""
NOT_UNKNOWN = "refused, not unknown"
MOST = 10_000
"""Deliveries that are resolved at once."""


@click.command("apply")
@options.config
@options.as_json
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.argument("file", required=False, type=options.file)
def apply_declarations(config_path: Path | None, as_json: bool, dry_run: bool, file: Path | None) -> None:
    """Declare the alliances of FILE (default: of the configuration); prints the difference.

    It says when the first question comes, and what cannot work: a side without a lead, or with too few people.
    """
    settings = options.read_settings(config_path)
    alliances = [table.to_alliance() for table in (load_alliances(file) if file else settings.alliance)]
    if not alliances:
        raise click.UsageError(f"no [[alliance]] in {file or 'the configuration'}; see config.example.toml")
    done = options.wait_for(lambda: _declare_alliances(settings, alliances, dry_run))
    for warning in (*done.warnings, *_list_concerns(alliances)):
        click.echo(f"Please note: {warning}.", err=True)
    if as_json:
        options.show_json(list(done.differences))
        return
    click.echo("\n".join((*done.differences, *done.questions)) or "Nothing to change.")
    if dry_run:
        click.echo("Dry run: nothing was changed.")


def _list_concerns(alliances: Sequence[Alliance]) -> list[str]:
    """List the alliances whose vision everybody will read and may speak of a case. Repeats none of its words."""
    found = ((alliance.key, find_concern(alliance.vision)) for alliance in alliances)
    return [
        f"alliance {key}: its vision may speak of a case ({concern.concern}); everybody will read it"
        for key, concern in found
        if concern
    ]


@click.command("score")
@options.config
@options.as_json
@click.argument("alliance")
def show_score(config_path: Path | None, as_json: bool, alliance: str) -> None:
    """Print what every member may see of ALLIANCE."""
    settings = options.read_settings(config_path)
    if as_json:
        options.show_json(options.wait_for(lambda: _read_figures(settings, alliance)))
    else:
        click.echo(options.wait_for(lambda: _read_score(settings, alliance)))


@click.command("deliveries")
@options.config
@options.as_json
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
def list_deliveries(config_path: Path | None, as_json: bool, state: str | None, limit: int) -> None:
    """List what was sent, what waits and what has an unknown outcome: no text, no person."""
    settings = options.read_settings(config_path)
    rows = options.wait_for(lambda: _read_deliveries(settings, state, limit))
    if as_json:
        options.show_json(rows)
        return
    for row in rows:
        what, _, _ = str(row["slot"]).partition(":")  # the rest of a slot may be a person's pseudonym
        told = (row[key] for key in ("changed_at", "state", "platform", "alliance"))
        click.echo("  ".join(map(str, (*told, what, row["id"], row["reason"]))))
    if not rows:
        click.echo("No deliveries.")
    unknown = sum(row["state"] == DeliveryState.UNKNOWN for row in rows)
    if unknown >= MANY:
        click.echo(
            f"{unknown} are unknown at once. Look in the channels of some: if none of them stands there, "
            "`pulse resolve --all --resend` posts them all, if all do, `pulse resolve --all --sent`; "
            "--alliance KEY does it for one alliance.",
            err=True,
        )


@click.command("missed")
@options.config
@options.as_json
def list_missed(config_path: Path | None, as_json: bool) -> None:
    """List pulses that were missed while the bot was down: alliance and local date."""
    settings = options.read_settings(config_path)
    rows = options.wait_for(lambda: _read_missed(settings))
    if as_json:
        options.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['date']}  {row['alliance']}")
    if not rows:
        click.echo("None.")


@click.command("resolve")
@options.config
@click.argument("delivery", required=False)
@click.option(
    "--sent/--resend", "sent", default=None, help="It stands in the channel; or it does not: post it."
)
@click.option("--all", "is_all", is_flag=True, help="Of all that are unknown now, instead of one.")
@click.option("--alliance", help="With --all: only those of this alliance.")
def resolve_delivery(
    config_path: Path | None, delivery: str | None, sent: bool | None, is_all: bool, alliance: str | None
) -> None:
    """Say of a delivery whose outcome is unknown what you saw in the channel; or of all of them at once."""
    if sent is None:
        raise click.UsageError("say --sent or --resend, after looking in the channel")
    if bool(delivery) == is_all:
        raise click.UsageError("name one delivery, or say --all")
    settings = options.read_settings(config_path)
    if delivery is None:
        count = options.wait_for(lambda: _resolve_all(settings, alliance, sent))
        click.echo(f"Noted of {count}.")
        return
    if not options.wait_for(lambda: _resolve_deliveries(settings, delivery, sent)):
        raise click.ClickException(f"no delivery {delivery} of unknown outcome; see `pulse deliveries`")
    click.echo("Noted.")


@click.command("export")
@options.config
@options.as_json
@click.argument("alliance")
def export_numbers(config_path: Path | None, as_json: bool, alliance: str) -> None:
    """Print what both sides' leads could see after each closing, as CSV or JSON: no answer, person or comment."""
    settings = options.read_settings(config_path)
    rows = options.wait_for(lambda: _read_table(settings, alliance))
    if as_json:
        options.show_json(rows)
        return
    out = csv.DictWriter(sys.stdout, EXPORT_COLUMNS)
    out.writeheader()
    out.writerows(rows)


@dataclass(frozen=True, slots=True)
class _Applied:
    differences: tuple[str, ...]
    questions: tuple[str, ...]
    """When each alliance is asked next; empty where nothing changed."""
    warnings: tuple[str, ...]


async def _declare_alliances(settings: Settings, alliances: list[Alliance], dry_run: bool) -> _Applied:
    async with open_bot(settings) as bot:
        if dry_run:
            changed, declared = await preview_alliances(bot, alliances)
        else:
            changed = await declare_alliances(bot, alliances)
            wanted = {alliance.key for alliance in alliances}
            declared = tuple(item for item in await bot.store.alliances.list_all() if item.key in wanted)
        questions = [await announce_question(bot, alliance) for alliance in declared if changed]
        return _Applied(changed, tuple(questions), await list_warnings(bot, declared))


async def _find_alliance(bot: Bot, key: str) -> Alliance:
    alliance = await bot.store.alliances.find_by_key(key)
    if alliance is None:
        raise options.report_no_alliance(key, await bot.store.alliances.list_all())
    return alliance


async def _read_score(settings: Settings, key: str) -> str:
    async with open_bot(settings) as bot:
        alliance = await _find_alliance(bot, key)
        await bot.store.audit.note(note_by_operator(bot, "score", key, "member"))
        card = await score_card(bot.store, alliance, None, bot.secret)
        return to_plain_text(
            replace(card, blocks=tuple(block for block in card.blocks if not isinstance(block, Choices)))
        )


async def _read_figures(settings: Settings, key: str) -> dict[str, object]:
    async with open_bot(settings) as bot:
        alliance = await _find_alliance(bot, key)
        await bot.store.audit.note(note_by_operator(bot, "score", key, "member"))
        return await figures(bot.store, alliance)


async def _read_deliveries(settings: Settings, state: str | None, limit: int) -> list[dict[str, object]]:
    async with open_bot(settings) as bot:
        found = await bot.store.outbox.list_statuses(DeliveryState(state) if state else None, limit)
    return [
        {
            "id": row.id,
            "slot": row.key,
            "alliance": row.alliance,
            "platform": row.platform,
            "state": row.state.value,
            "attempts": row.attempts,
            "reason": row.reason,
            "changed_at": row.changed_at.isoformat(),
        }
        for row in found
    ]


async def _read_missed(settings: Settings) -> list[dict[str, str]]:
    async with open_bot(settings) as bot:
        return [
            {"alliance": alliance.key, "date": day.isoformat()}
            for alliance in await bot.store.alliances.list_all()
            for day in await bot.store.pulses.list_missed(alliance.key)
        ]


async def _resolve_deliveries(settings: Settings, delivery: str, sent: bool) -> bool:
    async with open_bot(settings) as bot:
        unknown = await bot.store.outbox.list_statuses(DeliveryState.UNKNOWN, MOST)
        if key := next((status.key for status in unknown if status.id == delivery), None):
            return await _resolve_noted(bot, delivery, key, sent)
        await _note_decision(bot, delivery if _ID.fullmatch(delivery) else "no such id", sent, NOT_UNKNOWN)
        return False


async def _resolve_noted(bot: Bot, delivery: str, key: str, sent: bool) -> bool:
    """Note the decision about an unknown delivery, carry it out, and note if a worker was quicker."""
    await _note_decision(bot, delivery, sent, "done")
    done = await bot.store.outbox.resolve(delivery, sent, bot.clock.now())
    if done and sent:
        await close_seen_question(bot.store, key)
    if not done:
        await _note_decision(bot, delivery, sent, NOT_UNKNOWN)
    return done


async def _note_decision(bot: Bot, delivery: str, sent: bool, outcome: str) -> None:
    asked = f"{delivery} {'sent' if sent else 'posted again'}"
    await bot.store.audit.note(note_by_operator(bot, "resolve", detail=f"{asked}: {outcome}"))


async def _resolve_all(settings: Settings, alliance: str | None, sent: bool) -> int:
    """How many were unknown; each is noted by itself, as if it had been named."""
    async with open_bot(settings) as bot:
        if alliance:
            await _find_alliance(bot, alliance)
        unknown = await bot.store.outbox.list_statuses(DeliveryState.UNKNOWN, MOST)
        wanted = [status for status in unknown if alliance in (None, status.alliance)]
        return sum([await _resolve_noted(bot, status.id, status.key, sent) for status in wanted])


async def _read_table(settings: Settings, key: str) -> list[dict[str, object]]:
    async with open_bot(settings) as bot:
        alliance = await _find_alliance(bot, key)
        await bot.store.audit.note(note_by_operator(bot, "export", key))
        return list(await table(bot.store, alliance))

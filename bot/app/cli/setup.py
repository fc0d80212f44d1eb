"""Commands for setting the bot up: secrets, what platforms want to know of it, the doctor, the clock, holidays."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.app.cli import options
from bot.app.clock.clock_care import ADVICE, RESTS, Care, in_words, judge_now
from bot.app.config.schema import Settings
from bot.app.platforms import PLUGINS
from bot.app.runtime.operator import note_by_operator
from bot.app.wiring import open_bot
from bot.model.alliance import Alliance, Side
from bot.schedule import list_slot_days, move_slot
from bot.working_days import find_library_version, find_working_days
from storage import make_key

if TYPE_CHECKING:  # it comes with all that either platform needs
    from bot.app.doctor.finding import Finding

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def only_one_platform(command: Decorated) -> Decorated:
    """Add an option for each platform that the doctor can look at by itself."""
    for plugin in reversed(PLUGINS):
        if plugin.manifest:
            words = f"Only what concerns {plugin.title}."
            command = click.option(f"--{plugin.name}", "only", flag_value=plugin.name, help=words)(command)
    return command


@click.command("doctor")
@options.config
@options.as_json
@only_one_platform
def examine_installation(config_path: Path | None, as_json: bool, only: str | None) -> None:
    """Check everything that the bot needs. Say what is missing and how to mend it.

    SKIP marks what could not be looked at, and why. Exit code 0 means that everything was looked at and is in order.
    """
    settings = options.read_settings(config_path)
    from bot.app.doctor.checks import examine_bot  # with all that either platform needs

    findings = options.wait_for(lambda: examine_bot(settings, only))
    if as_json:
        options.show_json([asdict(finding) | {"advice": _say_advice(finding)} for finding in findings])
    else:
        for finding in findings:
            mark = "ok  " if finding.ok else "FAIL" if finding.looked else "SKIP"
            click.echo(f"{mark}  {': '.join(filter(None, (finding.check, _say_advice(finding))))}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _say_advice(finding: Finding) -> str:
    return "" if finding.ok else finding.advice


@click.command("clock")
@options.config
@options.as_json
@click.option(
    "--accept", is_flag=True, help="The clock is right: reset what a wrong clock left in the future."
)
def judge_clock(config_path: Path | None, as_json: bool, accept: bool) -> None:
    """Check this machine's clock as a tick would. Exit code 1 if anything speaks against it.

    With --accept you say that it is right, where no platform is there to say so.
    """
    settings = options.read_settings(config_path)
    told = options.wait_for(lambda: _judge_clock(settings, accept))
    if as_json:
        options.show_json(told)
    else:
        click.echo(f"{told['now']}: {told['why']}.")
        if told["taken_back"]:
            click.echo(f"Taken back of what lay in the future: {told['taken_back']}.")
    if not told["ok"]:
        sys.exit(1)


async def _judge_clock(settings: Settings, accept: bool) -> dict[str, object]:
    async with open_bot(settings) as bot:
        verdict, done = await judge_now(bot), {}
        if accept and verdict.doubt != "platforms":
            await bot.store.audit.note(note_by_operator(bot, "clock"))
            done = await Care(bot).accept()
            verdict = await judge_now(bot)
        return {
            "now": bot.clock.now().isoformat(timespec="seconds"),
            "ok": verdict.may_work,
            "why": in_words(verdict) if verdict.may_work else f"{in_words(verdict)}; {RESTS}. {ADVICE}",
            "taken_back": done,
        }


@click.group()
def manifest() -> None:
    """Make the file with which you register the bot at a platform."""


for plugin in PLUGINS:
    if plugin.manifest:
        manifest.add_command(plugin.manifest)


@click.command("keys")
def make_keys() -> None:
    """Make fresh secrets, as lines for the environment. Keep them: without them no data can be read again."""
    click.echo(f"PULSE_PRIVACY__SECRET={secrets.token_urlsafe(48)}")
    click.echo(f"PULSE_PRIVACY__ENCRYPTION_KEYS={make_key()}")


@dataclass(frozen=True, slots=True)
class HolidaySlot:
    """A slot that is a holiday. `asked` is the day on which it is asked: the same one where no other is free."""

    date: str
    pulse: str
    holiday: str
    companies: tuple[str, ...]
    asked: str


@click.command("holidays")
@options.config
@options.as_json
@click.argument("alliance")
@click.argument("year", type=click.IntRange(2000, 2100), required=False)
def show_holidays(config_path: Path | None, as_json: bool, alliance: str, year: int | None) -> None:
    """Show which pulses of ALLIANCE fall on a holiday in YEAR (default: this one), and when they are asked instead."""
    settings = options.read_settings(config_path)
    slots = options.wait_for(lambda: _read_slots(settings, alliance, year))
    if as_json:
        options.show_json([asdict(slot) for slot in slots])
        return
    for slot in slots:
        click.echo(_describe_slot(slot))
    if not slots:
        click.echo("No pulse falls on a holiday.")
    click.echo(f"Public holidays: holidays {find_library_version()}.", err=True)


def list_holiday_slots(alliance: Alliance, year: int) -> Iterator[HolidaySlot]:
    """List the slots of that year that are a holiday of either company, in the order of their pulses."""
    both = find_working_days(alliance)
    for pulse in alliance.pulses:
        for day in list_slot_days(pulse, date(year, 1, 1), date(year, 12, 31)):
            if pulse.paused or not (name := both.find_holiday(day)):
                continue
            companies = tuple(
                alliance.organisation(side).name
                for side in Side
                if find_working_days(alliance, [side]).find_holiday(day)
            )
            asked = move_slot(pulse, day, both)
            yield HolidaySlot(day.isoformat(), pulse.key, name, companies, asked.isoformat())


def _describe_slot(slot: HolidaySlot) -> str:
    why = f"{slot.holiday} ({', '.join(slot.companies)})"
    what = f"asked on {slot.asked}" if slot.asked != slot.date else "asked on the holiday, and marked as such"
    return f"{slot.date}  {slot.pulse}  {what}: {why}"


async def _read_slots(settings: Settings, key: str, year: int | None) -> list[HolidaySlot]:
    async with open_bot(settings) as bot:
        alliance = await bot.store.alliances.find_by_key(key)
        if alliance is None:
            raise options.report_no_alliance(key, await bot.store.alliances.list_all())
        return [*list_holiday_slots(alliance, year or bot.clock.now().year)]

"""Whoever works at the command line, as the audit log knows them."""

import getpass
import hmac
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from bot.app.config.section import BadSettings
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Member, Pulse, Side
from bot.model.audit import Act, AuditEntry
from bot.privacy.bands import report_moved
from bot.privacy.permissions import count_besides_leads, find_small_sides
from bot.schedule import find_next_slot, list_slot_days, move_slot
from bot.use_cases.enrol import enrol_again, read_roster
from bot.wording.dates import format_day, format_moment
from bot.working_days import WorkingDays, find_working_days


def note_by_operator(bot: Bot, act: Act, alliance: str = "", detail: str = "") -> AuditEntry:
    """Build the audit entry for an operator's act, at this machine's time, even when the sandbox moved its clock."""
    return AuditEntry(act, alliance, name_operator(bot.secret), bot.clock.machine(), detail)


async def declare_alliances(bot: Bot, alliances: Sequence[Alliance]) -> tuple[str, ...]:
    """Make these alliances be as given; the differences. Raises BadSettings for what cannot stand together."""
    try:
        lines = await bot.store.alliances.declare(alliances, bot.clock.now(), note_by_operator(bot, "apply"))
    except ValueError as error:
        raise BadSettings(str(error)) from None
    moved = await reread_rosters(bot, {alliance.key for alliance in alliances}) if lines else {}
    return (*lines, *filter(None, (report_moved(key, people) for key, people in moved.items())))


async def reread_rosters(bot: Bot, alliances: Collection[str]) -> Mapping[str, int]:
    """Read the rosters of these alliances' open rounds that are due; return how many people's answers changed side.

    A roster that cannot be read now is read again by the worker.
    """
    return await enrol_again(bot.store, bot.platforms, bot.secret, alliances, bot.clock.now())


async def preview_alliances(
    bot: Bot, alliances: Sequence[Alliance]
) -> tuple[tuple[str, ...], tuple[Alliance, ...]]:
    """Return the differences, and the alliances as they would be; change nothing. Raises BadSettings."""
    try:
        return await bot.store.alliances.preview(alliances, bot.clock.now())
    except ValueError as error:
        raise BadSettings(str(error)) from None


async def list_warnings(bot: Bot, alliances: Sequence[Alliance]) -> tuple[str, ...]:
    """Say of each alliance what cannot work: a side without a lead, or with too few people for a number."""
    found = []
    for alliance in alliances:
        people = await read_roster(alliance, bot.platforms)
        own = [find_missing_leads(alliance), _UNSEEN if people is None else find_too_few(alliance, people)]
        found += [f"{alliance.key}: {warning}" for warning in own if warning]
    return tuple(found)


_UNSEEN = "it cannot be seen who is in the channels, so nobody knows whether each side has enough people for a number"


def find_missing_leads(alliance: Alliance) -> str:
    """Say which company has no lead; empty where both have one."""
    without = [alliance.organisation(side).name for side in Side if not alliance.organisation(side).leads]
    named = " and of ".join(without)
    return f"name a lead of {named} in `leads`: alerts and digests go to leads alone" if without else ""


def find_too_few(alliance: Alliance, people: Sequence[Member]) -> str:
    """Say which side has too few people for a number, as far as the platforms tell who is there; empty if none."""
    small = find_small_sides(alliance, count_besides_leads(alliance, people))
    return "; ".join(
        f"{alliance.organisation(side).name} has fewer than {alliance.minimum} people in the channels besides its "
        "leads, so no number of it can appear, nor one of both companies: invite more people, or set pooled = true for "
        "one number of everyone together"
        for side in small
    )


async def announce_question(bot: Bot, alliance: Alliance) -> str:
    """Say when the alliance is asked next, and how many questions of a year move because of a holiday."""
    now, calendar = bot.clock.now(), find_working_days(alliance)
    pulses = [pulse for pulse in alliance.pulses if not pulse.paused]
    if not pulses:
        return f"{alliance.key}: no question comes, because every pulse is paused."
    slots = [find_next_slot(pulse, alliance.timezone, now, calendar) for pulse in pulses]
    slot = min(slots, key=lambda slot: slot.at)
    asked = await bot.store.rounds.list_open(alliance.key, now)
    is_next = asked or await bot.store.rounds.find_last_closed(alliance.key)
    holiday = calendar.find_holiday(slot.day)
    why = f", because {format_day(slot.day)} is a holiday ({holiday})" if holiday else ""
    moment = format_moment(slot.at, alliance.timezone)
    coming = f"{alliance.key}: the {'next' if is_next else 'first'} question comes on {moment}{why}."
    return "\n".join(filter(None, (coming, _count_moved(alliance, pulses, calendar, now.date()))))


def _count_moved(alliance: Alliance, pulses: Sequence[Pulse], calendar: WorkingDays, first: date) -> str:
    days = [(pulse, day) for pulse in pulses for day in list_slot_days(pulse, first, first + _YEAR)]
    moved = sum(move_slot(pulse, day, calendar) != day for pulse, day in days)
    told = f"{alliance.key}: {moved} of the questions within a year fall on a holiday and move"
    return f"{told}; `pulse holidays {alliance.key}` lists them." if moved else ""


_YEAR = timedelta(days=365)


async def warn_of_gaps(bot: Bot) -> tuple[str, ...]:
    """List what cannot work as configured, with the step that mends it, when a process starts."""
    alliances = await bot.store.alliances.list_all()
    if not alliances:
        return ("no alliance is declared, so nothing will be asked; `pulse apply FILE.toml` declares one",)
    wanted = {channel.platform for alliance in alliances for channel in alliance.channels}
    return tuple(
        f"an alliance has a channel on {name}, which is not set up: nothing can be asked there; see `pulse doctor`"
        for name in sorted(wanted - bot.platforms.keys())
    )


def name_operator(secret: bytes, account: str = "") -> str:
    """Return the pseudonym of an account of this machine (default: whoever calls), as the audit log holds it."""
    message = f"operator\x00{account or _read_account()}".encode()
    return "operator:" + hmac.new(secret, message, "sha256").hexdigest()[:16]


def _read_account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return str(os.getuid())

"""Whoever works at the command line, as the audit log knows them."""

import getpass
import hmac
import os
from collections.abc import Collection, Mapping, Sequence

from bot.app.config.section import BadSettings
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance
from bot.model.audit import Act, AuditEntry
from bot.privacy.bands import report_moved
from bot.privacy.permissions import count_besides_leads, find_small_sides
from bot.use_cases.enrol import enrol_again, read_roster


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


async def warn_of_small_sides(bot: Bot, alliances: Sequence[Alliance]) -> tuple[str, ...]:
    """Say of each side with too few people for a number that it is, as far as the platforms tell who is there."""
    found = []
    for alliance in alliances:
        people = await read_roster(alliance, bot.platforms)
        for side in find_small_sides(alliance, count_besides_leads(alliance, people or ())):
            name, least = alliance.organisation(side).name, alliance.minimum
            found.append(
                f"{alliance.key}: {name} has fewer than {least} people in the channels besides its leads, so no number "
                f"of it can appear, nor one of both companies: invite more people, or set pooled = true for one number "
                "of everyone together"
            )
    return tuple(found)


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


def name_operator(secret: bytes) -> str:
    """Return a pseudonym of this machine's account. Only the operators' own records tell who it is."""
    return (
        "operator:" + hmac.new(secret, f"operator\x00{_read_account()}".encode(), "sha256").hexdigest()[:16]
    )


def _read_account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return str(os.getuid())

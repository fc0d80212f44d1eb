"""Write the encrypted copy of a person's data: nothing readable leaves this module but into the sealed file."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from bot.app.cli import options
from bot.app.config.schema import Settings
from bot.app.runtime.bot import Bot
from bot.app.runtime.operator import note_by_operator
from bot.app.wiring import open_bot
from bot.model.alliance import Alliance, Channel, Member
from bot.model.delivery import Delivery
from bot.ports import PlatformError
from bot.privacy.pseudonym import make_pseudonym
from bot.wording.data_rights import report_data_copy
from storage import CopyKey, make_copy_key, seal_copy


async def find_alliances(bot: Bot, key: str | None) -> tuple[Alliance, ...]:
    """Return the alliance of that key, or all; raise click.ClickException where there is none."""
    everywhere = await bot.store.alliances.list_all()
    found = tuple(alliance for alliance in everywhere if key in (None, alliance.key))
    if not found:
        raise options.report_no_alliance(key, everywhere)
    return found


async def copy_data(settings: Settings, who: Member, key: str | None, out: Path, left: bool) -> str:
    """Write the sealed copy to a new file; return a passphrase to show, empty where the person has theirs.

    Raises click.ClickException where the person has not asked, or has not left.
    """
    async with open_bot(settings) as bot:
        found = await find_alliances(bot, key)
        passphrase, copy_key = await _find_key(bot, who, found, left)
        entry = note_by_operator(
            bot, "subject-data", key or "", f"copy sealed for a person who {'left' if left else 'asked'}"
        )
        told = [card for card in (_tell_person(bot, alliance, who) for alliance in found) if card]
        with _open_new(out) as file:
            kept = await bot.store.subject_data.copy_member(
                who, [alliance.key for alliance in found], told, entry
            )
            file.write(seal_copy(copy_key, json.dumps(kept, indent=2, default=str, ensure_ascii=False)))
        await bot.store.copy_requests.end_request(who)
    return passphrase


async def _find_key(
    bot: Bot, who: Member, alliances: tuple[Alliance, ...], left: bool
) -> tuple[str, CopyKey]:
    if left:
        await _require_gone(bot, who, alliances)
        return make_copy_key()
    for request in await bot.store.copy_requests.list_requests(bot.clock.now()):
        if (request.member.platform, request.member.id) == (who.platform, who.id):
            return "", request.key
    await bot.store.audit.note(note_by_operator(bot, "subject-data", "", "refused: the person has not asked"))
    raise click.ClickException(
        "this person has not asked for a copy within 30 days. They write “my data” to the bot; if they have left the "
        "chat, say --left"
    )


async def _require_gone(bot: Bot, who: Member, alliances: tuple[Alliance, ...]) -> None:
    """Raise click.ClickException while the person is in a channel, where they can ask themselves."""
    for alliance in alliances:
        for channel in alliance.channels:
            if channel.platform == who.platform and await _is_in(bot, who, channel):
                await bot.store.audit.note(
                    note_by_operator(bot, "subject-data", alliance.key, "refused: the person has not left")
                )
                raise click.ClickException(
                    f"this person is still in a channel of {alliance.key}: they write “my data” to the bot"
                )


async def _is_in(bot: Bot, who: Member, channel: Channel) -> bool:
    platform = bot.platforms.get(channel.platform)
    try:
        if platform is None:
            raise PlatformError("refused", "it is not set up here")
        return any(member.id == who.id for member in await platform.members(channel))
    except PlatformError as error:
        raise click.ClickException(
            f"{channel.platform} could not say who is in the channel ({error.reason}), so nothing was copied: "
            "try again where the bot runs"
        ) from None


@contextmanager
def _open_new(path: Path) -> Iterator[TextIO]:
    """Open a file that only its owner can read; raise click.ClickException where there is one, or it cannot be."""
    try:
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as file:
            yield file
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


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

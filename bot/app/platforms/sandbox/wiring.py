"""Build the sandbox: a chat on this machine, whose clock can be moved if no other platform is connected."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from adapters.sandbox.platform import Sandbox
from adapters.sandbox.view import Room
from adapters.sandbox.webhook import SandboxWebhook
from bot.app.demo.cast import DemoPeople
from bot.app.demo.player import Player
from bot.app.runtime.bot import Bot, Parts


async def wire_sandbox(bot: Bot, _: AsyncExitStack) -> Parts:
    """Build the platform and its routes; it must come last, because it looks for other platforms."""
    platform = Sandbox(bot.store.chat, bot.clock.now)
    here = bot.plug_in(Parts(platform))

    async def list_rooms() -> Sequence[Room]:
        return await _list_rooms(bot)

    player = None if bot.platforms else Player(here, DemoPeople(here))
    webhook = SandboxWebhook(bot.inbox, bot.store.chat, bot.clock.now, list_rooms, player)
    return Parts(platform, webhook.routes(), (webhook.open,))


async def _list_rooms(bot: Bot) -> Sequence[Room]:
    alliances = await bot.store.alliances.list_all()
    return [
        Room(channel, alliance.name, alliance.vision, alliance.timezone)
        for alliance in alliances
        for channel in alliance.channels
        if channel.platform == "sandbox"
    ]

"""The sandbox put together: a chat on this machine, with a clock where it is the only place to chat."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from adapters.sandbox.platform import Sandbox
from adapters.sandbox.view import Room
from adapters.sandbox.webhook import Webhook
from bot.app.demo.cast import DemoPeople
from bot.app.demo.player import Player
from bot.app.runtime.bot import Bot, Parts


async def connect(bot: Bot, _: AsyncExitStack) -> Parts:
    """Outbound and inbound. Plugged in last: what is there by then is all else that people chat on."""
    platform = Sandbox(bot.store.chat, bot.clock.now)
    here = bot.plug_in(Parts(platform))

    async def rooms() -> Sequence[Room]:
        return await _rooms(bot)

    player = None if bot.platforms else Player(here, DemoPeople(here))
    webhook = Webhook(bot.inbox, bot.store.chat, bot.clock.now, rooms, player)
    return Parts(platform, webhook.routes(), (webhook.open,))


async def _rooms(bot: Bot) -> Sequence[Room]:
    alliances = await bot.store.alliances.list_all()
    return [
        Room(channel, one.name, one.vision, one.timezone)
        for one in alliances
        for channel in one.channels
        if channel.platform == "sandbox"
    ]

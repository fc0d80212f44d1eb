"""Describe the sandbox as a platform of the bot: a chat page on this machine, for trials."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.app.config.section import Section
from bot.app.platforms.plugin import IdRules, PlatformPlugin

if TYPE_CHECKING:
    from bot.app.config.schema import Settings
    from bot.app.runtime.bot import Bot, Parts


class SandboxSection(Section):
    enabled: bool = False


def sandbox_section(settings: Settings) -> SandboxSection:
    return settings.section("sandbox", SandboxSection)


def is_sandbox_enabled(settings: Settings) -> bool:
    return sandbox_section(settings).enabled


async def connect_sandbox(bot: Bot, stack: AsyncExitStack) -> Parts:
    from bot.app.platforms.sandbox import wiring

    return await wiring.wire_sandbox(bot, stack)


SANDBOX = PlatformPlugin(
    name="sandbox",
    title="the sandbox",
    sections={"sandbox": SandboxSection()},
    ids=IdRules("sandbox"),
    is_wanted=is_sandbox_enabled,
    connect=connect_sandbox,
    is_left_by_companies=False,
    ways="Type one of these words after /pulse, mention me with it, or send it to me.",
)

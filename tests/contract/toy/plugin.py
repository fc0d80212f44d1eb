"""Toychat as the outer ring sees it: this value is all that has to be named."""

import re
from contextlib import AsyncExitStack

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot.app.config.schema import Settings
from bot.app.config.section import BadSettings, Section
from bot.app.platforms.plugin import IdRules, PlatformPlugin, Shape
from bot.app.runtime.bot import Bot, Parts
from tests.contract.toy.adapter import NAME, ToyPlatform, Webhook


class ToySection(Section):
    url: str = ""
    token: SecretStr = SecretStr("")


def toy_section(settings: Settings) -> ToySection:
    return settings.section("toy", ToySection)


def is_toy_wanted(settings: Settings) -> bool:
    return bool(toy_section(settings).url)


def check_toy(settings: Settings) -> None:
    if not toy_section(settings).token.get_secret_value():
        raise BadSettings("toy.token: not set; set PULSE_TOY__TOKEN")


async def connect_toy(bot: Bot, stack: AsyncExitStack) -> Parts:
    session = await stack.enter_async_context(aiohttp.ClientSession())
    section = toy_section(bot.settings)
    token = section.token.get_secret_value()
    webhook = Webhook(bot.inbox, token)
    platform = ToyPlatform(session, section.url, token)
    return Parts(platform, [web.post("/toy/events", webhook.take_event)])


TOY = PlatformPlugin(
    name=NAME,
    title="Toychat",
    sections={"toy": ToySection()},
    ids=IdRules("toy", address=Shape(re.compile(r"#[a-z]+"), "a Toychat channel, for example #joint")),
    is_wanted=is_toy_wanted,
    check=check_toy,
    connect=connect_toy,
)

"""Describe a chat platform to the outer ring in one value: settings, ids, wiring, doctor and manifest."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.app.config.section import Section

if TYPE_CHECKING:  # each of these knows platforms by now
    from bot.app.config.schema import Settings
    from bot.app.doctor.finding import Finding
    from bot.app.runtime.bot import Bot, Parts


@dataclass(frozen=True, slots=True)
class Shape:
    """How an id looks: a pattern that matches all of it, and in words what it is and where to find it."""

    pattern: re.Pattern[str]
    words: str


def join_nothing(_workspace: str, user: str) -> str:
    return user


@dataclass(frozen=True, slots=True)
class IdRules:
    """How an alliance file names companies, people and channels of a platform.

    `company_key`: the key in `[alliance.sponsor]` and `[alliance.cro]` that lists a company's ids.
    A shape that is None takes any text.
    """

    company_key: str
    company: Shape | None = None
    user: Shape | None = None
    address: Shape | None = None
    normalise: Callable[[str], str] = str
    """Make ids that are the same to the platform the same to us."""
    member_id: Callable[[str, str], str] = join_nothing
    """Workspace and user → the id that the adapter gives this person."""
    needs_workspace: bool = False
    """A user's id alone does not say who it is."""


def check_nothing(_: Settings) -> None:
    """Accept any settings."""


def is_never(_: Settings) -> bool:
    return False


async def find_nothing(_: Bot) -> list[Finding]:
    return []


@dataclass(frozen=True, slots=True, eq=False)
class PlatformPlugin:
    """All that the outer ring knows of a platform. What is heavy is imported by its functions when they are called.

    A new platform is a folder with such a value, and one line in `bot/app/platforms/__init__.py`.
    """

    name: str
    title: str
    """Its name as people write it."""
    sections: Mapping[str, Section]
    """Section of the configuration → its defaults. A key of the type SecretStr must not stand in the file."""
    ids: IdRules
    is_wanted: Callable[[Settings], bool]
    """Did anybody begin to set it up? Then it has to be right."""
    connect: Callable[[Bot, AsyncExitStack], Awaitable[Parts]]
    """Make the platform, outbound and inbound, from settings that passed `check`."""
    check: Callable[[Settings], None] = check_nothing
    """Raise BadSettings where something is missing or wrong."""
    is_public: Callable[[Settings], bool] = is_never
    """Can requests of the world come to this bot because of it?"""
    needs_public_url: Callable[[Settings], bool] = is_never
    """Does it have to know the bot's public address?"""
    diagnose: Callable[[Bot], Awaitable[list[Finding]]] = find_nothing
    """What the doctor finds; nothing where it is not set up."""
    is_left_by_companies: bool = True
    """Companies install the bot there, and can remove it."""
    manifest: click.Command | None = None
    """`pulse manifest NAME`: what to register the bot with."""

"""Describe a chat platform to the outer ring in one value: settings, ids, wiring, doctor and manifest."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.app.config.section import Section

if TYPE_CHECKING:  # these modules import the platforms themselves
    from bot.app.config.schema import Settings
    from bot.app.doctor.finding import Finding
    from bot.app.runtime.bot import Bot, Parts


@dataclass(frozen=True, slots=True)
class Shape:
    """Format of an id: a pattern for all of it, and words that say what it is and where to find it."""

    pattern: re.Pattern[str]
    words: str


def join_nothing(_workspace: str, user: str) -> str:
    """Return the user id: it is unique without its workspace."""
    return user


def accept_hosts(_companies: Set[str], _workspaces: Set[str]) -> None:
    """Accept any workspaces for any companies."""


@dataclass(frozen=True, slots=True)
class IdRules:
    """Rules by which an alliance file names companies, people and channels of a platform.

    `company_key`: the key in `[alliance.sponsor]` and `[alliance.cro]` that lists a company's ids.
    A shape that is None takes any text.
    """

    company_key: str
    company: Shape | None = None
    user: Shape | None = None
    address: Shape | None = None
    normalise: Callable[[str], str] = str
    """Map ids that are the same to the platform to one spelling."""
    member_id: Callable[[str, str], str] = join_nothing
    """Workspace and user → the id that the adapter gives this person."""
    needs_workspace: bool = False
    """True where a user's id is only unique together with its workspace."""
    check_hosts: Callable[[Set[str], Set[str]], None] = accept_hosts
    """Take both companies' ids and the workspaces of an alliance's channels; raise ValueError if they do not fit."""


def check_nothing(_: Settings) -> None:
    """Accept any settings."""


def is_never(_: Settings) -> bool:
    """Return False for any settings."""
    return False


async def find_nothing(_: Bot) -> list[Finding]:
    """Return no findings."""
    return []


@dataclass(frozen=True, slots=True, eq=False)
class PlatformPlugin:
    """Everything that the outer ring knows of a platform. Its functions import heavy modules when they are called.

    A new platform is a folder with such a value, and one line in `bot/app/platforms/__init__.py`.
    """

    name: str
    title: str
    """The platform's name as people write it."""
    sections: Mapping[str, Section]
    """Section of the configuration → its defaults. A key of the type SecretStr is refused in the file."""
    ids: IdRules
    is_wanted: Callable[[Settings], bool]
    """True where the settings name anything of it. Then `check` must pass."""
    connect: Callable[[Bot, AsyncExitStack], Awaitable[Parts]]
    """Make the platform, outbound and inbound, from settings that passed `check`."""
    check: Callable[[Settings], None] = check_nothing
    """Raise BadSettings where something is missing or wrong."""
    is_public: Callable[[Settings], bool] = is_never
    """True where it makes the bot reachable from the internet."""
    needs_public_url: Callable[[Settings], bool] = is_never
    """True where it needs the bot's public address."""
    diagnose: Callable[[Bot], Awaitable[list[Finding]]] = find_nothing
    """List the doctor's findings; none where the platform is not set up."""
    ways: str = ""
    """How people give a command there: a sentence for the help. Empty: by mention and by direct message."""
    is_left_by_companies: bool = True
    """True where companies install the bot and can remove it."""
    manifest: click.Command | None = None
    """`pulse manifest NAME`: write the file with which the bot is registered."""

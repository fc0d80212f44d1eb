"""Describe Microsoft Teams as a platform of the bot."""

from __future__ import annotations

import re
from collections.abc import Set
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from pydantic import SecretStr

from adapters.teams.identity import GUID, member_id
from bot.app.config.section import Section
from bot.app.platforms import manifest_options
from bot.app.platforms.plugin import IdRules, PlatformPlugin, Shape
from bot.model.alliance import GUESTS_OF

if TYPE_CHECKING:
    from bot.app.config.schema import Settings
    from bot.app.doctor.finding import Finding
    from bot.app.runtime.bot import Bot, Parts


IS_GUID = re.compile(GUID)


class TeamsBotSection(Section):
    """Hold the settings of one registration of the bot in Entra."""

    app_id: str = ""
    app_type: Literal["", "SingleTenant", "UserAssignedMSI"] = ""
    app_password: SecretStr = SecretStr("")
    app_certificate: SecretStr = SecretStr("")
    tenant_id: str = ""

    @property
    def is_begun(self) -> bool:
        """Return True if any setting of the registration is set."""
        secrets = (self.app_password, self.app_certificate)
        named = self.app_id or self.app_type or self.tenant_id
        return bool(named or any(secret.get_secret_value() for secret in secrets))


class TeamsSection(TeamsBotSection):
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    token_url: str = ""
    graph_url: str = "https://graph.microsoft.com"
    service_hosts: tuple[str, ...] = ("smba.trafficmanager.net",)

    @property
    def is_wanted(self) -> bool:
        """True if the setup of Teams was begun."""
        return self.is_begun


def teams_section(settings: Settings) -> TeamsSection:
    return settings.section("teams", TeamsSection)


def partner_section(settings: Settings) -> TeamsBotSection:
    return settings.section("teams_partner", TeamsBotSection)


def is_teams_wanted(settings: Settings) -> bool:
    return teams_section(settings).is_wanted


def check_teams(settings: Settings) -> None:
    from bot.app.platforms.teams import wiring

    wiring.check_teams_settings(settings)


async def connect_teams(bot: Bot, stack: AsyncExitStack) -> Parts:
    from bot.app.platforms.teams import wiring

    return await wiring.wire_teams(bot, stack)


async def diagnose_teams(bot: Bot) -> list[Finding]:
    from bot.app.platforms.teams import doctor

    return await doctor.diagnose_platform(bot)


def check_hosts(companies: Set[str], hosts: Set[str]) -> None:
    """Raise ValueError for a channel in a tenant of neither company, and for guests of a tenant without a channel."""
    for host in sorted(hosts - companies):
        raise ValueError(f"channel: the tenant {host!r} is not in `entra` of either company")
    for company in sorted(companies):
        if company.startswith(GUESTS_OF) and company.removeprefix(GUESTS_OF) not in hosts:
            raise ValueError(f"entra: {company!r}: no channel of the alliance is in that tenant")


@click.command("teams")
@manifest_options.config
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@manifest_options.public_url
@click.option("--partner", is_flag=True, help="Use the registration in teams_partner instead of teams.")
@click.option(
    "--mentions-only", is_flag=True, help="Do not ask to read all messages of the channel (no mood reading)."
)
@click.option("--slash", is_flag=True, help="Offer slash commands too (a preview in Teams).")
def teams_package(
    config_path: Path | None, file: Path, url: str | None, partner: bool, mentions_only: bool, slash: bool
) -> None:
    """Write the Teams app package to FILE (a .zip): upload it in the Teams admin centre.

    If FILE is an older package, the new one has a higher version. If nothing has changed, FILE stays as it is.
    """
    from adapters.teams.manifest import PackageOptions, renew_package
    from bot.app.cli.options import read_settings

    settings = read_settings(config_path)
    section = "teams_partner" if partner else "teams"
    app_id = settings.section(section, TeamsBotSection).app_id
    if not app_id:
        raise click.UsageError(f"{section}.app_id is not set: register the bot first, see docs/teams.md")
    if not IS_GUID.fullmatch(app_id.lower()):
        raise click.UsageError(f"{section}.app_id: must be an id like 00000000-0000-0000-0000-000000000000")
    address = manifest_options.choose_public_url(url, settings)
    wishes = PackageOptions(reads_channel=not mentions_only, slash=slash)
    old = file.read_bytes() if file.exists() else b""
    made = renew_package(old, datetime.now(UTC), app_id, address, wishes)
    if made.content == old:
        click.echo(f"{file} holds all of this already, in version {made.version}.")
        return
    file.write_bytes(made.content)
    click.echo(f"Written to {file}, version {made.version}.")


TEAMS = PlatformPlugin(
    name="teams",
    title="Microsoft Teams",
    sections={"teams": TeamsSection(), "teams_partner": TeamsBotSection()},
    ids=IdRules(
        "entra",
        company=Shape(re.compile(rf"({GUESTS_OF})?{GUID}"), "the id of an Entra tenant"),
        user=Shape(IS_GUID, "an object id in Entra"),
        address=Shape(
            re.compile(r"19:[^\s@;:]+@[^\s;]+"),
            "a Teams channel's id (19:…@thread.tacv2, nothing after a semicolon): it is in the channel's link, decoded",
        ),
        normalise=str.lower,
        member_id=member_id,
        needs_workspace=True,
        check_hosts=check_hosts,
    ),
    is_wanted=is_teams_wanted,
    check=check_teams,
    connect=connect_teams,
    is_public=is_teams_wanted,
    needs_public_url=is_teams_wanted,
    diagnose=diagnose_teams,
    manifest=teams_package,
    ways="Mention me with one of these words in the channel, or send it to me in our chat.",
)

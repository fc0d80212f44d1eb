"""Describe Slack as a platform of the bot."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from pydantic import SecretStr

from bot.app.config.section import Section
from bot.app.platforms import manifest_options
from bot.app.platforms.plugin import IdRules, PlatformPlugin, Shape

if TYPE_CHECKING:
    from bot.app.config.schema import Settings
    from bot.app.doctor.finding import Finding
    from bot.app.runtime.bot import Bot, Parts


class SlackSection(Section):
    signing_secret: SecretStr = SecretStr("")
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    workspace: str = ""
    api_url: str = "https://slack.com/api/"

    @property
    def is_wanted(self) -> bool:
        """True if any setting of Slack is set."""
        secrets = (self.signing_secret, self.bot_token, self.app_token, self.client_secret)
        return bool(self.client_id or any(secret.get_secret_value() for secret in secrets))


def slack_section(settings: Settings) -> SlackSection:
    return settings.section("slack", SlackSection)


def is_slack_wanted(settings: Settings) -> bool:
    return slack_section(settings).is_wanted


def is_slack_public(settings: Settings) -> bool:
    """Return True where Slack sends requests to this bot, False for Socket Mode alone."""
    return bool(slack_section(settings).signing_secret.get_secret_value())


def needs_slack_url(settings: Settings) -> bool:
    """Return False if the bot uses Socket Mode and nobody installs it with a browser."""
    section = slack_section(settings)
    by_socket = bool(section.app_token.get_secret_value()) and not section.client_id
    return section.is_wanted and not by_socket


def check_slack(settings: Settings) -> None:
    from bot.app.platforms.slack import wiring

    wiring.check_slack_settings(settings)


async def connect_slack(bot: Bot, stack: AsyncExitStack) -> Parts:
    from bot.app.platforms.slack import wiring

    return await wiring.assemble_slack(bot, stack)


async def diagnose_slack(bot: Bot) -> list[Finding]:
    from bot.app.platforms.slack import doctor

    return await doctor.inspect_slack(bot)


@click.command("slack")
@manifest_options.config
@manifest_options.public_url
@click.option("--mode", type=click.Choice(["single", "oauth", "socket"]), default="single", show_default=True)
def slack_manifest(
    config_path: Path | None, url: str | None, mode: Literal["single", "oauth", "socket"]
) -> None:
    """Print the Slack app manifest as JSON: create the app from it."""
    from adapters.slack.manifest import build_slack_manifest
    from bot.app.cli.options import read_settings

    is_reached = mode != "socket"
    address = manifest_options.choose_public_url(url, read_settings(config_path)) if is_reached else ""
    click.echo(json.dumps(build_slack_manifest(mode, address), indent=2, ensure_ascii=False))


SLACK = PlatformPlugin(
    name="slack",
    title="Slack",
    sections={"slack": SlackSection()},
    ids=IdRules(
        "slack",
        company=Shape(re.compile(r"[TE][A-Z0-9]+"), "the id of a Slack workspace (T…) or organisation (E…)"),
        user=Shape(re.compile(r"[UW][A-Z0-9]+"), "a Slack member's id (U…): profile → ⋮ → Copy member ID"),
        address=Shape(
            re.compile(r"[CG][A-Z0-9]+"),
            "a Slack channel's id (C…): it stands at the bottom of the channel's details",
        ),
    ),
    is_wanted=is_slack_wanted,
    check=check_slack,
    connect=connect_slack,
    is_public=is_slack_public,
    needs_public_url=needs_slack_url,
    diagnose=diagnose_slack,
    manifest=slack_manifest,
    ways="Mention me with one of these words, or send it to me. If your company installed me, type it after /pulse.",
)

"""Build the Teams app package: a zip of manifest and icons that an administrator of each company uploads.

https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/
"""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files

from adapters.teams.consent import IN_CHATS, IN_TEAMS
from adapters.teams.identity import Json
from bot.use_cases.command import COMMANDS

VERSION = "1.29"
_SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"
_SCOPES = ("team", "personal", "groupChat")
_READS = (IN_TEAMS, "TeamsAppInstallation.Read.Group", IN_CHATS, "TeamsAppInstallation.Read.Chat")
"""Resource-specific permissions: to read all messages instead of mentions only, and to list what was granted."""
_MEMBERS = "ChannelMember.Read.Group"
"""The permission to read the members of a shared channel, and to hear of them: without it no company is known there.
https://learn.microsoft.com/en-us/microsoftteams/platform/build-apps-for-shared-private-channels
https://learn.microsoft.com/en-us/microsoftteams/platform/graph-api/rsc/resource-specific-consent"""


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """Hold the choices of whoever builds the package.

    `reads_channel`: ask the team's owner to pass on all messages, which the mood reading needs. `slash`: offer private
    slash commands too; this is a preview that a tenant's administrator may have to allow first.
    """

    reads_channel: bool = True
    slash: bool = False


@dataclass(frozen=True, slots=True, order=True)
class PackageVersion:
    """A version as Teams compares it. Administrators can replace a package only by one of a higher version.

    https://learn.microsoft.com/en-us/microsoftteams/platform/concepts/deploy-and-publish/appsource/post-publish/overview
    """

    major: int = 1
    minor: int = 0
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


FIRST = PackageVersion()


@dataclass(frozen=True, slots=True)
class Package:
    """An app package: the bytes of its zip, and its version."""

    content: bytes
    version: PackageVersion


_MOST_COMMANDS = 12
"""Of a list, as Teams allows; `help` names those that come later."""


def build_teams_manifest(
    app_id: str, public_url: str, wishes: PackageOptions = PackageOptions(), version: PackageVersion = FIRST
) -> Json:
    """Return the app manifest for one registration of the bot."""
    root = public_url.rstrip("/")
    wanted = (_MEMBERS, *(_READS if wishes.reads_channel else ()))
    asked = [{"name": name, "type": "Application"} for name in wanted]
    return {
        "$schema": _SCHEMA,
        "manifestVersion": VERSION,
        "version": str(version),
        "id": app_id,
        "developer": {
            "name": "Alliance Pulse",
            "websiteUrl": root,
            "privacyUrl": f"{root}/privacy",
            "termsOfUseUrl": f"{root}/terms",
        },
        "name": {"short": "Alliance Pulse", "full": "Alliance Pulse"},
        "description": {
            "short": "Measures how well a pharma sponsor and its CRO work together",
            "full": _DESCRIPTION,
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1F3A5F",
        "bots": [_describe_bot(app_id, wishes)],
        # Shared and private channels too: https://learn.microsoft.com/en-us/microsoftteams/platform/build-apps-for-shared-private-channels
        "supportsChannelFeatures": "tier1",
        "validDomains": [],
        "webApplicationInfo": {"id": app_id, "resource": f"api://{app_id}"},
        "authorization": {"permissions": {"resourceSpecific": asked}},
    }


def _describe_bot(app_id: str, wishes: PackageOptions) -> Json:
    bot: Json = {
        "botId": app_id,
        "scopes": list(_SCOPES),
        "isNotificationOnly": False,
        "supportsFiles": False,
        "commandLists": [_list_commands(scope, wishes) for scope in _SCOPES],
    }
    return {**bot, "supportsTargetedMessages": True} if wishes.slash else bot


def _list_commands(scope: str, wishes: PackageOptions) -> Json:
    """Return the command list of one scope.

    https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/root-bots-command-lists
    """
    listed = [
        {"title": command.verb, "description": f"{'for leads: ' * command.for_leads}{command.summary}"}
        for command in COMMANDS.values()
        if command.summary
    ]
    found: Json = {"scopes": [scope], "commands": listed[:_MOST_COMMANDS]}
    return {**found, "triggers": ["mention", "slash"]} if wishes.slash and scope != "personal" else found


def build_package(
    app_id: str, public_url: str, wishes: PackageOptions = PackageOptions(), version: PackageVersion = FIRST
) -> bytes:
    """Return the zip; the same arguments give the same bytes."""
    icons = files("adapters.teams") / "icons"
    manifest = build_teams_manifest(app_id, public_url, wishes, version)
    contents = {
        "manifest.json": json.dumps(manifest, indent=2).encode(),
        "color.png": (icons / "color.png").read_bytes(),
        "outline.png": (icons / "outline.png").read_bytes(),
    }
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return zipped.getvalue()


def renew_package(
    old: bytes, now: datetime, app_id: str, public_url: str, wishes: PackageOptions = PackageOptions()
) -> Package:
    """Return `old` if it holds all of this already, or else a package of a higher version.

    The version is the minute of `now`, so that it is also above that of a package that was lost.
    """
    previous = _read_version(old)
    if previous and build_package(app_id, public_url, wishes, previous) == old:
        return Package(old, previous)
    version = PackageVersion(now.year, now.month * 100 + now.day, now.hour * 100 + now.minute)
    if previous and previous >= version:
        version = replace(previous, patch=previous.patch + 1)
    return Package(build_package(app_id, public_url, wishes, version), version)


def _read_version(package: bytes) -> PackageVersion | None:
    """Return the version of a package; None for anything else."""
    try:
        told = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("manifest.json"))["version"]
        return PackageVersion(*map(int, told.split(".")))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return None


_DESCRIPTION = (
    "Alliance Pulse lives in the joint channel of a sponsor and its CRO. It asks a few short questions a week, keeps "
    "the answers confidential, and shows both companies how well aligned they are. Alliance leads are told when "
    "alignment drops, and get one digest a week. Answers are only ever shown inside numbers that at least five people "
    "of a company make up together."
)

"""The Teams app package: a zip of manifest and icons, to be uploaded by an administrator of each company.

https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/
"""

import io
import json
import zipfile
from importlib.resources import files

from adapters.teams.actor import Json

VERSION = "1.19"
_SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"
_SCOPES = ["team", "personal", "groupChat"]
_COMMANDS = (
    ("score", "How aligned we are"),
    ("pulse", "The open question, privately"),
    ("comment", "A confidential comment on the open question"),
    ("vision", "What this alliance is for"),
    ("privacy", "Who sees what"),
    ("digest", "For leads: the newest summary for your side"),
    ("alerts", "For leads: what was noticed lately"),
    ("help", "Everything I can do"),
)
READS_ALL = "ChannelMessage.Read.Group"
"""The resource-specific permission with which the bot gets every message of a channel, not its mentions only:
https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/channel-messages-with-rsc"""


def manifest(app_id: str, public_url: str, reads_channel: bool = True) -> Json:
    """For one registration of the bot. `reads_channel`: ask a team's owner for its messages, for the mood reading."""
    root = public_url.rstrip("/")
    asked = [{"name": READS_ALL, "type": "Application"}] if reads_channel else []
    return {
        "$schema": _SCHEMA,
        "manifestVersion": VERSION,
        "version": "1.0.0",
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
        "bots": [
            {
                "botId": app_id,
                "scopes": _SCOPES,
                "isNotificationOnly": False,
                "supportsFiles": False,
                "commandLists": [{"scopes": _SCOPES, "commands": _commands()}],
            }
        ],
        "validDomains": [],
        "webApplicationInfo": {"id": app_id, "resource": f"api://{app_id}"},
        "authorization": {"permissions": {"resourceSpecific": asked}},
    }


def package(app_id: str, public_url: str, reads_channel: bool = True) -> bytes:
    """The zip, the same bytes for the same arguments."""
    icons = files("adapters.teams") / "icons"
    contents = {
        "manifest.json": json.dumps(manifest(app_id, public_url, reads_channel), indent=2).encode(),
        "color.png": (icons / "color.png").read_bytes(),
        "outline.png": (icons / "outline.png").read_bytes(),
    }
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return zipped.getvalue()


def _commands() -> list[Json]:
    return [{"title": title, "description": description} for title, description in _COMMANDS]


_DESCRIPTION = (
    "Alliance Pulse lives in the joint channel of a sponsor and its CRO. It asks a few short questions a week, keeps "
    "the answers confidential, and shows both companies how well aligned they are. Alliance leads are told when "
    "alignment drops, and get one digest a week. Answers are only ever shown inside numbers that at least five people "
    "of a company make up together."
)

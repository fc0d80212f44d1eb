"""List the chat platforms of this bot. A new platform is a folder here and a line in `PLUGINS`."""

from bot.app.platforms.plugin import PlatformPlugin
from bot.app.platforms.sandbox.plugin import SANDBOX
from bot.app.platforms.slack.plugin import SLACK
from bot.app.platforms.teams.plugin import TEAMS

Plugins = tuple[PlatformPlugin, ...]

PLUGINS: Plugins = (SLACK, TEAMS, SANDBOX)
"""In the order of connecting. The sandbox is last: its clock may only move where no real platform is connected."""

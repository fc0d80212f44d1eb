"""The chat platforms that this bot knows. A new one is a folder here, and a line in `PLUGINS`."""

from bot.app.platforms.plugin import PlatformPlugin
from bot.app.platforms.sandbox.plugin import SANDBOX
from bot.app.platforms.slack.plugin import SLACK
from bot.app.platforms.teams.plugin import TEAMS

Plugins = tuple[PlatformPlugin, ...]

PLUGINS: Plugins = (SLACK, TEAMS, SANDBOX)
"""In the order in which they are connected. The sandbox is last: its clock moves only where nobody else chats."""

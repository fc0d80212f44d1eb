"""How the simulated bot is set up: its alliance, its environment, and when its pulse is due."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.app.config.load import load_settings
from bot.app.config.schema import Settings
from tests.far.teams_state import APP, JOINT, MERIDIAN, NORTHWIND, PASSWORD
from tests.slow.simulation.virtual_time import BEGIN
from tests.slow.slack_testbed import PSEUDONYM_SECRET, SIGNING_SECRET

SLACK, TEAMS, BOT = 8001, 8002, 8003
"""Ports."""
SLOT = BEGIN + timedelta(minutes=5)
OPEN = timedelta(hours=1)
PEOPLE = 6
"""Of each company on Slack, the lead among them."""
ENCRYPTION_KEY = "c2ltdWxhdGlvbi1vbmx5LW5vdC1hLXNlY3JldC1rZXk="
KEY = "northwind-meridian"
ALLIANCE = f"""
[[alliance]]
key = "{KEY}"
name = "Northwind × Meridian"
timezone = "Europe/Berlin"
[alliance.sponsor]
name = "Northwind Pharma"
slack = ["T0NORTHWIND"]
entra = ["{NORTHWIND}"]
leads = [{{ platform = "slack", workspace = "T0NORTHWIND", user = "U0ANNA" }}]
[alliance.cro]
name = "Meridian CRO"
slack = ["T0MERIDIAN"]
entra = ["{MERIDIAN}"]
leads = [{{ platform = "slack", workspace = "T0NORTHWIND", user = "U0BEN" }}]
[[alliance.channel]]
platform = "slack"
workspace = "T0NORTHWIND"
address = "C0JOINT"
[[alliance.channel]]
platform = "teams"
workspace = "{NORTHWIND}"
address = "{JOINT}"
[[alliance.pulse]]
key = "weekly"
days = ["tue"]
time = "09:00"
open_hours = 1
remind_hours = 0
"""


@cache
def settings(file: Path) -> Settings:
    """As an operator sets the bot up, on the database in that file."""
    config = file.with_suffix(".toml")
    config.write_text(ALLIANCE)
    far = f"http://127.0.0.1:{TEAMS}"
    return load_settings(
        config,
        {
            "PULSE_ENV": "test",
            "PULSE_DATABASE__URL": f"sqlite:///{file}",
            "PULSE_PRIVACY__SECRET": PSEUDONYM_SECRET,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": ENCRYPTION_KEY,
            "PULSE_SLACK__SIGNING_SECRET": SIGNING_SECRET,
            "PULSE_SLACK__BOT_TOKEN": "xoxb-T0NORTHWIND",
            "PULSE_SLACK__WORKSPACE": "T0NORTHWIND",
            "PULSE_SLACK__API_URL": f"http://127.0.0.1:{SLACK}/api/",
            "PULSE_TEAMS__APP_ID": APP,
            "PULSE_TEAMS__APP_TYPE": "SingleTenant",
            "PULSE_TEAMS__APP_PASSWORD": PASSWORD,
            "PULSE_TEAMS__TENANT_ID": NORTHWIND,
            "PULSE_TEAMS__OPENID_METADATA_URL": f"{far}/v1/.well-known/openidconfiguration",
            "PULSE_TEAMS__TOKEN_URL": f"{far}/entra/oauth2/v2.0/token",
            "PULSE_TEAMS__GRAPH_URL": far,
            "PULSE_TEAMS__SERVICE_HOSTS": far.removeprefix("http://"),
        },
    )

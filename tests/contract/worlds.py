"""Every platform that must pass the contract suite."""

from tests.contract.slack_world import slack_world
from tests.contract.world import MakeWorld

WORLDS: dict[str, MakeWorld] = {"slack": slack_world}

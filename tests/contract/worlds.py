"""Every platform that must pass the contract suite."""

from tests.contract.sandbox_world import sandbox_world
from tests.contract.slack_world import slack_world
from tests.contract.teams_world import teams_world
from tests.contract.toy.world import toy_world
from tests.contract.world import MakeWorld

WORLDS: dict[str, MakeWorld] = {
    "sandbox": sandbox_world,
    "slack": slack_world,
    "teams": teams_world,
    "toy": toy_world,
}
